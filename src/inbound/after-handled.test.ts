import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { fastClient, startBridge, type Bridge } from "../../test/support/bridge.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { GotifyClient } from "../gotify/client.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { createDeletions } from "../journal/deletions.ts";
import { openJournal } from "../journal/journal.ts";
import { feedKeyOf, serverKey } from "../journal/wire.ts";
import { deleteHandled, type AfterHandledOptions } from "./after-handled.ts";
import { loadProgress } from "./feed/progress.ts";

const LIMITS = { timeoutMs: 500, openTimeoutMs: 500, pingIntervalMs: 200, pongTimeoutMs: 200 };
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE_MS = 8_000;

const eventually = (expectation: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(expectation, { timeout: PATIENCE_MS });

/** A bridge on an emulator that deletes what was handed over, in a time that passes when told to. */
async function setup() {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-after-"));
  const time = createVirtualTime(Date.UTC(2026, 10, 23), () => 0.5);
  const emulator = await startEmulator({ now: time.date });
  const phone = emulator.createApplication("Phone");
  const bot = emulator.createApplication("OpenClaw");
  const tokens = {
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
    appToken: bot.token,
  };
  const client = new GotifyClient({ ...tokens, timeoutMs: LIMITS.timeoutMs });
  const { journal } = openJournal(folder);
  const deletions = createDeletions(journal);
  const handled: string[] = [];
  const log: string[] = [];
  const note = (line: string): void => void log.push(line);
  const isEcho = ({ appId }: GotifyMessage): boolean => appId === bot.id;
  const base = {
    client,
    deletions,
    isEcho,
    log: { info: note, warn: note, error: note },
    sleep: time.world.sleep,
    now: time.world.now,
  };
  /** What becomes of a text: by default the agent takes it. */
  const agent = {
    isAllowed: () => true,
    take: async (_text: string): Promise<"handled" | "dropped"> => "handled",
  };
  let bridge: Bridge | undefined;
  const start = (changes: Partial<AfterHandledOptions> = {}): Bridge => {
    bridge = startBridge({
      journal,
      client: fastClient(tokens, LIMITS),
      world: time.world,
      isEcho,
      agent: async (messages, lifecycle, turn) => {
        const ids = turn.messages.map(({ id }) => id);
        if (agent.isAllowed()) {
          deletions.note(ids, true);
          const taken = await agent.take(messages.map(({ message }) => message).join("+"));
          if (taken === "dropped") deletions.note(ids, false);
        }
        await lifecycle.onAdopted();
        handled.push(...messages.map(({ message }) => message));
      },
      deleteHandled: (feed, signal) => deleteHandled({ ...base, ...changes, feed, signal }),
    });
    return bridge;
  };
  onTestFinished(async () => {
    await bridge?.stop();
    journal.close();
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });
  return {
    emulator,
    time,
    bot,
    client,
    journal,
    deletions,
    base,
    handled,
    log,
    agent,
    start,
    connected: (count = 1) =>
      eventually(() => expect(bridge?.states.filter((kind) => kind === "read").length).toBe(count)),
    say: (message: string, from = phone) => emulator.push({ appid: from.id, message }),
    stored: () => emulator.store.messages().map(({ message }) => message),
    /** Lets it look at what is due until the expectation holds. */
    looking: (expectation: () => void) =>
      eventually(() => {
        time.pass(2 * SECOND_MS);
        expectation();
      }),
    deletes: () => emulator.store.requests().filter(({ method }) => method === "DELETE").length,
    feedKey: feedKeyOf(serverKey(client.server.href), 1),
  };
}

test("what the agent has taken is deleted; what it was not given, and replies, stay", async () => {
  const { start, connected, say, bot, agent, handled, stored, looking } = await setup();
  agent.take = async (text) => (text === "a loop" ? "dropped" : "handled");
  start();
  await connected();
  say("a reply", bot);
  say("a loop");
  await eventually(() => expect(handled).toHaveLength(1));
  say("hello");
  await eventually(() => expect(handled).toHaveLength(2));
  await looking(() => expect(stored()).toEqual(["a reply", "a loop"]));
});

test("nothing is deleted before it is ticked off", async () => {
  const { start, connected, say, agent, stored, time, looking, deletes } = await setup();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  agent.take = async () => {
    begun.resolve();
    await gate.promise;
    return "handled";
  };
  start();
  await connected();
  say("hello");
  await begun.promise;
  for (let looks = 0; looks < 3; looks += 1) {
    time.pass(2 * SECOND_MS);
    await eventually(() => expect(time.waits()).toContain(2 * SECOND_MS));
  }
  expect([stored(), deletes()]).toEqual([["hello"], 0]);
  gate.resolve();
  await looking(() => expect(stored()).toEqual([]));
});

test("a message that is not allowed any more when it is tried again stays", async () => {
  const { start, connected, say, agent, handled, stored, time, looking, deletes } = await setup();
  let attempts = 0;
  agent.isAllowed = () => attempts === 0;
  agent.take = async () => {
    attempts += 1;
    throw new Error("the agent is not well");
  };
  start();
  await connected();
  say("hello");
  await looking(() => expect(handled).toEqual(["hello"]));
  time.pass(2 * SECOND_MS);
  await eventually(() => expect(time.waits()).toContain(2 * SECOND_MS));
  expect([attempts, stored(), deletes()]).toEqual([1, ["hello"], 0]);
}, 15_000);

test("a deletion that fails is tried again a few times, is told once, and holds nobody up", async () => {
  const { start, connected, say, client, handled, stored, log, time, looking } = await setup();
  const tried: number[] = [];
  start({
    client: {
      listMessages: (query, call) => client.listMessages(query, call),
      deleteMessage: async (id) => {
        tried.push(id);
        throw new Error("This Gotify deletes nothing.");
      },
    },
  });
  await connected();
  say("first");
  await looking(() => expect(tried).toEqual([1]));
  say("second");
  await eventually(() => expect(handled).toEqual(["first", "second"]));
  await looking(() => expect(tried).toEqual([1, 2]));
  for (const minutes of [1, 5, 30]) {
    const before = tried.length;
    time.pass(minutes * MINUTE_MS);
    await looking(() => expect(tried).toHaveLength(before + 2));
  }
  for (let hours = 0; hours < 3; hours += 1) {
    time.pass(60 * MINUTE_MS);
    await eventually(() => expect(time.waits()).toContain(2 * SECOND_MS));
  }
  expect(tried).toHaveLength(8);
  expect(stored()).toEqual(["first", "second"]);
  expect(log.filter((line) => line.includes("could not be deleted"))).toHaveLength(1);
});

test("what was ticked off before a crash is deleted by the next process", async () => {
  const { start, connected, say, handled, stored, looking } = await setup();
  const first = start();
  await connected();
  say("hello");
  await eventually(() => expect(handled).toEqual(["hello"]));
  await first.stop();
  expect(stored()).toEqual(["hello"]);
  start();
  await connected();
  await looking(() => expect(stored()).toEqual([]));
});

test("a message that has got the id of a handled one after a reset stays", async () => {
  const context = await setup();
  const { start, connected, say, emulator, handled, stored, time, base, journal } = context;
  const bridge = start();
  await connected();
  say("old");
  await eventually(() => expect(handled).toEqual(["old"]));
  await bridge.stop();

  emulator.store.resetMessages();
  time.pass(MINUTE_MS);
  expect(say("new").id).toBe(1);
  const ending = new AbortController();
  const progress = loadProgress(journal, serverKey(context.client.server.href), 1);
  const feed = () => ({ feedKey: context.feedKey, progress });
  const run = deleteHandled({ ...base, feed, signal: ending.signal });
  const due = () => context.deletions.due(`${context.feedKey}:0:`, time.world.now(), 9);
  expect(due()).toHaveLength(1);
  await context.looking(() => expect(due()).toEqual([]));
  // And the other way round: the reset has been noticed, and the old note means nothing any more.
  journal.db.exec("update inbox set delete_at = 0 where state = 'completed'");
  progress.restart();
  await context.looking(() => expect(context.log.join()).toContain("count anew"));
  ending.abort();
  await run;
  expect([stored(), context.deletes()]).toEqual([["new"], 0]);
});

test("the feed takes deletions for what they are: nothing is answered twice, and no server counts anew", async () => {
  const { start, connected, say, handled, stored, time, looking, journal } = await setup();
  const bridge = start();
  await connected();
  for (const text of ["one", "two", "three"]) {
    say(text);
    await eventually(() => expect(handled).toContain(text));
    await looking(() => expect(stored()).toEqual([]));
  }
  // Several readings of empty lists, then one with news.
  const readings = (): number => bridge.states.filter((kind) => kind === "read").length;
  for (let round = 0; round < 3; round += 1) {
    const before = readings();
    time.pass(MINUTE_MS);
    await eventually(() => expect(readings()).toBeGreaterThan(before));
  }
  say("four");
  await eventually(() => expect(handled).toEqual(["one", "two", "three", "four"]));
  const epochs = journal.db.prepare("select epoch from feed").all();
  expect(epochs).toEqual([{ epoch: 0 }]);
  expect(bridge.log.join()).not.toContain("anew");
});
