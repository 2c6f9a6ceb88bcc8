// Owns bodies in XML, YAML and TOML as far as anybody might send a message in them: one flat list of fields.
import type { Field, Shape } from "./binding.ts";

/** Not to be read. The words are the server's only where the server cannot read it either. */
export class OtherBodyError extends Error {}

type Fields = ReadonlyArray<readonly [field: Field, text: string]>;

/** @throws {OtherBodyError} Undefined: of a type that counts as a form. */
export function readOtherBody(shape: Shape, type: string, body: Buffer): Fields | undefined {
  const text = body.toString("utf8");
  switch (type) {
    case "application/xml":
    case "text/xml":
      return readXml(shape, text);
    case "application/x-yaml":
    case "application/yaml":
      return readYaml(shape, text);
    case "application/toml":
      return readToml(shape, text);
    case "application/x-protobuf":
      throw new OtherBodyError("obj is not ProtoMessage");
    default:
      return undefined;
  }
}

const XML_TOKEN = /<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<![^>]*>|<[^>]*>|[^<]+/gs;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

/** Elements are called as the server calls its fields inside, not as in JSON, and the root as one likes. */
function readXml(shape: Shape, text: string): Fields {
  const fields: Array<readonly [Field, string]> = [];
  const open: string[] = [];
  let content = "";
  for (const [token] of text.matchAll(XML_TOKEN)) {
    if (token.startsWith("<![CDATA[")) content += token.slice(9, -3);
    else if (/^<[!?]/.test(token)) continue;
    else if (token.startsWith("</")) {
      const name = token.slice(2, -1).trim();
      closeElement(open.pop() ?? "", name, text);
      const field = open.length === 1 ? xmlField(shape, name) : undefined;
      if (field !== undefined) fields.push([field, content]);
      if (open.length === 0) return fields;
      content = "";
    } else if (token.startsWith("<")) {
      const [name = ""] = /[^\s/>]+/.exec(token.slice(1)) ?? [];
      if (!token.endsWith("/>")) open.push(name);
      content = "";
    } else if (open.length > 0) content += token.replace(/&(\w+);/g, unescapeEntity);
  }
  throw new OtherBodyError(open.length === 0 ? "EOF" : `${syntaxError(text)}: unexpected EOF`);
}

function closeElement(opened: string, closed: string, text: string): void {
  if (opened === closed) return;
  const problem = `element <${opened}> closed by </${closed}>`;
  throw new OtherBodyError(`${syntaxError(text)}: ${problem}`);
}

/** The emulator does not count lines in the middle of a body. */
function syntaxError(text: string): string {
  return `XML syntax error on line ${text.split("\n").length}`;
}

function xmlField({ fields }: Shape, element: string): Field | undefined {
  const field = fields.find(({ name }) => goName(name) === element);
  if (field?.type === "map") throw new OtherBodyError("unknown type map[string]interface {}");
  return field;
}

function goName(name: string): string {
  return name === "appid" ? "ApplicationID" : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function unescapeEntity(entity: string, name: string): string {
  return ENTITIES[name] ?? entity;
}

/** Lines of `name: value`, the value plain or quoted. */
function readYaml(shape: Shape, text: string): Fields {
  if (text.trim() === "") throw new OtherBodyError("EOF");
  return linesOf(text).flatMap((line) => {
    const [, name, value] = /^([\w-]+):(?: +(.*))?$/.exec(line) ?? [];
    const field = shape.fields.find((one) => one.name === name);
    if (name === undefined) throw notPlayed("YAML");
    return field === undefined ? [] : [[field, scalar(value ?? "", "YAML")] as const];
  });
}

/** Lines of `name = value`, the name in any case. */
function readToml(shape: Shape, text: string): Fields {
  return linesOf(text).flatMap((line) => {
    const [, name, value] = /^([\w-]+)\s*=\s*(\S.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw notPlayed("TOML");
    const field = shape.fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) return [];
    const isText = /^["']/.test(value);
    if (isText !== (field.type === "string")) throw notPlayed("TOML");
    return [[field, scalar(value, "TOML")] as const];
  });
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

function scalar(text: string, format: string): string {
  const value = text.trim();
  const [, literal] = /^'(.*)'$/.exec(value) ?? [];
  if (literal !== undefined) return literal;
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value) ?? [];
  if (quoted !== undefined) return quoted.replace(/\\(.)/g, "$1");
  if (/^[[\]{}|>&*!"'%@`]|\s#/.test(value)) throw notPlayed(format);
  return value;
}

function notPlayed(format: string): OtherBodyError {
  return new OtherBodyError(`the emulator reads only a flat list of fields as ${format}`);
}
