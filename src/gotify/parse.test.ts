import { describe, expect, test } from "vitest";
import { asHttpDate, asInstant } from "./parse.ts";

describe("an instant of Gotify", () => {
  test.each([
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22T22:00:00.123456789+01:00", "2026-11-22T21:00:00.123Z"],
    ["2026-11-22T22:00:00.9999999-09:30", "2026-11-23T07:30:00.999Z"],
    ["2026-11-22T22:00:00.5+14:00", "2026-11-22T08:00:00.500Z"],
    ["2026-11-22t22:00:00z", "2026-11-22T22:00:00.000Z"],
    ["2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000Z"],
    // What Go writes for a time that was never set.
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ])("%s", (text, instant) => {
    expect(asInstant(text)?.toISOString()).toBe(instant);
  });

  test.each([
    "5",
    "2026",
    "2026-11-22",
    "2026-11-22T10:00Z",
    "2026-11-22T10:00:00",
    "2026-11-22 10:00:00Z",
    "2026-11-22T10:00:00.Z",
    "2026-11-22T10:00:00+0100",
    "2026-11-22T10:00:00+24:00",
    "2026-11-22T24:00:00Z",
    "2026-11-22T10:60:00Z",
    "2026-11-22T10:00:61Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-02-00T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "+002026-11-22T10:00:00Z",
    " 2026-11-22T10:00:00Z",
    "2026-11-22T10:00:00Z\n",
    "Sun, 22 Nov 2026 10:00:00 GMT",
    "Nov 22 2026",
    "",
    5,
    null,
    undefined,
    new Date(),
  ])("is not %j", (value) => {
    expect(asInstant(value)).toBeUndefined();
  });
});

describe("a date in a header", () => {
  test("is an IMF-fixdate", () => {
    expect(asHttpDate("Sun, 06 Nov 1994 08:49:37 GMT")?.toISOString()).toBe(
      "1994-11-06T08:49:37.000Z",
    );
  });

  test.each([
    "Invalid Date",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37",
    "Wed, 30 Feb 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
    "5",
    "",
    null,
  ])("is not %j", (value) => {
    expect(asHttpDate(value)).toBeUndefined();
  });
});
