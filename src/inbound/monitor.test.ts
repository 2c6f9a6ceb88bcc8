import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { GotifyMessage } from "../gotify/message.ts";
import { createJournalQueue } from "../journal/journal-queue.ts";
import { openJournal } from "../journal/journal.ts";
import { laneOf } from "./turn/lane.ts";
import { createMerger } from "./turn/merge.ts";
import { createMonitor } from "./monitor.ts";
import { STORED_MESSAGE_VERSION, writeMessage } from "../journal/wire.ts";

const message = (id: number, parts: Partial<GotifyMessage> = {}): GotifyMessage => ({
  id,
  appId: 5,
  message: `message ${id}`,
  title: "",
  priority: 0,
  extras: {},
  date: undefined,
  ...parts,
});

/** Longer than a first retry takes. */
const RETRY_TIMEOUT_MS = 9_000;

type RunTurn = (messages: readonly GotifyMessage[]) => Promise<void>;

/** The host's own monitor over a journal on disk; ended with the test. */
function setup(options: { runTurn?: RunTurn; windowMs?: number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-monitor-"));
  const { journal } = openJournal(folder);
  const queue = createJournalQueue(journal, {
    identity: { channelId: "gotify", accountId: "home", queueName: "gotify:home" },
  });
  const controller = new AbortController();
  const delivered: string[] = [];
  const log: string[] = [];
  const note = (text: string): void => {
    log.push(text);
  };
  const isCommand = ({ message: text }: GotifyMessage): boolean => text.startsWith("/");
  const turns = createMerger({
    isCommand,
    standsAlone: () => false,
    windowMs: () => options.windowMs ?? 0,
    runTurn: async (turn) => {
      const messages = turn.messages.map((one) => one.message);
      await options.runTurn?.(messages);
      delivered.push(messages.map(({ message: text }) => text).join("+"));
    },
    laneOf,
    joinTurn: (ids) => queue.joinTurn(ids),
    log: { info: note, warn: note, error: note },
    signal: controller.signal,
  });
  const monitor = createMonitor({
    queue,
    turns,
    onError: (error) => note(String(error)),
    onLog: note,
    signal: controller.signal,
  });
  monitor.start();
  const admit = async (...posts: GotifyMessage[]): Promise<void> => {
    for (const post of posts) {
      const payload = { version: STORED_MESSAGE_VERSION, body: writeMessage(post) };
      const laneKey = laneOf(post, isCommand(post));
      await queue.enqueue(`k:0:${post.id}`, payload, { laneKey });
    }
    monitor.requestDrain();
  };
  onTestFinished(async () => {
    controller.abort();
    await monitor.stop();
    journal.close();
    rmSync(folder, { recursive: true });
  });
  return { queue, journal, monitor, admit, delivered, log };
}

describe("the monitor", () => {
  test("hands each message on once, in order, and keeps nothing of it", async () => {
    const { admit, queue, delivered } = setup();
    await admit(...[1, 2, 3].map((id) => message(id)));
    await vi.waitFor(() => expect(delivered).toEqual(["message 1", "message 2", "message 3"]));
    await vi.waitFor(async () => expect(await queue.listClaims()).toEqual([]));
    expect(await queue.listPending()).toEqual([]);
    expect(await queue.enqueue("k:0:1", {})).toMatchObject({ kind: "completed" });
  });

  test("lets a conversation's messages share a turn, and completes them together", async () => {
    const { admit, queue, delivered } = setup({ windowMs: 100 });
    await admit(...[1, 2, 3, 4].map((id) => message(id)));
    await vi.waitFor(() => expect(delivered).toEqual(["message 1+message 2+message 3+message 4"]));
    await vi.waitFor(async () => expect(await queue.listClaims()).toEqual([]));
    for (const id of [1, 2, 3, 4]) {
      expect(await queue.enqueue(`k:0:${id}`, {})).toMatchObject({ kind: "completed" });
    }
  });

  test("carries out a command while the conversation's turn runs", async () => {
    let finish = (): void => {};
    const { admit, delivered } = setup({
      runTurn: ([first]) =>
        first?.id === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(),
    });
    await admit(message(1), message(2));
    await admit(message(3, { message: "/stop" }));
    await vi.waitFor(() => expect(delivered).toEqual(["/stop"]));
    finish();
    await vi.waitFor(() => expect(delivered).toEqual(["/stop", "message 1", "message 2"]));
  });

  test("sets a row that cannot be read aside, says so, and goes on with the conversation", async () => {
    const { admit, queue, delivered, log } = setup();
    await queue.enqueue("x:1", { version: 1, body: "no message" }, { laneKey: "5" });
    await queue.enqueue("x:2", { other: "form" }, { laneKey: "5" });
    await admit(message(3));
    await vi.waitFor(() => expect(delivered).toEqual(["message 3"]));
    expect(await queue.listFailed?.()).toMatchObject([
      { id: "x:1", reason: "unreadable" },
      { id: "x:2", reason: "unreadable" },
    ]);
    expect(log.join("\n")).toMatch(/x:1.*cannot be read.*dead-lettered/);
  });

  test("tries again what failed, in its order, and says why", async () => {
    let tries = 0;
    const { admit, delivered, log } = setup({
      runTurn: async () => {
        tries += 1;
        if (tries === 1) throw new Error("the agent was away");
      },
    });
    await admit(message(1), message(2));
    await vi.waitFor(() => expect(delivered).toEqual(["message 1", "message 2"]), {
      timeout: RETRY_TIMEOUT_MS,
    });
    expect(log.join("\n")).toMatch(/the agent was away/);
  });

  test("goes on without a message that fails again and again", async () => {
    const { admit, queue, journal, delivered } = setup({
      runTurn: ([first]) =>
        first?.id === 1 ? Promise.reject(new Error("poison")) : Promise.resolve(),
    });
    await queue.enqueue(
      "k:0:1",
      { version: STORED_MESSAGE_VERSION, body: writeMessage(message(1)) },
      { laneKey: "5" },
    );
    journal.db.exec(`update inbox set attempts = 3, attempted_at = ${Date.now()}`);
    await admit(message(2));
    await vi.waitFor(() => expect(delivered).toEqual(["message 2"]));
  });

  test("gives up at once where only a person can help, and says what to do", async () => {
    const { admit, queue, log } = setup({
      runTurn: () =>
        Promise.reject(Object.assign(new Error("no"), { code: "AGENT_SELECTION_REQUIRED" })),
    });
    await admit(message(1));
    await vi.waitFor(async () =>
      expect(await queue.listFailed?.()).toMatchObject([{ reason: "no-agent" }]),
    );
    expect(log.join("\n")).toMatch(/Add one under bindings/);
  });

  test("gives back what waits when it is stopped, as if it had never been tried", async () => {
    const { monitor, admit, queue } = setup({ windowMs: 60_000 });
    await admit(message(1), message(2));
    await vi.waitFor(async () => expect(await queue.listClaims()).toHaveLength(2));
    await monitor.stop();
    expect(await queue.listClaims()).toEqual([]);
    expect(await queue.listPending()).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
  });
});
