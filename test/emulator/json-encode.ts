// Owns writing JSON byte for byte as Gotify's server does: its escapes, its key order, its numbers.

/**
 * What can be written. A plain object keeps its order and leaves out undefined members (a struct there),
 * a Map is written with sorted keys (a map there), a bigint is an integer that a double could not hold.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | ReadonlyMap<string, Json>
  | JsonStruct;

export interface JsonStruct {
  readonly [key: string]: Json | undefined;
}

export function encodeJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return encodeString(value);
  if (isList(value)) return `[${value.map(encodeJson).join(",")}]`;
  if (isMap(value)) return encodeMembers([...value].sort(byBytes));
  return encodeMembers(Object.entries(value));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isMap(value: ReadonlyMap<string, Json> | JsonStruct): value is ReadonlyMap<string, Json> {
  return value instanceof Map;
}

/** Sorted as UTF-8, which differs from JavaScript's order above the basic plane. */
function byBytes([a]: readonly [string, Json], [b]: readonly [string, Json]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function encodeMembers(entries: ReadonlyArray<readonly [string, Json | undefined]>): string {
  const members = entries.flatMap(([key, value]) =>
    value === undefined ? [] : [`${encodeString(key)}:${encodeJson(value)}`],
  );
  return `{${members.join(",")}}`;
}

/** `<`, `>`, `&` and the two Unicode line ends are escaped as well: the server's output is safe inside HTML. */
function encodeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Free JSON in the shape that the emulator keeps it: objects as maps, so that their keys get sorted. */
export function toFreeJson(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(toFreeJson);
  return toFreeMap(value);
}

export function toFreeMap(
  value: ReadonlyMap<string, Json> | JsonStruct,
): ReadonlyMap<string, Json> {
  const entries = isMap(value) ? [...value] : Object.entries(value);
  return new Map(
    entries.flatMap(([key, member]) =>
      member === undefined ? [] : [[key, toFreeJson(member)] as const],
    ),
  );
}
