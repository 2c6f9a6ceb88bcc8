// Owns what becomes of free JSON, such as extras, on its way into the server: maps, and numbers that are doubles.
import type { Decoded } from "./json-decode.ts";
import type { Json } from "./json-encode.ts";

type Refuse = (raw: string) => never;

/**
 * Integers beyond 2^53 lose digits, as in the server. Without recursion: it takes more levels than the stack here.
 *
 * @param refuse is told of a number that no double can hold.
 */
export function freeMembers(
  entries: ReadonlyArray<readonly [string, Decoded]>,
  refuse: Refuse,
): ReadonlyMap<string, Json> {
  const toFill: Array<() => void> = [];
  const root = mapOf(entries);
  // Filling one adds those inside it.
  for (const fill of toFill) fill();
  return root;

  function mapOf(members: ReadonlyArray<readonly [string, Decoded]>): ReadonlyMap<string, Json> {
    const map = new Map<string, Json>();
    toFill.push(() => {
      for (const [key, value] of members) map.set(key, convert(value));
    });
    return map;
  }

  function listOf(items: readonly Decoded[]): readonly Json[] {
    const list: Json[] = [];
    toFill.push(() => {
      for (const item of items) list.push(convert(item));
    });
    return list;
  }

  function convert(value: Decoded): Json {
    switch (value.kind) {
      case "null":
        return null;
      case "bool":
      case "string":
        return value.value;
      case "array":
        return listOf(value.items);
      case "object":
        return mapOf(value.entries);
      case "number": {
        const number = Number(value.raw);
        return Number.isFinite(number) ? number : refuse(value.raw);
      }
    }
  }
}
