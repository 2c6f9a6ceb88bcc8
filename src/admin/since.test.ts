import { expect, test } from "vitest";
import { readDurationMs, readSince } from "./since.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const HOUR_MS = 3_600_000;

test("a beginning is an id, a time ago or a date", () => {
  expect(readSince("1234", NOW)).toEqual({ kind: "id", id: 1234 });
  expect(readSince("90m", NOW)).toEqual({ kind: "time", ms: NOW - 1.5 * HOUR_MS });
  expect(readSince(" 7 D ", NOW)).toEqual({ kind: "time", ms: NOW - 7 * 24 * HOUR_MS });
  expect(readSince("2026-03-01T18:30:00+02:00", NOW)).toEqual({
    kind: "time",
    ms: Date.parse("2026-03-01T16:30:00Z"),
  });
  const zoned = { kind: "time", ms: Date.parse("2026-03-01T18:30:00Z") };
  expect(readSince("2026-03-01T18:30Z", NOW)).toEqual(zoned);
  expect(readSince("2026-03-01 20:30+02:00", NOW)).toEqual(zoned);
  const local = (text: string): unknown => ({ kind: "time", ms: new Date(text).getTime() });
  expect(readSince("2026-03-01", NOW)).toEqual(local("2026-03-01T00:00:00"));
  expect(readSince("2026-03-01 18:30", NOW)).toEqual(local("2026-03-01T18:30:00"));
});

test.each(["", "yesterday", "-5", "2026-02-30", "2026-3-1", "12:00", "5y", "1e3"])(
  "%j is none, and it says what would be one",
  (written) => {
    expect(() => readSince(written, NOW)).toThrow(/--since is a message's id, a time ago such as/);
  },
);

test("an id that looks like a date is asked for once more", () => {
  expect(() => readSince("2026", NOW)).toThrow(/write 2026-01-01 or id:2026\./);
  expect(() => readSince("20260301", NOW)).toThrow(/write 2026-03-01 or id:20260301\./);
  expect(readSince("id:2026", NOW)).toEqual({ kind: "id", id: 2026 });
  for (const id of ["12026", "2126", "20261301", "20260399"]) {
    expect(readSince(id, NOW)).toEqual({ kind: "id", id: Number(id) });
  }
});

test("a duration has a unit", () => {
  expect(readDurationMs("2w")).toBe(14 * 24 * HOUR_MS);
  expect(readDurationMs("30")).toBeUndefined();
});
