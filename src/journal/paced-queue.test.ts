import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createMemoryQueue } from "../../bench/memory-queue.ts";
import { paceLooks, type PacedQueue } from "./paced-queue.ts";

/** What a look takes in the tests, and the rest that it asks for. */
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
  // What takes time takes it by this clock, and by no other: however busy the machine is.
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const listPending: typeof inner.listPending = (options) => {
    vi.advanceTimersByTime(listCostMs);
    return inner.listPending(options);
  };
  queue = paceLooks({ ...inner, listPending }, lookAgain);
  onTestFinished(() => queue.cancel());
});

describe("looks at the queue", () => {
  test("follow each other while they cost nothing", async () => {
    expect(await look()).toBe(1);
    expect(await look()).toBe(1);
    expect(lookAgain).not.toHaveBeenCalled();
  });

  test("find nothing while the queue rests, and are asked for once when it has rested", async () => {
    listCostMs = COST_MS;
    expect(await look()).toBe(1);
    expect(await look()).toBe(0);
    expect(await look()).toBe(0);
    vi.advanceTimersByTime(REST_MS - 1);
    expect(lookAgain).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(lookAgain).toHaveBeenCalledTimes(1);
    expect(await look()).toBe(1);
    vi.advanceTimersByTime(2 * REST_MS);
    expect(lookAgain).toHaveBeenCalledTimes(1);
  });

  test("count what claiming costs, too", async () => {
    const claimNext: typeof inner.claimNext = (options) => {
      vi.advanceTimersByTime(COST_MS);
      return inner.claimNext(options);
    };
    queue = paceLooks({ ...inner, claimNext }, lookAgain);
    await inner.enqueue("2", "body");
    expect(await look()).toBe(2);
    expect(await queue.claimNext()).toMatchObject({ id: "1" });
    expect(await look()).toBe(0);
    vi.advanceTimersByTime(REST_MS);
    expect(lookAgain).toHaveBeenCalled();
    expect(await look()).toBe(1);
  });

  test("rest a quarter of a second at most", async () => {
    listCostMs = 60;
    expect(await look()).toBe(1);
    expect(await look()).toBe(0);
    vi.advanceTimersByTime(249);
    expect(lookAgain).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(lookAgain).toHaveBeenCalled();
    expect(await look()).toBe(1);
  });

  test("are not asked for any more after the end", async () => {
    listCostMs = COST_MS;
    await look();
    await look();
    queue.cancel();
    vi.advanceTimersByTime(2 * REST_MS);
    expect(lookAgain).not.toHaveBeenCalled();
  });
});
