import { describe, expect, onTestFinished, test } from "vitest";
import type { Database } from "../../../test/emulator/databases.ts";
import { startEmulator, type Emulator } from "../../../test/emulator/index.ts";
import { textLike } from "../../../test/support/like.ts";
import {
  startFaultyFront,
  type FaultyFront,
  type Spoiling,
} from "../../../test/support/faulty-front.ts";
import { GotifyClient } from "../../gotify/client.ts";
import { readStamp } from "../../gotify/delivery-stamp.ts";
import type { SendOutcome } from "../../gotify/errors.ts";
import { postPart, type PartPost } from "./post-part.ts";
import { createPostingGuard } from "./posting-guard.ts";

const START_MS = Date.parse("2026-03-01T12:00:00Z");
const SECOND_MS = 1_000;
/** Of the client; long enough for a busy machine, short enough for a test that waits for it. */
const TIMEOUT_MS = 500;

interface Stage {
  readonly emulator: Emulator;
  readonly front: FaultyFront;
  readonly clock: { ms: number };
  /** Posts a message through the front, with the clock passing as it sleeps. */
  readonly post: (options?: Partial<PartPost> & { text?: string }) => Promise<unknown>;
  readonly seen: { posts: number; onSleep?: () => void | Promise<void> };
}

async function stage(): Promise<Stage> {
  const clock = { ms: START_MS };
  const emulator = await startEmulator({ now: () => new Date(clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const tokens = {
    appToken: emulator.createApplication("OpenClaw").token,
    clientToken: emulator.createClient("OpenClaw").token,
  };
  const seen: Stage["seen"] = { posts: 0 };
  const host = {
    now: () => clock.ms,
    elapsed: () => clock.ms,
    sleep: async (ms: number) => {
      clock.ms += Math.max(ms, 0);
      await seen.onSleep?.();
    },
  };
  const guard = createPostingGuard(host);
  return {
    emulator,
    front,
    clock,
    seen,
    post: async ({ text = "hello", ...rest } = {}) =>
      postPart(
        {
          client: new GotifyClient({ serverUrl: front.url, timeoutMs: TIMEOUT_MS, ...tokens }),
          reader: new GotifyClient({ serverUrl: emulator.url, timeoutMs: TIMEOUT_MS, ...tokens }),
          seesPosts: async () => true,
          appId: undefined,
          part: { message: text, title: "Ada", priority: 5, extras: {} },
          stamp: { by: "install-1", id: "d-1", payload: 0, payloads: 1, part: 0, parts: 1 },
          signal: undefined,
          beforePost: async () => void (seen.posts += 1),
          ...rest,
        },
        host,
        guard,
      ).catch((error: unknown) => error),
  };
}

/** How often the server has the message. */
const stored = ({ emulator }: Stage): number =>
  emulator.store.messages().filter(({ extras }) => readStamp(extras ?? {})?.id === "d-1").length;

describe("a post is stored once", () => {
  test.each<[string, Spoiling]>([
    ["the answer is lost", "stored-reset"],
    ["the answer never comes", "stored-hang"],
    ["a proxy answers 502 in its place", "stored-502"],
    ["a proxy answers with a page", "html"],
    ["half of the answer arrives", "malformed"],
  ])("and found by its stamp, when %s", async (_what, fault) => {
    const at = await stage();
    at.front.spoil(fault);
    expect(await at.post()).toMatchObject({ message: "hello", title: "Ada", priority: 5 });
    expect(stored(at)).toBe(1);
    expect(at.seen.posts).toBe(1);
    expect(at.clock.ms).toBe(START_MS);
  });

  test("and found, when the server stores it and answers 500", async () => {
    const at = await stage();
    at.emulator.faults.failNextPostsStored(1);
    expect(await at.post()).toMatchObject({ message: "hello" });
    expect(stored(at)).toBe(1);
    expect(at.seen.posts).toBe(1);
  });

  test("by a second post, when the server says 500 and has nothing ten seconds later", async () => {
    const at = await stage();
    at.front.spoil(500);
    expect(await at.post()).toMatchObject({ message: "hello" });
    expect(stored(at)).toBe(1);
    expect(at.seen.posts).toBe(2);
    expect(at.clock.ms - START_MS).toBeGreaterThanOrEqual(10 * SECOND_MS);
  });

  test("and found, when it turns up within those ten seconds", async () => {
    const at = await stage();
    at.front.spoil("late-500");
    at.seen.onSleep = () => at.front.letGo();
    expect(await at.post()).toMatchObject({ message: "hello" });
    expect(stored(at)).toBe(1);
    expect(at.seen.posts).toBe(1);
  });
});

describe("a text that the database refuses for ever", () => {
  test.each<[Database, string, RegExp]>([
    ["mysql-utf8mb3", "all is well 🎉", /Incorrect string value.*posted several times.*utf8mb4/],
    ["mysql", "x".repeat(70_000), /Data too long for column 'message'.*not stored/],
  ])(
    "is posted three times and then refused in the server's own words: %s",
    async (database, text, words) => {
      const at = await stage();
      at.emulator.faults.database = database;
      expect(await at.post({ text })).toMatchObject({
        outcome: "refused",
        message: textLike(words),
      });
      expect(at.seen.posts).toBe(3);
      expect(stored(at)).toBe(0);
    },
  );
});

describe("a post that is certainly not stored", () => {
  test.each<[Spoiling, SendOutcome]>([
    [400, "refused"],
    [401, "refused"],
    [403, "refused"],
    [404, "refused"],
    ["proxy-404", "not-sent"],
    [413, "refused"],
    [429, "not-sent"],
  ])("is told as such: %s is %s", async (status, outcome) => {
    const at = await stage();
    at.front.spoil(status);
    expect(await at.post()).toMatchObject({ name: "PostFailure", outcome });
    expect(stored(at)).toBe(0);
    expect(at.seen.posts).toBe(1);
  });

  test("because the server is down, before the post begins", async () => {
    const at = await stage();
    await at.emulator.goDown();
    const client = new GotifyClient({ serverUrl: at.emulator.url, appToken: "A" });
    expect(await at.post({ client })).toMatchObject({ outcome: "not-sent", startedAt: undefined });
    expect(at.seen.posts).toBe(0);
  });

  test("because it was aborted, or the host said no, before the post", async () => {
    const at = await stage();
    const refusal = new Error("the session has ended");
    expect(await at.post({ beforePost: () => Promise.reject(refusal) })).toMatchObject({
      outcome: "not-sent",
      cause: refusal,
    });
    const controller = new AbortController();
    expect(
      await at.post({
        signal: controller.signal,
        beforePost: async () => controller.abort(new Error("stopping")),
      }),
    ).toMatchObject({ outcome: "not-sent", message: "stopping" });
    expect(stored(at)).toBe(0);
  });
});

describe("a post of unknown outcome is not made again", () => {
  test.each<[string, Spoiling]>([
    ["the connection was reset", "reset"],
    ["no answer came", "hang"],
    ["a proxy answered 502", 502],
    ["a proxy answered 504", 504],
    ["a proxy answered with a page", "html-only"],
  ])("while nothing shows that it cannot come any more: %s", async (_what, fault) => {
    const at = await stage();
    at.front.spoil(fault);
    expect(await at.post()).toMatchObject({
      name: "PostFailure",
      outcome: "unknown",
      startedAt: START_MS,
      message: textLike(/may have arrived.*asked again/),
    });
    expect(stored(at)).toBe(0);
    expect(at.seen.posts).toBe(1);
  });

  test("when a proxy says 500, behind which the server may still be at work", async () => {
    const at = await stage();
    at.front.spoil("proxy-500");
    expect(await at.post()).toMatchObject({ outcome: "unknown", answeredAt: undefined });
    expect(at.seen.posts).toBe(1);
  });

  test("by an account whose reader does not see what is posted", async () => {
    const at = await stage();
    at.front.spoil(500);
    expect(await at.post({ seesPosts: async () => false })).toMatchObject({ outcome: "unknown" });
    expect(at.seen.posts).toBe(1);
  });

  test("by an account that cannot read", async () => {
    const at = await stage();
    at.front.spoil(500);
    expect(await at.post({ reader: undefined })).toMatchObject({
      outcome: "unknown",
      message: textLike(/Without clientToken/),
    });
    expect(at.seen.posts).toBe(1);
  });
});
