// Owns what of a message's extras the agent is shown: the sender's own data, bounded, without what is meant for apps and for us.
import { cutText } from "../../gotify/cut-text.ts";
import type { JsonObject } from "../../gotify/parse.ts";

const MAX_DEPTH = 4;
const MAX_ENTRIES = 20;
const MAX_STRING_CHARS = 500;
const MAX_KEY_CHARS = 80;
/** Of all extras of one turn together. */
const MAX_TURN_BYTES = 8 * 1024;

/** How an app draws the message, and what the bridge itself reads: nothing of it is said to the agent. */
const NOISE = /^(?:client::display|openclaw(?:::.*)?)$/;

/** Collects the extras of a turn's messages until there is no room for more. */
export function createExtrasBudget(maxBytes: number = MAX_TURN_BYTES) {
  let left = maxBytes;
  return {
    /** The bounded extras of one message; `undefined` when it has none to show. */
    take(extras: JsonObject): JsonObject | undefined {
      const shown: [string, unknown][] = [];
      let omitted = 0;
      for (const [key, value] of Object.entries(extras)) {
        if (NOISE.test(key)) continue;
        const bounded = bound(value, MAX_DEPTH);
        const size = Buffer.byteLength(JSON.stringify([key, bounded]));
        if (shown.length >= MAX_ENTRIES || key.length > MAX_KEY_CHARS || size > left) {
          omitted += 1;
          continue;
        }
        left -= size;
        shown.push([key, bounded]);
      }
      if (omitted > 0) shown.push(["(left out)", `${omitted} more`]);
      return shown.length === 0 ? undefined : Object.fromEntries(shown);
    },
  };
}

/** The value cut to what fits, with a mark where something is missing. */
function bound(value: unknown, depth: number): unknown {
  if (typeof value === "string") {
    return cutText(value, MAX_STRING_CHARS);
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    const kept = items.slice(0, MAX_ENTRIES).map((item) => bound(item, depth - 1));
    return items.length > MAX_ENTRIES ? [...kept, "…"] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, MAX_ENTRIES)
    .map(([key, item]) => [key.slice(0, MAX_KEY_CHARS), bound(item, depth - 1)]);
  return Object.fromEntries(entries.length > MAX_ENTRIES ? [...kept, ["…", "…"]] : kept);
}
