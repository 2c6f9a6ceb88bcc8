import { setTimeout as pause } from "node:timers/promises";
import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createMemoryQueue } from "../../bench/memory-queue.ts";
import { paceLooks, type PacedQueue } from "./paced-queue.ts";

/** What a look takes in the tests, and well within the rest that it asks for. */
const COST_MS = 10;
const REST_MS = 9 * COST_MS;

let inner: ChannelIngressQueue<unknown>;
let queue: PacedQueue;
let listCostMs = 0;
let lookAgain = vi.fn<() => void>();

/** What the host does each time: how many it finds. */
const look = async (): Promise<number> => {
  await queue.recoverStaleClaims({ staleMs: 0 });
  const pending = await queue.listPending({ limit: "all" });
  await queue.listClaims();
  return pending.length;
};

beforeEach(async () => {
  inner = createMemoryQueue();
  await inner.enqueue("1", "body");
  listCostMs = 0;
  lookAgain = vi.fn<() => void>();
  const listPending: typeof inner.listPending = (options) => {
    const until = performance.now() + listCostMs;
    while (performance.now() < until);
    return inner.listPending(options);
  };
  queue = paceLooks({ ...inner, listPending }, lookAgain);
  onTestFinished(() => queue.cancel());
});

describe("looks at the queue", () => {
  test("follow each other while they cost nothing", async () => {
    expect(await look()).toBe(1);
    await pause(5);
    expect(await look()).toBe(1);
    expect(lookAgain).not.toHaveBeenCalled();
  });

  test("find nothing while the queue rests, and are asked for once when it has rested", async () => {
    listCostMs = COST_MS;
    expect(await look()).toBe(1);
    expect(await look()).toBe(0);
    expect(await look()).toBe(0);
    expect(lookAgain).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(lookAgain).toHaveBeenCalled());
    expect(await look()).toBe(1);
    await pause(2 * REST_MS);
    expect(lookAgain).toHaveBeenCalledTimes(1);
  });

  test("count what claiming costs, too", async () => {
    const claimNext: typeof inner.claimNext = (options) => {
      const until = performance.now() + COST_MS;
      while (performance.now() < until);
      return inner.claimNext(options);
    };
    queue = paceLooks({ ...inner, claimNext }, lookAgain);
    await inner.enqueue("2", "body");
    expect(await look()).toBe(2);
    expect(await queue.claimNext()).toMatchObject({ id: "1" });
    expect(await look()).toBe(0);
    await vi.waitFor(() => expect(lookAgain).toHaveBeenCalled());
    expect(await look()).toBe(1);
  });

  test("rest a quarter of a second at most", async () => {
    listCostMs = 60;
    expect(await look()).toBe(1);
    expect(await look()).toBe(0);
    await pause(350);
    expect(lookAgain).toHaveBeenCalled();
    expect(await look()).toBe(1);
  });

  test("are not asked for any more after the end", async () => {
    listCostMs = COST_MS;
    await look();
    await look();
    queue.cancel();
    await pause(2 * REST_MS);
    expect(lookAgain).not.toHaveBeenCalled();
  });
});
