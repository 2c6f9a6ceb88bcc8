import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { startFaultyFront } from "../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { textLike } from "../../test/support/like.ts";
import { resolveAccount } from "../config/accounts.ts";
import { GotifyClient } from "../gotify/client.ts";
import { readStamp } from "../gotify/delivery-stamp.ts";
import { completeReply, type CompletionRequest } from "./completion.ts";
import type { Plan } from "./plan.ts";
import type { Part } from "./reply.ts";
import { inOrder } from "./post/in-order.ts";
import { postParts } from "./send.ts";

const START_MS = Date.parse("2026-03-01T12:00:00Z");
const SECOND_MS = 1_000;
const TIMEOUT_MS = 500;
const ONCE = { signal: undefined };
const KEY = { id: "d-1", payload: 0, payloads: 1 };

async function stage() {
  const { posting, clock } = testPosting(START_MS);
  const emulator = await startEmulator({ now: () => new Date(clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const tokens = {
    appToken: emulator.createApplication("OpenClaw").token,
    clientToken: emulator.createClient("OpenClaw").token,
  };
  const other = new GotifyClient({
    serverUrl: emulator.url,
    appToken: emulator.createApplication("Other").token,
  });
  const account = resolveAccount({
    channels: { gotify: { serverUrl: emulator.url, ...tokens } },
  });
  const client = new GotifyClient({ serverUrl: front.url, timeoutMs: TIMEOUT_MS, ...tokens });
  const part = (message: string) => ({ message, title: "Ada", priority: 5, extras: {} });
  const plan: Plan = {
    to: "app:5",
    answers: {},
    destination: {
      account,
      peerId: "5",
      client,
      appId: undefined,
      fallback: undefined,
      notice: undefined,
    },
    reader: new GotifyClient({ serverUrl: emulator.url, timeoutMs: TIMEOUT_MS, ...tokens }),
    seesPosts: async () => true,
    parts: [part("one"), part("two"), part("three")],
  };
  return {
    emulator,
    front,
    clock,
    plan,
    posting,
    somebodyPosts: () => other.sendMessage({ message: "somebody else's" }),
    /** Another reply of ours goes through. */
    wePost: () =>
      postParts(
        { ...plan, parts: [part("another")] },
        { ...KEY, id: `d-${Math.random()}` },
        new Map(),
        ONCE,
        posting,
      ),
    /** The first posts of the reply, as they were before somebody pulled the plug. */
    begin: async (count: number) =>
      postParts(
        plan,
        KEY,
        new Map(),
        {
          signal: undefined,
          onPlatformSendDispatch: async () => {
            if (stored().length >= count) throw new Error("killed");
          },
        },
        posting,
      ).catch(() => {}),
    complete: (more: Partial<CompletionRequest> = {}) =>
      completeReply(
        {
          plan,
          key: KEY,
          sinceAt: START_MS,
          startedAt: START_MS,
          stored: new Map(),
          answeredAt: undefined,
          isCertain: false,
          ...more,
        },
        posting,
      ),
    stored,
  };

  function stored(): string[] {
    return emulator.store
      .messages()
      .filter(({ extras }) => readStamp(extras ?? {})?.id === KEY.id)
      .map(({ message }) => message);
  }
}

describe("a reply of which some messages are stored", () => {
  test("is completed, once the server has taken another reply of ours ten seconds ago", async () => {
    const at = await stage();
    await at.begin(1);
    expect(at.stored()).toEqual(["one"]);
    at.clock.ms += 5 * SECOND_MS;
    // Somebody else's may go another way than ours.
    await at.somebodyPosts();
    at.clock.ms += 20 * SECOND_MS;
    expect(await at.complete()).toMatchObject({ kind: "doubtful" });
    await at.wePost();
    at.clock.ms += 10 * SECOND_MS - 1;
    expect(await at.complete()).toMatchObject({ kind: "doubtful" });
    expect(at.stored()).toEqual(["one"]);
    at.clock.ms += 1;
    expect(await at.complete()).toMatchObject({
      kind: "arrived",
      messages: [{ id: 1 }, { id: 4 }, { id: 5 }],
    });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("is completed at once, when no post of it is in doubt", async () => {
    const at = await stage();
    await at.begin(2);
    expect(await at.complete({ isCertain: true })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("is not mixed with one that would be split in another way", async () => {
    const at = await stage();
    await at.begin(1);
    const plan = { ...at.plan, parts: at.plan.parts.slice(0, 2) };
    expect(await at.complete({ plan, isCertain: true })).toMatchObject({
      kind: "failed",
      reason: textLike(/1 of 3 messages are stored.*split into 2/),
    });
    expect(at.stored()).toEqual(["one"]);
  });
});

describe("a reply of which nothing is to be seen", () => {
  test("is not posted while it may still come, however long ago it was", async () => {
    const at = await stage();
    at.clock.ms += 3_600 * SECOND_MS;
    expect(await at.complete()).toMatchObject({
      kind: "doubtful",
      reason: textLike(/0 of 3 messages are stored, and the rest may still come/),
    });
    expect(at.stored()).toEqual([]);
  });

  test("is found when it comes a minute later, and not posted again", async () => {
    const at = await stage();
    at.emulator.faults.storeNextPostsLate(1, 60_000);
    const plan = { ...at.plan, parts: at.plan.parts.slice(0, 1) };
    await postParts(plan, KEY, new Map(), ONCE, at.posting).catch(() => {});
    expect(await at.complete({ plan })).toMatchObject({ kind: "doubtful" });
    at.clock.ms += 60 * SECOND_MS;
    at.emulator.faults.thawPosts();
    await at.emulator.until(() => at.stored().length === 1);
    expect(await at.complete({ plan })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one"]);
  });

  test("is posted when the server answered the post ten seconds ago", async () => {
    const at = await stage();
    const answeredAt = at.clock.ms;
    at.clock.ms += 10 * SECOND_MS - 1;
    expect(await at.complete({ answeredAt })).toMatchObject({ kind: "doubtful" });
    at.clock.ms += 1;
    expect(await at.complete({ answeredAt })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("is posted when an operator takes the doubt upon himself", async () => {
    const at = await stage();
    expect(await at.complete({ force: true })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("is left alone by an account whose reader sees other messages than ours", async () => {
    const at = await stage();
    const answeredAt = at.clock.ms;
    at.clock.ms += 60 * SECOND_MS;
    const plan = { ...at.plan, seesPosts: async () => false };
    expect(await at.complete({ plan, answeredAt })).toMatchObject({ kind: "doubtful" });
    expect(at.stored()).toEqual([]);
  });

  test("stays in doubt when an operator's word led to no post", async () => {
    const at = await stage();
    at.clock.ms += 60 * SECOND_MS;
    at.front.spoil(429);
    expect(await at.complete({ force: true })).toMatchObject({ kind: "doubtful" });
    expect(waiting(at.posting)).toMatchObject([{ state: "unknown", startedAt: START_MS }]);
  });

  test("is left alone by an account that cannot read", async () => {
    const at = await stage();
    const plan = { ...at.plan, reader: undefined };
    expect(await at.complete({ plan })).toMatchObject({
      kind: "failed",
      reason: textLike(/Without clientToken/),
    });
    expect(at.stored()).toEqual([]);
  });

  test("is asked about again, when the server cannot be read", async () => {
    const at = await stage();
    await at.emulator.goDown();
    expect(await at.complete({ isCertain: true })).toMatchObject({ kind: "doubtful" });
  });
});

describe("what is known from before", () => {
  test("is enough for an account that cannot read, when no post is in doubt", async () => {
    const at = await stage();
    await at.begin(1);
    const plan = { ...at.plan, reader: undefined };
    const stored = new Map([[0, { id: 1, appId: 1 }]]);
    expect(await at.complete({ plan, stored, isCertain: true })).toMatchObject({
      kind: "arrived",
      messages: [{ id: 1 }, { id: 2 }, { id: 3 }],
    });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("counts also where somebody has deleted it since", async () => {
    const at = await stage();
    const stored = new Map([[0, { id: 77, appId: 1 }]]);
    expect(await at.complete({ stored, isCertain: true })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["two", "three"]);
  });

  test("is not completed with a text that would read differently", async () => {
    const at = await stage();
    await at.begin(1);
    const [, two, three] = at.plan.parts;
    const parts = [{ ...at.plan.parts[0], message: "ONE" }, two, three].filter(isPart);
    expect(await at.complete({ plan: { ...at.plan, parts }, isCertain: true })).toMatchObject({
      kind: "failed",
      reason: textLike(/Message 1 of 3 is stored, and today it would read differently/),
    });
    expect(at.stored()).toEqual(["one"]);
  });

  test("goes back to the first post, however many others came in between", async () => {
    const at = await stage();
    await at.begin(1);
    at.clock.ms += 3_600 * SECOND_MS;
    for (let index = 0; index < 205; index += 1) await at.somebodyPosts();
    const later = { sinceAt: START_MS, startedAt: at.clock.ms };
    expect(await at.complete({ ...later, isCertain: true })).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one", "two", "three"]);
  });

  test("of a doubt is kept, also when the host alone knew of the reply", async () => {
    const at = await stage();
    expect(await at.complete()).toMatchObject({ kind: "doubtful" });
    expect(waiting(at.posting)).toMatchObject([
      { state: "unknown", attempts: 0, startedAt: START_MS, parts: [{ message: "one" }, {}, {}] },
    ]);
  });

  test("stays certain while the server cannot be asked", async () => {
    const at = await stage();
    await at.emulator.goDown();
    await at.complete({ isCertain: true });
    expect(waiting(at.posting)).toMatchObject([{ state: "waiting" }]);
  });
});

describe("a completion that is cut short", () => {
  test("leaves behind what is in doubt now, not what was certain before", async () => {
    const at = await stage();
    const { unsettled } = at.posting.host;
    const { accountId } = at.plan.destination.account;
    const begun = {
      ...KEY,
      target: "app:5",
      parts: at.plan.parts,
      stored: new Map(),
      isOwed: true,
      origin: "here",
    };
    unsettled.write(accountId, (outbox) => {
      outbox.note({ ...begun, state: "waiting", reason: "no connection" }, true);
    });
    const { account } = at.plan.destination;
    const seen: unknown[] = [];
    class WatchedClient extends GotifyClient {
      override async sendMessage(...args: Parameters<GotifyClient["sendMessage"]>) {
        seen.push(unsettled.look(accountId, (outbox) => outbox.find(KEY)?.state));
        return super.sendMessage(...args);
      }
    }
    const { serverUrl = "", appToken, clientToken } = account;
    const client = new WatchedClient({ serverUrl, appToken, clientToken });
    const watched: Plan = { ...at.plan, destination: { ...at.plan.destination, client } };
    expect(await at.complete({ plan: watched, isCertain: true })).toMatchObject({
      kind: "arrived",
    });
    expect(seen).toEqual(["unknown", "unknown", "unknown"]);
    expect(waiting(at.posting)).toEqual([]);
  });

  test("twice, is not posted a third time on the proof for the first", async () => {
    const at = await stage();
    const plan = { ...at.plan, parts: at.plan.parts.slice(0, 1) };
    // The first one is gone for good, and another of ours shows it.
    expect(await at.complete({ plan })).toMatchObject({ kind: "doubtful" });
    await at.wePost();
    at.clock.ms += 10 * SECOND_MS;
    at.emulator.faults.hangNextPosts(1);
    expect(await at.complete({ plan })).toMatchObject({ kind: "doubtful" });
    const [entry] = waiting(at.posting);
    expect(entry).toMatchObject({ state: "unknown", startedAt: at.clock.ms });
    const again = () =>
      at.complete({ plan, startedAt: entry?.startedAt ?? 0, answeredAt: entry?.answeredAt });
    at.clock.ms += 60 * SECOND_MS;
    expect(await again()).toMatchObject({ kind: "doubtful" });
    at.emulator.faults.thawPosts();
    await at.emulator.until(() => at.stored().length === 1);
    expect(await again()).toMatchObject({ kind: "arrived" });
    expect(at.stored()).toEqual(["one"]);
  });

  test("by a lost answer, notes from when the doubt is", async () => {
    const at = await stage();
    at.clock.ms += 60 * SECOND_MS;
    at.front.spoil("reset");
    expect(await at.complete({ isCertain: true })).toMatchObject({ kind: "doubtful" });
    expect(waiting(at.posting)).toMatchObject([
      { state: "unknown", startedAt: START_MS + 60 * SECOND_MS, target: "app:5" },
    ]);
  });

  test("judges by what is known when its turn comes, not by what was known when it was asked for", async () => {
    const at = await stage();
    const { unsettled } = at.posting.host;
    const note = (state: "waiting" | "unknown") =>
      unsettled.write("default", (outbox) =>
        outbox.note(
          {
            ...KEY,
            target: "app:5",
            parts: at.plan.parts,
            stored: new Map(),
            isOwed: true,
            origin: "here",
            state,
            reason: "",
            startedAt: at.clock.ms,
          },
          true,
        ),
      );
    note("waiting");
    // Somebody else's try has become a doubt, before this one has its turn.
    const asked = at.complete({ isCertain: true });
    note("unknown");
    expect(await asked).toMatchObject({ kind: "doubtful" });
    expect(at.stored()).toEqual([]);
  });

  test("notes nothing when it is stopped before its turn", async () => {
    const at = await stage();
    const gate = Promise.withResolvers<void>();
    const before = inOrder("default", undefined, () => gate.promise);
    const controller = new AbortController();
    const asked = at.complete({ isCertain: true, signal: controller.signal });
    controller.abort(new Error("stopping"));
    expect(await asked).toMatchObject({ kind: "doubtful" });
    expect(waiting(at.posting)).toEqual([]);
    gate.resolve();
    await before;
  });
});

function isPart(part: Partial<Part> | undefined): part is Part {
  return part?.message !== undefined && part.priority !== undefined;
}
