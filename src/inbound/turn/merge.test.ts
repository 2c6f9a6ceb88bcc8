import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { laneOf } from "./lane.ts";
import { createMerger, type MergerOptions } from "./merge.ts";

const MINUTE_MS = 60_000;

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

type Fate = "open" | "adopted" | "failed" | "cancelled" | "abandoned";

/** The merger with claims that remember what became of them. */
function setup(changes: Partial<MergerOptions> = {}) {
  const controller = new AbortController();
  const turns: number[][] = [];
  const joined: string[][] = [];
  const log: string[] = [];
  const fates = new Map<number, Fate>();
  const beats: number[] = [];
  const note = (text: string): void => {
    log.push(text);
  };
  const merger = createMerger({
    laneOf,
    isCommand: ({ message: text }) => text.startsWith("/"),
    standsAlone: ({ extras }) => "bot" in extras,
    windowMs: () => undefined,
    joinTurn: (ids) => joined.push([...ids]),
    log: { info: note, warn: note, error: note },
    signal: controller.signal,
    ...changes,
    runTurn: async (turn) => {
      turns.push(turn.messages.map((one) => one.message.id));
      await changes.runTurn?.(turn);
    },
  });
  const claims = new Map<number, AbortController>();
  const deliver = (post: GotifyMessage, attempts = 0, laneKey?: string): void => {
    const claim = new AbortController();
    claims.set(post.id, claim);
    const become = (fate: Fate) => async () => {
      if (fates.get(post.id) === "open") fates.set(post.id, fate);
    };
    fates.set(post.id, "open");
    merger.deliver(
      post,
      {
        admission: "exclusive",
        abortSignal: claim.signal,
        onAdopted: become("adopted"),
        onDeferred: () => {},
        onDeferredHeartbeat: () => {
          beats.push(post.id);
        },
        onAdoptionFinalizing: () => {},
        onFailed: become("failed"),
        onCancelled: become("cancelled"),
        onAbandoned: become("abandoned"),
      },
      {
        id: `row-${post.id}`,
        attempts,

        ...(laneKey === undefined ? {} : { laneKey }),
      },
    );
  };
  onTestFinished(() => controller.abort());
  return { merger, deliver, turns, joined, log, fates, beats, controller, claims };
}

/** Lets everything happen that needs no time. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const fatesOf = (fates: Map<number, Fate>): Fate[] => [...new Set(fates.values())];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("messages become turns", () => {
  test("the first message of a quiet conversation is not kept waiting", () => {
    const { deliver, turns } = setup();
    deliver(message(1));
    expect(turns).toEqual([[1]]);
  });

  test("what follows within the quiet window shares the next turn, in order", async () => {
    const { deliver, turns, joined, fates } = setup();
    deliver(message(1));
    for (const id of [2, 3, 4]) {
      await vi.advanceTimersByTimeAsync(500);
      deliver(message(id));
    }
    expect(turns).toEqual([[1]]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(turns).toEqual([[1], [2, 3, 4]]);
    expect(joined).toEqual([["row-1"], ["row-2", "row-3", "row-4"]]);
    expect(fatesOf(fates)).toEqual(["adopted"]);
    await vi.advanceTimersByTimeAsync(2_000);
    deliver(message(5));
    expect(turns.at(-1)).toEqual([5]);
  });

  test("a thousand messages in a minute are a dozen turns", async () => {
    const { deliver, turns, fates } = setup();
    for (let id = 1; id <= 1_000; id += 1) {
      deliver(message(id, { message: `Disk ${id} of the array is at 91 % and rising`.repeat(3) }));
      await vi.advanceTimersByTimeAsync(MINUTE_MS / 1_000);
    }
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(turns.flat()).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(turns.length).toBeLessThanOrEqual(12);
    expect(fatesOf(fates)).toEqual(["adopted"]);
  });

  test("a slow, endless trickle does not wait for its end", async () => {
    const { deliver, turns } = setup();
    for (let id = 1; id <= 30; id += 1) {
      deliver(message(id));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(turns.length).toBeGreaterThanOrEqual(3);
  });

  test("a turn holds no more text than an agent can read", async () => {
    const { deliver, turns } = setup();
    for (let id = 1; id <= 6; id += 1) deliver(message(id, { message: "x".repeat(10_000) }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns).toEqual([[1], [2, 3], [4, 5], [6]]);
  });

  test("bytes of images are no text, and a turn holds no more than four images", async () => {
    const { deliver, turns } = setup();
    const picture = `![p](data:image/png;base64,${"A".repeat(30_000)})`;
    for (let id = 1; id <= 6; id += 1) deliver(message(id, { message: picture }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns).toEqual([[1], [2, 3, 4, 5], [6]]);
  });

  test("conversations do not wait for each other", async () => {
    let finish = (): void => {};
    const { deliver, turns } = setup({
      runTurn: ({ messages }) =>
        messages[0]?.message.appId === 5
          ? new Promise((resolve) => (finish = resolve))
          : Promise.resolve(),
    });
    deliver(message(1));
    deliver(message(2, { appId: 6 }));
    await settle();
    expect(turns).toEqual([[1], [2]]);
    finish();
  });

  test("0 in the host's configuration merges nothing, and a length delays from the first message on", async () => {
    const off = setup({ windowMs: () => 0 });
    for (const id of [1, 2, 3]) off.deliver(message(id));
    await settle();
    expect(off.turns).toEqual([[1], [2], [3]]);

    const fixed = setup({ windowMs: () => 500 });
    fixed.deliver(message(1));
    fixed.deliver(message(2));
    await vi.advanceTimersByTimeAsync(499);
    expect(fixed.turns).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fixed.turns).toEqual([[1, 2]]);
  });

  test("another agent's messages share no turn and do not wait", async () => {
    const { deliver, turns } = setup();
    for (const id of [1, 2, 3]) deliver(message(id, { extras: { bot: true } }));
    await settle();
    expect(turns).toEqual([[1], [2], [3]]);
  });
});

describe("a command", () => {
  test("waits neither for company nor for a turn that is not answered for yet", async () => {
    const { deliver, turns } = setup({
      runTurn: ({ isCommand }) => (isCommand ? Promise.resolve() : new Promise(() => {})),
    });
    deliver(message(1));
    deliver(message(2));
    deliver(message(3, { message: "/stop" }));
    expect(turns).toEqual([[1], [3]]);
  });

  test("does not wait for another command either, and is told from text", async () => {
    const kinds: boolean[] = [];
    const { deliver, turns } = setup({
      runTurn: ({ isCommand }) => {
        kinds.push(isCommand);
        return new Promise(() => {});
      },
    });
    deliver(message(1, { message: "/compact" }));
    deliver(message(2, { message: "/stop" }));
    deliver(message(3));
    expect(turns).toEqual([[1], [2], [3]]);
    expect(kinds).toEqual([true, true, false]);
  });

  test("comes after what was said before it", async () => {
    const { deliver, turns } = setup();
    deliver(message(1));
    await settle();
    deliver(message(2));
    deliver(message(3, { message: "/new" }));
    await settle();
    expect(turns.flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });
});

describe("every message is settled", () => {
  test("the next turn waits while the one before is in the host's queue", async () => {
    const adopt: (() => void | Promise<void>)[] = [];
    const { deliver, turns, fates } = setup({
      windowMs: () => 0,
      runTurn: ({ lifecycle }) => {
        lifecycle.onDeferred();
        adopt.push(lifecycle.onAdopted);
        return Promise.resolve();
      },
    });
    for (const id of [1, 2]) deliver(message(id));
    await settle();
    expect(turns).toEqual([[1]]);
    await adopt[0]?.();
    await settle();
    expect(turns).toEqual([[1], [2]]);
    expect([...fates.values()]).toEqual(["open", "open"]);
  });

  test("a turn that is still running does not hold up the next one once it is adopted", async () => {
    const { deliver, turns, fates } = setup({
      windowMs: () => 0,
      runTurn: async ({ lifecycle }) => {
        await lifecycle.onAdopted();
        await new Promise(() => {});
      },
    });
    for (const id of [1, 2]) deliver(message(id));
    await settle();
    expect(turns).toEqual([[1], [2]]);
    expect(fatesOf(fates)).toEqual(["adopted"]);
  });

  test("a turn that fails gives each of its messages back to be tried again", async () => {
    const { deliver, turns, fates } = setup({
      windowMs: () => 100,
      runTurn: () => Promise.reject(new Error("no")),
    });
    for (const id of [1, 2]) deliver(message(id));
    await vi.advanceTimersByTimeAsync(100);
    expect(turns).toEqual([[1, 2]]);
    expect([...fates.values()]).toEqual(["failed", "failed"]);
  });

  test("a turn that the host gives back is tried again, and what waits behind it does not overtake", async () => {
    let abandon: () => void | Promise<void> = () => {};
    const { deliver, turns, fates } = setup({
      windowMs: () => 0,
      runTurn: ({ lifecycle }) => {
        lifecycle.onDeferred();
        abandon = lifecycle.onAbandoned;
        return Promise.resolve();
      },
    });
    for (const id of [1, 2]) deliver(message(id));
    await settle();
    await abandon();
    await settle();
    expect(turns).toEqual([[1]]);
    expect([...fates.values()]).toEqual(["abandoned", "cancelled"]);
  });

  test("what waits behind a turn that fails is given back without counting as an attempt", async () => {
    let fail = (_error: Error): void => {};
    const { deliver, turns, fates } = setup({
      runTurn: () => new Promise((_resolve, reject) => (fail = reject)),
    });
    for (const id of [1, 2, 3]) deliver(message(id));
    fail(new Error("no"));
    await settle();
    expect([...fates.values()]).toEqual(["failed", "cancelled", "cancelled"]);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(turns).toEqual([[1]]);
  });

  test("after failures, ever fewer messages share a turn, so that the culprit is found", async () => {
    const { deliver, turns } = setup({
      runTurn: ({ messages }) =>
        messages.some((one) => one.message.id === 7)
          ? Promise.reject(new Error("poison"))
          : Promise.resolve(),
    });
    for (let id = 1; id <= 12; id += 1) deliver(message(id), 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns[0]).toEqual([1]);
    expect(turns[1]).toHaveLength(10);
    const again = setup();
    for (const id of [5, 6, 7]) again.deliver(message(id), 2);
    await settle();
    expect(again.turns).toEqual([[5], [6], [7]]);
  });

  test("a stop gives back what waits, without an attempt, and leaves nothing open", async () => {
    const { merger, deliver, turns, fates, controller } = setup();
    deliver(message(1));
    await settle();
    for (const id of [2, 3]) deliver(message(id));
    controller.abort();
    await merger.stop();
    deliver(message(4));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect([...fates.values()]).toEqual(["adopted", "cancelled", "cancelled", "cancelled"]);
    expect(turns).toEqual([[1]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an abort alone gives back what waits", async () => {
    const { deliver, fates, controller } = setup({ windowMs: () => MINUTE_MS });
    deliver(message(1));
    controller.abort();
    await settle();
    expect(fatesOf(fates)).toEqual(["cancelled"]);
  });

  test("a turn that is cut short without having been taken up is given back, not done", async () => {
    const { deliver, fates, claims } = setup({
      runTurn: async () => {
        claims.get(1)?.abort();
      },
    });
    deliver(message(1));
    await settle();
    expect(fates.get(1)).toBe("cancelled");
  });

  test("what waits for a lane's turn is bounded; the rest stays in the journal", () => {
    const { merger, deliver } = setup({ windowMs: () => MINUTE_MS });
    let taken = 0;
    while (!merger.isFull("5") && taken < 1_000) {
      taken += 1;
      deliver(message(taken));
    }
    expect(taken).toBe(200);
    expect(merger.isFull("6")).toBe(false);
  });

  test("an application that names ever new conversations has eight turns begun at once, and leaves room for others", async () => {
    const { merger, deliver, turns } = setup({
      laneOf: (one) => `${one.appId}/${one.title}`,
      runTurn: () => new Promise(() => {}),
    });
    for (let id = 1; id <= 8; id += 1) {
      expect(merger.isFull(`5/name-${id}`)).toBe(false);
      deliver(message(id, { title: `name-${id}` }));
    }
    await settle();
    expect(turns).toHaveLength(8);
    expect(merger.isFull("5/name-9")).toBe(true);
    // What belongs to a turn under way may still be collected for the one after it.
    expect(merger.isFull("5/name-1")).toBe(false);
    expect(merger.isFull("6/name-1")).toBe(false);
    expect(merger.isFull("5/!")).toBe(false);
    for (let appId = 6; appId < 30; appId += 1) deliver(message(appId, { appId, title: "name" }));
    await settle();
    expect(turns).toHaveLength(32);
    expect(merger.isFull("99/name")).toBe(true);
  });

  test("a command finds room however much waits", () => {
    const { merger, deliver } = setup({ windowMs: () => MINUTE_MS });
    for (let id = 1; !merger.isFull("99"); id += 1) deliver(message(id, { appId: 1 + (id % 20) }));
    expect(merger.isFull("5/!")).toBe(false);
  });

  test("what waits behind a turn in the host's queue is kept alive with it", async () => {
    let beat = (): void => {};
    const { deliver, beats } = setup({
      windowMs: () => 0,
      runTurn: ({ lifecycle }) => {
        lifecycle.onDeferred();
        beat = () => lifecycle.onDeferredHeartbeat?.();
        return Promise.resolve();
      },
    });
    for (const id of [1, 2, 3]) deliver(message(id));
    await settle();
    beat();
    expect(beats).toEqual([1, 2, 3]);
  });

  test("a turn that the host's watchdog gave up on does not block the conversation", async () => {
    const { deliver, turns, claims } = setup({
      windowMs: () => 0,
      runTurn: ({ messages }) =>
        messages[0]?.message.id === 1 ? new Promise(() => {}) : Promise.resolve(),
    });
    deliver(message(1));
    deliver(message(2));
    await settle();
    expect(turns).toEqual([[1]]);
    claims.get(1)?.abort();
    await settle();
    expect(turns).toEqual([[1], [2]]);
  });

  test("an error after somebody answered for the turn is told, not tried again", async () => {
    const { deliver, fates, log } = setup({
      runTurn: async ({ lifecycle }) => {
        await lifecycle.onAdopted();
        throw new Error("the model is gone");
      },
    });
    deliver(message(1));
    await settle();
    expect(fatesOf(fates)).toEqual(["adopted"]);
    expect(log.join()).toMatch(/the model is gone/);
  });
});
