import { describe, expect, test } from "vitest";
import { readStamp, stampExtras } from "./delivery-stamp.ts";
import { draftToWire, parseMessage } from "./message.ts";
import { normalizeToken } from "./tokens.ts";

describe("a message on the wire", () => {
  test("is read with nanoseconds, any offset and unknown fields", () => {
    const message = parseMessage({
      id: 7,
      appid: 3,
      message: "hello",
      title: "Phone",
      priority: -1,
      extras: { "a::b": 1 },
      date: "2026-11-22T22:00:00.123456789+01:00",
      someday: "new",
    });
    expect(message).toEqual({
      id: 7,
      appId: 3,
      message: "hello",
      title: "Phone",
      priority: -1,
      extras: { "a::b": 1 },
      date: new Date("2026-11-22T21:00:00.123Z"),
    });
  });

  test("needs an id, an application and a text, and fills in the rest", () => {
    expect(parseMessage({ id: 1, appid: 2, message: "x" })).toEqual({
      id: 1,
      appId: 2,
      message: "x",
      title: "",
      priority: 0,
      extras: {},
      date: undefined,
    });
    for (const value of [
      null,
      "text",
      [],
      {},
      { appid: 2, message: "x" },
      { id: "1", appid: 2, message: "x" },
      { id: -1, appid: 2, message: "x" },
      { id: 1.5, appid: 2, message: "x" },
      { id: 1, message: "x" },
      { id: 1, appid: 2 },
    ]) {
      expect(parseMessage(value), JSON.stringify(value)).toBeUndefined();
    }
  });

  test("a draft carries only what was said", () => {
    expect(draftToWire({ message: "x" })).toEqual({ message: "x" });
    expect(draftToWire({ message: "x", title: "t", priority: 0, extras: {}, appId: 4 })).toEqual({
      message: "x",
      title: "t",
      priority: 0,
      extras: {},
      appid: 4,
    });
    expect(() => draftToWire({ message: "x", priority: 1.5 })).toThrow(/whole number/);
  });
});

describe("the delivery stamp", () => {
  const stamp = { by: "install-1", id: "d-1", payload: 0, payloads: 1, part: 2, parts: 3 };

  test("is read as it was written, also after JSON", () => {
    expect(readStamp(stampExtras(stamp))).toEqual(stamp);
    const parsed: unknown = JSON.parse(
      JSON.stringify({ id: 1, appid: 1, message: "x", extras: stampExtras(stamp) }),
    );
    expect(readStamp(parseMessage(parsed)?.extras ?? {})).toEqual(stamp);
  });

  test("anything else is no stamp", () => {
    for (const value of [
      undefined,
      null,
      "x",
      [],
      {},
      { ...stamp, by: 1 },
      { ...stamp, part: "2" },
    ]) {
      expect(readStamp({ openclaw: { delivery: value } })).toBeUndefined();
    }
  });
});

describe("a token", () => {
  test.each(["A1234567890abcd", "gtfya.0123456789-_", " Cpasted\n", "some.future~format"])(
    "%j is opaque",
    (token) => {
      expect(normalizeToken(token, "app token")).toBe(token.trim());
    },
  );

  test.each(["", "  ", "two words", "line\nbreak", "ünicode"])("%j cannot be one", (token) => {
    expect(() => normalizeToken(token, "client token")).toThrow(/client token/);
  });
});
