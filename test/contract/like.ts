// Owns values that stand for "any such" in a comparison, typed so that nothing of any type leaks into a test.
import { expect } from "vitest";

export const anyNumber: unknown = expect.any(Number);

export const anyFlag: unknown = expect.any(Boolean);

/** RFC 3339 with up to nanoseconds and the server's own offset. */
export const anyInstant: unknown = expect.stringMatching(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
);

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
