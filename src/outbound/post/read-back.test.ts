import { describe, expect, test } from "vitest";
import { stampExtras } from "../../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { GotifyMessagePage } from "../../gotify/messages.ts";
import { isProvenAbsent, readBack } from "./read-back.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const MINUTE_MS = 60_000;
const CLOCKS = { now: () => NOW_MS, elapsed: () => 0 };
const SOUGHT = { by: "install-1", id: "d-1", payload: 0, sinceAt: NOW_MS - MINUTE_MS };

function message(id: number, agoMs: number | undefined, stamp?: object): GotifyMessage {
  const whole = { by: "install-1", id: "d-1", payload: 0, payloads: 1, part: 0, parts: 2 };
  return {
    id,
    appId: 1,
    message: `message ${id}`,
    title: "",
    priority: 0,
    extras: stamp === undefined ? {} : stampExtras({ ...whole, ...stamp }),
    date: agoMs === undefined ? undefined : new Date(NOW_MS - agoMs),
  };
}

/** Serves pages, newest first, and counts how many were asked for. */
function server(pages: readonly (readonly GotifyMessage[])[], clockAheadMs = 0) {
  const seen = { pages: 0 };
  async function* readPages(): AsyncGenerator<GotifyMessagePage, void, undefined> {
    for (const [index, messages] of pages.entries()) {
      seen.pages += 1;
      const next = index + 1 < pages.length ? messages.at(-1)?.id : undefined;
      yield { messages, next, unreadable: 0, servedAt: new Date(NOW_MS + clockAheadMs) };
    }
  }
  return { client: { readPages }, seen };
}

const read = ({ client }: ReturnType<typeof server>) => readBack(client, SOUGHT, CLOCKS, undefined);

describe("a reading", () => {
  test("finds the parts of the delivery, of this installation and this payload alone", async () => {
    const found = await read(
      server([
        [
          message(9, 0, { part: 1 }),
          message(8, 0, { by: "another" }),
          message(7, 0, { id: "d-2" }),
          message(6, 0, { payload: 1, part: 1 }),
          message(5, 0),
          message(4, 0, {}),
        ],
      ]),
    );
    expect([...found.found].map(([part, { id }]) => [part, id])).toEqual([
      [1, 9],
      [0, 4],
    ]);
    expect(found).toMatchObject({ parts: 2, isComplete: true, readAt: NOW_MS });
  });

  test("of two with the same stamp names the first that was stored", async () => {
    const { found } = await read(server([[message(9, 0, {}), message(3, 0, {})]]));
    expect(found.get(0)?.id).toBe(3);
  });

  test("ends ten minutes before the first post could begin, and not sooner", async () => {
    const minutes = (...ago: number[]) => ago.map((each) => message(each, each * MINUTE_MS));
    const at = server([minutes(1, 2), minutes(10), minutes(12, 13), minutes(20)]);
    expect(await read(at)).toMatchObject({ isComplete: true });
    expect(at.seen.pages).toBe(3);
  });

  test("goes further back where the clocks differ, or where one date is odd", async () => {
    const old = [message(2, 30 * MINUTE_MS)];
    const off = server([old, old, [message(1, 200 * MINUTE_MS)]], 60 * MINUTE_MS);
    await read(off);
    expect(off.seen.pages).toBe(3);
    const odd = server([[message(3, 9_000 * MINUTE_MS), message(2, 0)], [message(1, 0)]]);
    await read(odd);
    expect(odd.seen.pages).toBe(2);
    const undated = server([[message(3, undefined)], [message(1, 0)]]);
    await read(undated);
    expect(undated.seen.pages).toBe(2);
  });

  test("that has to give up says so", async () => {
    const at = server(Array.from({ length: 60 }, (_, index) => [message(100 - index, 0)]));
    expect(await read(at)).toMatchObject({ isComplete: false });
    expect(at.seen.pages).toBe(50);
  });
});

describe("what was not found", () => {
  const whole = { found: new Map(), parts: undefined, isComplete: true };
  const at = { ...whole, readAt: NOW_MS, readElapsed: 50_000 };

  test.each([
    ["without a sign may still come", {}, false],
    ["ten seconds after the answer is absent", { answeredAt: NOW_MS - 10_000 }, true],
    ["less than ten seconds after it may still come", { answeredAt: NOW_MS - 9_999 }, false],
    ["ten seconds after a later post is absent", { takenAt: 40_000 }, true],
    ["less than ten seconds after that may still come", { takenAt: 40_001 }, false],
  ])("%s", (_what, signs, isAbsent) => {
    const all = { answeredAt: undefined, takenAt: undefined, ...signs };
    expect(isProvenAbsent(at, all)).toBe(isAbsent);
    expect(isProvenAbsent({ ...at, isComplete: false }, all)).toBe(false);
  });
});
