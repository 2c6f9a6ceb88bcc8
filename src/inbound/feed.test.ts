import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { GotifyClient } from "../gotify/client.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { runFeed, type FeedOptions, type FeedState } from "./feed.ts";

/** A feed on an emulator. Waits are recorded and passed over; `settle` ends the feed and all it holds. */
async function startFeed(options: Partial<FeedOptions> = {}) {
  const emulator = await startEmulator();
  const application = emulator.createApplication("Phone");
  const token = emulator.createClient("bridge");
  const client = new GotifyClient({ serverUrl: emulator.url, clientToken: token.token });
  const sender = new GotifyClient({ serverUrl: emulator.url, appToken: application.token });
  const controller = new AbortController();
  const admitted: GotifyMessage[] = [];
  const states: FeedState[] = [];
  const waits: number[] = [];
  const feed = (): Promise<void> =>
    runFeed({
      client,
      policy: { reconnectDelayMs: 2_000, maxReconnectDelayMs: 30_000, maxReconnectAttempts: 0 },
      admit: async (message) => {
        admitted.push(message);
      },
      onState: (state) => states.push(state),
      onDropped: () => {},
      onAdmissionError: () => {},
      signal: controller.signal,
      sleep: async (ms) => {
        waits.push(ms);
        await setImmediate();
      },
      random: () => 0.5,
      ...options,
    });
  let running = Promise.resolve();
  const start = (): void => {
    running = feed();
  };
  onTestFinished(async () => {
    controller.abort();
    await running;
    await emulator.stop();
  });
  const until = (kind: FeedState["kind"], count = 1): Promise<void> =>
    vi.waitFor(() => expect(states.filter((state) => state.kind === kind)).toHaveLength(count));
  const texts = (): string[] => admitted.map(({ message }) => message);
  return {
    emulator,
    token,
    sender,
    controller,
    states,
    waits,
    texts,
    start,
    until,
    running: () => running,
  };
}

describe("the feed", () => {
  test("hands on what is posted, in order", async () => {
    const { sender, texts, start, until } = await startFeed();
    start();
    await until("live");
    for (const message of ["one", "two", "three"]) await sender.sendMessage({ message });
    await vi.waitFor(() => expect(texts()).toEqual(["one", "two", "three"]));
  });

  test("reconnects after a cut, and after the server was gone for a while", async () => {
    const { emulator, sender, texts, start, until, waits } = await startFeed();
    start();
    await until("live");
    emulator.faults.cutStreams();
    await until("live", 2);
    await sender.sendMessage({ message: "after the cut" });
    await vi.waitFor(() => expect(texts()).toEqual(["after the cut"]));
    const before = waits.length;
    await emulator.goDown();
    await vi.waitFor(() => expect(waits.length).toBeGreaterThan(before + 3));
    await emulator.comeBack();
    await until("live", 3);
    await sender.sendMessage({ message: "after the restart" });
    await vi.waitFor(() => expect(texts()).toEqual(["after the cut", "after the restart"]));
  });

  test("waits longer with each failure, and says why", async () => {
    const { emulator, start, waits, states } = await startFeed();
    await emulator.goDown();
    start();
    await vi.waitFor(() => expect(waits.length).toBeGreaterThan(5));
    expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    const waiting = states.find((state) => state.kind === "waiting");
    expect(waiting?.error.message).toMatch(/refused/);
  });

  test("waits as long as a proxy asks it to", async () => {
    const { emulator, start, waits } = await startFeed();
    emulator.faults.tooManyRequests(90);
    start();
    await vi.waitFor(() => expect(waits[0]).toBe(90_000));
  });

  test("parks when the token is revoked, instead of hammering the server", async () => {
    const { emulator, token, start, until, states, waits } = await startFeed({
      sleep: (ms, signal) => {
        waitsSeen.push(ms);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        });
      },
    });
    const waitsSeen: number[] = waits;
    start();
    await until("live");
    const operator = new GotifyClient({ serverUrl: emulator.url, clientToken: token.token });
    expect((await operator.probeClientToken()).status).toBe("valid");
    emulator.deleteClient(token.id);
    await until("blocked");
    const blocked = states.find((state) => state.kind === "blocked");
    expect(blocked?.error.message).toMatch(/client token \(401\)/);
    expect(waitsSeen).toEqual([300_000]);
  });

  test("drops the connection when a message cannot be written down, so that nothing passes unadmitted", async () => {
    const errors: unknown[] = [];
    const seen: string[] = [];
    const { sender, start, until } = await startFeed({
      admit: async ({ message }) => {
        if (message === "poison") throw new Error("disk full");
        seen.push(message);
      },
      onAdmissionError: (error) => errors.push(error),
    });
    start();
    await until("live");
    await sender.sendMessage({ message: "poison" });
    await until("live", 2);
    await sender.sendMessage({ message: "good" });
    await vi.waitFor(() => expect(seen).toEqual(["good"]));
    expect(errors).toMatchObject([{ message: "disk full" }]);
  });

  test("gives up only when it is told to", async () => {
    const { emulator, start, until, running, states } = await startFeed({
      policy: { reconnectDelayMs: 10, maxReconnectDelayMs: 10, maxReconnectAttempts: 2 },
    });
    await emulator.goDown();
    start();
    await until("gave-up");
    await running();
    expect(states.filter((state) => state.kind === "waiting")).toHaveLength(2);
  });

  test("ends with its signal, also while it waits", async () => {
    const { emulator, start, until, controller, running } = await startFeed({
      sleep: (_ms, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        }),
    });
    await emulator.goDown();
    start();
    await until("waiting");
    controller.abort();
    await expect(running()).resolves.toBeUndefined();
  });
});
