import * as fc from "fast-check";
import { expect, test } from "vitest";
import { measureOf, offsetWithin, utf8Length } from "./bytes.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });

test("bytes are counted as they are sent", () => {
  fc.assert(
    fc.property(text, (any) => {
      expect(utf8Length(any)).toBe(Buffer.byteLength(any));
      expect(utf8Length(`ä${any}😀`, 1, any.length + 1)).toBe(Buffer.byteLength(any));
    }),
  );
  expect(utf8Length("a\uD800b")).toBe(5);
});

test("as much as fits is taken, and no half of a code point", () => {
  fc.assert(
    fc.property(text, fc.nat(60), (any, budget) => {
      const offset = offsetWithin(any, 0, any.length, budget);
      const taken = any.slice(0, offset);
      expect(taken.isWellFormed()).toBe(true);
      expect(Buffer.byteLength(taken)).toBeLessThanOrEqual(budget);
      const [next = ""] = any.slice(offset);
      const isAll = offset === any.length;
      expect(isAll || Buffer.byteLength(taken + next) > budget).toBe(true);
    }),
  );
});

test("against a limit in characters, whatever fits in the measure fits in both limits", () => {
  const limits = fc.record({ maxBytes: fc.integer({ min: 1, max: 200 }), maxChars: fc.nat(200) });
  fc.assert(
    fc.property(text, limits, fc.nat(1_000), (any, { maxBytes, maxChars }, part) => {
      const { limit, length, offsetWithin: within } = measureOf(maxBytes, maxChars + 1);
      const budget = Math.floor((limit * part) / 1_000);
      const offset = within(any, 0, any.length, budget);
      expect(any.slice(0, offset).isWellFormed() || !any.isWellFormed()).toBe(true);
      expect(length(any, 0, offset)).toBeLessThanOrEqual(budget);
      const [next = ""] = any.slice(offset);
      expect(offset === any.length || length(any, 0, offset + next.length) > budget).toBe(true);
      if (length(any) > limit) return;
      expect(Buffer.byteLength(any)).toBeLessThanOrEqual(maxBytes);
      expect(any.length).toBeLessThanOrEqual(maxChars + 1);
    }),
  );
});

test.each([
  ["Latin letters", "a", 1_000],
  ["Chinese", "界", 1_000],
  ["emoji, of two units each", "😀", 500],
])("of %s as many fit as the limit in characters says", (_, char, count) => {
  const { limit, length } = measureOf(60_000, 1_000);
  expect(length(char.repeat(count))).toBeLessThanOrEqual(limit);
  expect(length(char.repeat(count + 1))).toBeGreaterThan(limit);
});
