import { describe, expect, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { createJudge, type JudgeOptions } from "./judge.ts";

const MINUTE_MS = 60_000;
const NOW = Date.parse("2026-11-22T10:00:00Z");
const APP = 5;

function message(over: Partial<GotifyMessage> = {}): GotifyMessage {
  const date = new Date(NOW);
  return { id: 1, appId: APP, message: "hello", title: "", priority: 5, extras: {}, date, ...over };
}

/** Commands begin with `/`, echoes with `echo`; everything is watched, and nothing unimportant. */
function judge(over: Partial<JudgeOptions> = {}) {
  return createJudge({
    isEcho: ({ message: text }) => text.startsWith("echo"),
    isCommand: ({ message: text }) => text.startsWith("/"),
    watched: undefined,
    minPriority: undefined,
    now: () => NOW,
    ...over,
  });
}

describe("a command", () => {
  const given = (ageMs: number, text = "/stop"): GotifyMessage =>
    message({ message: text, date: new Date(NOW - ageMs) });

  test.each([
    ["just now", 0],
    ["15 minutes ago, to the millisecond", 15 * MINUTE_MS],
    ["by a server whose clock is ahead", -5 * MINUTE_MS],
  ])("that was given %s is carried out", (_when, ageMs) => {
    expect(judge()(given(ageMs))).toBe("admitted");
  });

  test.each([
    ["/stop", 15 * MINUTE_MS + 1],
    ["/approve abc allow-once", 60 * MINUTE_MS],
  ])("is left out when it is older than 15 minutes: %s", (text, ageMs) => {
    expect(judge()(given(ageMs, text))).toBe("skipped");
  });

  test("grows old while the account is running, not from its start", () => {
    let now = NOW;
    const running = judge({ now: () => now });
    const stop = given(0);
    expect(running(stop)).toBe("admitted");
    now += 15 * MINUTE_MS + 1;
    expect(running(stop)).toBe("skipped");
  });

  test("without a date that can be read is carried out: nothing says that it is old", () => {
    expect(judge()(message({ message: "/stop", date: undefined }))).toBe("admitted");
  });

  test("needs no priority", () => {
    expect(judge({ minPriority: 8 })(message({ message: "/stop", priority: 0 }))).toBe("admitted");
  });
});

describe("any other message", () => {
  test("has no age limit here", () => {
    const yesterday = new Date(NOW - 24 * 60 * MINUTE_MS);
    expect(judge()(message({ date: yesterday }))).toBe("admitted");
    expect(judge()(message({ message: "/stop", date: yesterday }))).toBe("skipped");
  });

  test.each([
    [4, "unimportant"],
    [5, "admitted"],
    [6, "admitted"],
  ])("of priority %i is %s when 5 is the lowest that counts", (priority, verdict) => {
    expect(judge({ minPriority: 5 })(message({ priority }))).toBe(verdict);
  });

  test("of whatever priority counts when no lowest is set, also below zero", () => {
    expect(judge()(message({ priority: -3 }))).toBe("admitted");
  });

  test("below zero is unimportant when 0 is the lowest that counts", () => {
    expect(judge({ minPriority: 0 })(message({ priority: -3 }))).toBe("unimportant");
    expect(judge({ minPriority: 0 })(message({ priority: 0 }))).toBe("admitted");
  });
});

describe("which application may be heard", () => {
  test("only a watched one, also with a command", () => {
    const watching = judge({ watched: new Set([APP]) });
    expect(watching(message())).toBe("admitted");
    expect(watching(message({ appId: 6 }))).toBe("unwatched");
    expect(watching(message({ appId: 6, message: "/stop" }))).toBe("unwatched");
  });

  test("none when none is watched", () => {
    expect(judge({ watched: new Set() })(message())).toBe("unwatched");
  });
});

test("what the bridge posted itself is an echo before it is anything else", () => {
  const echo = message({ message: "echo", appId: 6, priority: 0 });
  const strict = { watched: new Set([APP]), minPriority: 8 };
  expect(judge(strict)(echo)).toBe("echo");
  const old = message({ message: "echo", date: new Date(NOW - 60 * MINUTE_MS) });
  expect(judge({ isCommand: () => true })(old)).toBe("echo");
});

test("a message is called by the first thing that is against it: unwatched before unimportant", () => {
  const strict = judge({ watched: new Set([APP]), minPriority: 8 });
  expect(strict(message({ appId: 6, priority: 0 }))).toBe("unwatched");
});
