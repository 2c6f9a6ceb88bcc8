// Owns the text of docs/configuration.md: tables from the schema, and samples that a test gives to the real OpenClaw.
import { asObject, asString, type JsonObject } from "../src/gotify/parse.ts";
import { topics } from "../src/config/schema.zod.ts";
import { PARTS, SAMPLES } from "./configuration-prose.ts";
import { channelJsonSchema } from "./manifest.ts";

/** Of a whole number without a bound. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;
/** What stands for a name that the operator chooses, by group. Default: `<id>`. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { "connection.headers": "<name>" };

interface Row {
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** The whole file, in the form that the formatter leaves as it is. */
export function configurationDoc(): string {
  const properties = asObject(asObject(channelJsonSchema())?.["properties"]) ?? {};
  const rowsOf = (keys: readonly string[]): readonly Row[] =>
    keys.flatMap((key) => rows(key, asObject(properties[key]) ?? {}));
  return `${[
    PARTS.introduction,
    "## Samples",
    ...SAMPLES.map(({ title, text, config }) =>
      [`### ${title}`, text, `\`\`\`json\n${json(config)}\n\`\`\``].join("\n\n"),
    ),
    PARTS.inheritance,
    "## All keys",
    PARTS.tables,
    ...topics.flatMap(({ title, keys }) => {
      const note = PARTS.notes[title];
      return [`### ${title}`, ...(note === undefined ? [] : [note]), table(rowsOf(keys))];
    }),
    "### Only at the root",
    table(rowsOf(["defaultAccount", "healthToken", "accounts"])),
    "## Elsewhere",
    grid(["Where", "What"], PARTS.elsewhere),
  ].join("\n\n")}\n`;
}

/** One row for each key that takes a value; a group's own description stands in front of its keys. */
function rows(key: string, schema: JsonObject): readonly Row[] {
  // Its keys are those of the root.
  const members = key === "accounts" ? undefined : membersOf(schema, PLACEHOLDERS[key] ?? "<id>");
  if (members === undefined) return [row(key, schema)];
  return Object.entries(members).flatMap(([name, member]) =>
    rows(`${key}.${name}`, asObject(member) ?? {}),
  );
}

function membersOf(schema: JsonObject, name: string): JsonObject | undefined {
  const entries = asObject(schema["additionalProperties"]);
  return asObject(schema["properties"]) ?? (entries && { [name]: described(entries, schema) });
}

/** A value that says nothing of itself is described by the group that it stands in. */
function described(schema: JsonObject, group: JsonObject): JsonObject {
  return asObject(schema["properties"]) === undefined
    ? { description: group["description"], ...schema }
    : schema;
}

function row(key: string, schema: JsonObject): Row {
  const description = asString(schema["description"]) ?? "";
  const [, meaning = description, value = ""] =
    /^([^]*?)\s*Default: ([^]+?)\.$/.exec(description) ?? [];
  const isLiteral = /^(?!none$|all$)[\w."*]+$/.test(value);
  return { key, type: typeOf(schema), default: isLiteral ? `\`${value}\`` : value, meaning };
}

function typeOf(schema: JsonObject): string {
  const variants = variantsOf(schema);
  if (variants.length > 0) return variantsType(variants);
  const named = fixedValues(schema);
  if (named.length > 0) return named.map((value) => `\`${String(value)}\``).join(", ");
  switch (schema["type"]) {
    case "array":
      return `list of ${typeOf(asObject(schema["items"]) ?? {})}`;
    case "integer":
    case "number":
      return numberType(schema);
    case "boolean":
      return "`true`, `false`";
    case "object":
      return "accounts by id";
    default:
      return "text";
  }
}

/** The only values, also where they stand behind `allOf` for the sake of forms. */
function fixedValues(schema: JsonObject): readonly unknown[] {
  const all: readonly unknown[] = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  const said = all.flatMap((part) => fixedValues(asObject(part) ?? {}));
  const values: readonly unknown[] = Array.isArray(schema["enum"])
    ? schema["enum"]
    : [schema["const"]];
  return [...said, ...values.filter((value) => value !== undefined)];
}

function variantsType(variants: readonly JsonObject[]): string {
  if (variants.some((variant) => asObject(variant["properties"])?.["source"] !== undefined)) {
    return "text or SecretRef";
  }
  if (variants.some((variant) => asString(variant["pattern"])?.includes("app:"))) {
    return "application ids";
  }
  const types = variants.map(typeOf);
  // Only a list of who may talk takes any number.
  if (types.includes("number")) return 'ids, groups or `"*"`';
  const isPriority = types.some((type) => type.includes("`normal`"));
  return isPriority ? "whole number or name" : [...new Set(types)].join(" or ");
}

function numberType(schema: JsonObject): string {
  const { minimum, maximum, exclusiveMinimum } = schema;
  const kind = schema["type"] === "integer" ? "whole number" : "number";
  const from = typeof minimum === "number" && minimum > -NO_BOUND ? minimum : undefined;
  const to = typeof maximum === "number" && maximum < NO_BOUND ? maximum : undefined;
  if (typeof exclusiveMinimum === "number") {
    return `${kind} above ${exclusiveMinimum}${to === undefined ? "" : `, up to ${to}`}`;
  }
  if (from === undefined) return kind;
  return to === undefined ? `${kind} from ${from}` : `${kind}, ${from} to ${to}`;
}

/** A union in a union is one to the reader. */
function variantsOf(schema: JsonObject): readonly JsonObject[] {
  const value = schema["anyOf"] ?? schema["oneOf"];
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => {
    const variant = asObject(entry);
    if (variant === undefined) return [];
    const inner = variantsOf(variant);
    return inner.length === 0 ? [variant] : inner;
  });
}

function table(lines: readonly Row[]): string {
  return grid(
    ["Key", "Type", "Default", "Meaning"],
    lines.map((line) => [`\`${line.key}\``, line.type, line.default, line.meaning]),
  );
}

function grid(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const cells = [head, ...lines].map((line) => line.map(cellText));
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((line) => (line[column] ?? "").length)),
  );
  const [first = "", ...others] = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [first, rule, ...others].join("\n");
}

/** In the schema's plain text, `"*"` would begin emphasis, and `<name>` would be HTML. */
function cellText(text: string): string {
  return text
    .trim()
    .replaceAll("|", "\\|")
    .split("`")
    .map((part, index) =>
      // Every second one is code.
      index % 2 === 1 ? part : part.replaceAll('"*"', '`"*"`').replaceAll(/(\w+:)?<\w+>/g, "`$&`"),
    )
    .join("`");
}

/** Short lists on one line, as the formatter has them. */
function json(value: unknown): string {
  const scalar = String.raw`(?:"[^"\n]*"|\d+)`;
  return JSON.stringify(value, null, 2).replaceAll(
    new RegExp(String.raw`\[\s+(${scalar}(?:,\s+${scalar})*)\s+\]`, "g"),
    (_, entries: string) => `[${entries.replaceAll(/,\s+/g, ", ")}]`,
  );
}
