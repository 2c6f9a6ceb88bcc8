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

/** Without recursion: what the server takes, and so gives back, is deeper than the stack here. */
export function encodeJson(value: Json): string {
  let text = "";
  /** What is still to be written, its beginning last: plain text, or a value. */
  const rest: Array<string | { readonly value: Json }> = [{ value }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === "string") text += next;
    else if (next.value === null || typeof next.value !== "object")
      text += encodeScalar(next.value);
    else rest.push(...partsOf(next.value).toReversed());
  }
  return text;
}

function encodeScalar(value: null | boolean | number | bigint | string): string {
  if (typeof value === "string") return encodeString(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

type Container = readonly Json[] | ReadonlyMap<string, Json> | JsonStruct;

function partsOf(container: Container): ReadonlyArray<string | { readonly value: Json }> {
  if (isList(container)) {
    const items = container.flatMap((value, at) => [at === 0 ? "" : ",", { value }]);
    return ["[", ...items, "]"];
  }
  const entries = isMap(container)
    ? [...container].sort(byBytes)
    : Object.entries(container).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value] as const],
      );
  const members = entries.flatMap(([key, value], at) => [
    `${at === 0 ? "" : ","}${encodeString(key)}:`,
    { value },
  ]);
  return ["{", ...members, "}"];
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

/** `<`, `>`, `&` and the two Unicode line ends are escaped as well: the server's output is safe inside HTML. */
function encodeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Free JSON in the shape that the emulator keeps it: objects as maps, so that their keys get sorted. */
function toFreeJson(value: Json): Json {
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
