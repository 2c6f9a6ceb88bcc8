import * as fc from "fast-check";
import { expect, test } from "vitest";
import { offsetWithin, utf8Length } from "./bytes.ts";

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
