// Owns the proof that no key is left without a label, a meaning and a default, and that the documentation is the generated one.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationDoc } from "../../scripts/configuration-doc.ts";
import { channelJsonSchema } from "../../scripts/manifest.ts";
import { topics, uiHints } from "../../src/config/schema.zod.ts";
import { asObject, asString, type JsonObject } from "../../src/gotify/parse.ts";

/** They name something of the operator's, for which there is no default. */
const WITHOUT_DEFAULT = [
  "name",
  "serverUrl",
  "appToken",
  "appTokenFile",
  "clientToken",
  "clientTokenFile",
  "connection.caFile",
  "connection.clientCertFile",
  "connection.clientKeyFile",
  "connection.clientKey",
  "connection.headers.*",
  "applications.*.priority",
];

interface Key {
  readonly path: string;
  readonly schema: JsonObject;
  readonly isGroup: boolean;
}

const root = asObject(channelJsonSchema()) ?? {};

/** Every key and group below, with `*` for a name that the operator chooses. */
function keysOf(schema: JsonObject, prefix = ""): readonly Key[] {
  const named = Object.entries(asObject(schema["properties"]) ?? {});
  const any = asObject(schema["additionalProperties"]);
  const members = any === undefined ? named : [["*", any] as const, ...named];
  return members.flatMap(([name, member]) => {
    const child = asObject(member) ?? {};
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const below = keysOf(child, path);
    return [{ path, schema: child, isGroup: below.length > 0 }, ...below];
  });
}

const keys = keysOf(root);
const ofAccount = keys.filter(
  ({ path }) => !/^(?:accounts|defaultAccount|healthToken)\b/.test(path),
);

test("docs/configuration.md is the generated one", () => {
  const path = new URL("../../docs/configuration.md", import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(configurationDoc());
});

test("every key has a label, at the root and in an account, and no label is for a key that is none", () => {
  const paths = keys.map(({ path }) => path).filter((path) => path !== "accounts.*");
  const labelled = Object.entries(uiHints).filter(([, { label }]) => label.trim() !== "");
  const labels = labelled.map(([path]) => path);
  // A list's entries may have one, and need none.
  const lists = keys.filter(({ schema }) => schema["type"] === "array").map(({ path }) => path);
  const ofEntries = new Set(lists.map((path) => `${path}.*`));
  expect(labels.filter((path) => !ofEntries.has(path)).toSorted()).toEqual(paths.toSorted());
  const inAccounts = Object.entries(uiHints).filter(([path]) => path.startsWith("accounts.*."));
  for (const [path, hint] of inAccounts) {
    expect(hint).toEqual(uiHints[path.slice("accounts.*.".length)]);
  }
});

test("every account has every key that the root has, and its form names no variable of the account default", () => {
  const inAccounts = keys.filter(({ path }) => path.startsWith("accounts.*."));
  const seen = inAccounts.map(({ path, schema }) => {
    const { title, ...rest } = schema;
    const name = path.slice("accounts.*.".length);
    // The host's own hint stands in front of ours for some keys, and has no label.
    expect(title, path).toBe(name.includes(".") ? undefined : uiHints[name]?.label);
    return [name, rest];
  });
  const withoutDefault = (text: string | undefined): string | undefined =>
    text?.replace(/ For the account default, GOTIFY_\w+ in the environment [^.]+\./, "");
  expect(seen).toEqual(
    ofAccount.map(({ path, schema }) => [
      path,
      { ...schema, description: withoutDefault(asString(schema["description"])) },
    ]),
  );
  expect(JSON.stringify(seen)).not.toContain("GOTIFY_");
});

test("OpenClaw's own text for a key of all channels stands in front of no description", () => {
  const shared = ["allowFrom", "dmHistoryLimit", "dmPolicy", "textChunkLimit", "streaming"];
  for (const path of [...shared, ...shared.map((key) => `accounts.*.${key}`), "defaultAccount"]) {
    const description = keys.find((key) => key.path === path)?.schema["description"];
    expect(uiHints[path]?.help, path).toBe(description);
  }
});

test("forms can show every key: none is a union of a type and fixed values, or a union within another", () => {
  const variantsOf = ({ schema }: Key): readonly JsonObject[] =>
    (Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []).map((entry) => asObject(entry) ?? {});
  const entries = keys.flatMap(({ path, schema, isGroup }) => {
    const items = asObject(schema["items"]);
    return items === undefined ? [] : [{ path: `${path}[]`, schema: items, isGroup }];
  });
  const unions = [...keys, ...entries].filter((key) => variantsOf(key).length > 0);
  expect(unions.length).toBeGreaterThan(10);
  // A secret is one: the host shows a text or a SecretRef in a field of its own.
  const bad = unions.filter((key) =>
    variantsOf(key).some((one) => one["type"] === undefined && one["oneOf"] === undefined),
  );
  const fixed = unions.filter((key) =>
    variantsOf(key).some((one) => one["enum"] !== undefined || one["const"] !== undefined),
  );
  const lists = [...keys, ...entries].filter(({ schema }) => Array.isArray(schema["type"]));
  expect([...bad, ...fixed, ...lists].map(({ path }) => path)).toEqual([]);
});

test("every key says what it means, and what holds without it", () => {
  const said = ({ schema }: Key): string => asString(schema["description"]) ?? "";
  const values = ofAccount.filter(({ isGroup }) => !isGroup);
  const undescribed = values.filter(
    (key) => !/\w.*\.$/.test(said(key).split(" Default:")[0] ?? ""),
  );
  // A member that the operator names is described by its group.
  expect(undescribed.map(({ path }) => path)).toEqual(["connection.headers.*"]);
  const open = values.filter((key) => !/ Default: \S.*\.$/.test(said(key)));
  expect(open.map(({ path }) => path).toSorted()).toEqual(WITHOUT_DEFAULT.toSorted());
});

test("a key that holds a time, a size or a length says in which unit", () => {
  const measured = ofAccount.filter(({ path }) =>
    /(?:Ms|Seconds|Minutes|Mb|Bytes|Chars|Limit)$/.test(path),
  );
  expect(measured.length).toBeGreaterThan(10);
  const unit = /milliseconds|seconds|minutes|\bMB\b|bytes|characters|turns/i;
  for (const { path, schema } of measured) {
    expect(asString(schema["description"]), path).toMatch(unit);
  }
});

test("every key of an account stands under one topic of the documentation", () => {
  const listed = topics.flatMap((topic) => topic.keys);
  const top = ofAccount.filter(({ path }) => !path.includes("."));
  expect(listed.toSorted()).toEqual(top.map(({ path }) => path).toSorted());
});

test("secrets are marked as such", () => {
  const secret = Object.entries(uiHints).filter(([, { sensitive }]) => sensitive === true);
  const paths = secret.map(([path]) => path).filter((path) => !path.startsWith("accounts."));
  expect(paths.toSorted()).toEqual([
    "appToken",
    "clientToken",
    "connection.clientKey",
    "connection.headers.*",
    "healthToken",
  ]);
});
