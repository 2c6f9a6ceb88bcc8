import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { stampExtras } from "../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { createJournalQueue } from "./journal-queue.ts";
import { openJournal } from "./journal.ts";
import { createMonitor } from "./monitor.ts";
import { serverKey } from "./wire.ts";

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

/** The host's own monitor over a journal on disk; ended with the test. */
function setup(handle: (message: GotifyMessage) => Promise<void> = async () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-monitor-"));
  const journal = openJournal(folder);
  const queue = createJournalQueue(journal, {
    channelId: "gotify",
    accountId: "home",
    queueName: "gotify:home",
  });
  const controller = new AbortController();
  const delivered: string[] = [];
  const log: string[] = [];
  const monitorFor = (server: string) =>
    createMonitor({
      queue,
      installId: "install-1",
      serverKey: serverKey(server),
      deliver: async (received) => {
        await handle(received);
        delivered.push(received.message);
      },
      onError: (error) => log.push(String(error)),
      onLog: (text) => log.push(text),
      signal: controller.signal,
    });
  const monitor = monitorFor("https://push.example.com");
  monitor.start();
  onTestFinished(async () => {
    controller.abort();
    await monitor.stop();
    journal.close();
    rmSync(folder, { recursive: true });
  });
  return { queue, journal, monitor, monitorFor, delivered, log };
}

describe("the monitor", () => {
  test("hands each message on once, in order", async () => {
    const { monitor, delivered } = setup();
    for (const id of [1, 2, 1, 3, 2]) await monitor.admit(message(id));
    await vi.waitFor(() => expect(delivered).toEqual(["message 1", "message 2", "message 3"]));
    await monitor.admit(message(1));
    expect(delivered).toHaveLength(3);
  });

  test("takes in no echo, no other agent's post and nothing without an id", async () => {
    const { monitor, queue } = setup();
    const stamp = { id: "d", payload: 0, payloads: 1, part: 0, parts: 1 };
    await monitor.admit(message(1, { extras: stampExtras({ by: "install-1", ...stamp }) }));
    await monitor.admit(message(2, { extras: stampExtras({ by: "install-2", ...stamp }) }));
    await monitor.admit(message(0));
    expect(await queue.listPending()).toEqual([]);
  });

  test("knows a message by its server: another server's first message is no repetition", async () => {
    const { monitor, monitorFor, delivered } = setup();
    await monitor.admit(message(1, { message: "from the old server" }));
    await vi.waitFor(() => expect(delivered).toHaveLength(1));
    await monitor.stop();
    const moved = monitorFor("https://new.example.com");
    moved.start();
    onTestFinished(() => moved.stop());
    await moved.admit(message(1, { message: "from the new server" }));
    await vi.waitFor(() =>
      expect(delivered).toEqual(["from the old server", "from the new server"]),
    );
  });

  test("sets a row that cannot be read aside, says so, and goes on with the conversation", async () => {
    const { monitor, queue, delivered, log } = setup();
    await queue.enqueue("x:1", { version: 1, body: "no message" }, { laneKey: "5" });
    await queue.enqueue("x:2", { other: "form" }, { laneKey: "5" });
    await monitor.admit(message(3));
    await vi.waitFor(() => expect(delivered).toEqual(["message 3"]));
    expect(await queue.listFailed?.()).toMatchObject([
      { id: "x:1", reason: "unreadable" },
      { id: "x:2", reason: "unreadable" },
    ]);
    expect(log.join("\n")).toMatch(/x:1.*cannot be read.*dead-lettered/);
  });

  test("tries again what failed, and says why", async () => {
    let tries = 0;
    const { monitor, delivered, log } = setup(async () => {
      tries += 1;
      if (tries === 1) throw new Error("the agent was away");
    });
    await monitor.admit(message(1));
    await vi.waitFor(() => expect(delivered).toEqual(["message 1"]), { timeout: 9_000 });
    expect(log.join("\n")).toMatch(/the agent was away/);
  });

  test("gives up at once where only a person can help, and says what to do", async () => {
    const { monitor, queue, log } = setup(async () => {
      throw Object.assign(new Error("no agent"), { code: "AGENT_SELECTION_REQUIRED" });
    });
    await monitor.admit(message(1));
    await vi.waitFor(async () =>
      expect(await queue.listFailed?.()).toMatchObject([{ reason: "no-agent" }]),
    );
    expect(log.join("\n")).toMatch(/Add one under bindings/);
  });
});
