import { expect, test } from "vitest";
import { normalizeTarget } from "./target.ts";

test.each([
  ["5", "5"],
  ["gotify:5", "5"],
  ["app:5", "5"],
  ["gotify:app:5", "5"],
  ["peer:Kitchen-Tablet", "kitchen-tablet"],
  [" gotify:peer:ops ", "ops"],
])("%j names the conversation %s", (raw, peer) => {
  expect(normalizeTarget(raw)).toBe(peer);
});

test.each(["", "gotify:", "telegram:5", "a b", "+1555", "x".repeat(65), "../x"])(
  "%j names none",
  (raw) => {
    expect(normalizeTarget(raw)).toBeUndefined();
  },
);
