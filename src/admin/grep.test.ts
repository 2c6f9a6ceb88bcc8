import { expect, test } from "vitest";
import { createGrep } from "./grep.ts";

test("an expression matches whatever the case, by the newer rules or else by the older ones", () => {
  expect(createGrep("^DISK")(["disk is full", "a disk"])).toEqual([true, false]);
  expect(createGrep("^.$")(["👍"])).toEqual([true]);
  // A hyphen may not be escaped by the newer ones.
  expect(createGrep("a\\-b")(["a-b", "ab"])).toEqual([true, false]);
  expect(() => createGrep("(")).toThrow(/--grep is a regular expression/);
});

test("one that would never end is given up, and others work after it", () => {
  const endless = `${"a".repeat(40)}!`;
  expect(() => createGrep("(a+)+$")([endless])).toThrow(/--grep takes too long/);
  expect(createGrep("!$")([endless])).toEqual([true]);
});
