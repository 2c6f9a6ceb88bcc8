import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createHandover } from "./handover.ts";

/** A turn of two messages, with what became of their claims in `fate`. */
function setup() {
  const fate: string[] = [];
  const claim = new AbortController();
  let finalizing = 0;
  let running = 0;
  let tickedOff = 0;
  let isGivenBack = false;
  let isAnswered = false;
  const lifecycles = [1, 2].map((id) => ({
    admission: "exclusive" as const,
    abortSignal: claim.signal,
    onAdopted: async () => void fate.push(`adopted ${id}`),
    onDeferred: () => {},
    onDeferredHeartbeat: () => {},
    onAdoptionFinalizing: () => {
      finalizing += 1;
    },
    onFailed: async () => void fate.push(`failed ${id}`),
    onCancelled: async () => void fate.push(`cancelled ${id}`),
    onAbandoned: async () => void fate.push(`abandoned ${id}`),
  }));
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  const handover = createHandover({
    lifecycles,
    onGivenBack: async () => {
      // It takes its time.
      for (let tick = 0; tick < 20; tick += 1) await Promise.resolve();
      isGivenBack = true;
    },
    onHeartbeat: () => {},
    onTurn() {
      running += 1;
      return {
        tickedOff: (messages) => void (tickedOff += messages),
        ended: () => void (running -= 1),
      };
    },
    what: "message 1",
    log: { info: note, warn: note, error: note },
  });
  if (handover === undefined) throw new Error("There is something to hand over.");
  void handover.answered.then(() => (isAnswered = true));
  onTestFinished(() => claim.abort());
  return {
    ...handover,
    turn: handover.lifecycle,
    claim,
    fate,
    log,
    finalizing: () => finalizing,
    isGivenBack: () => isGivenBack,
    isAnswered: () => isAnswered,
    running: () => running,
    tickedOff: () => tickedOff,
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a turn that the host runs at once", () => {
  test("is done when the host adopts it: it is in writing by then", async () => {
    const { turn, fate } = setup();
    await turn.onAdopted();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
    expect(turn.doneSignal.aborted).toBe(true);
  });

  test("is done when it is in writing, also if the host never comes to adopt it", async () => {
    const { turn, fate, ended } = setup();
    turn.onWritten();
    await settle();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
    await turn.onAdopted();
    await ended();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
  });

  test("that nobody adopts is done when the call returns: it was refused, or needed no agent", async () => {
    const { fate, ended, isAnswered } = setup();
    await ended();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
    await settle();
    expect(isAnswered()).toBe(true);
  });

  test("that is cut short goes back into the journal", async () => {
    const { claim, fate, ended, isGivenBack } = setup();
    claim.abort();
    await ended();
    expect(fate).toEqual(["cancelled 1", "cancelled 2"]);
    expect(isGivenBack()).toBe(true);
  });
});

describe("a turn in the host's own queue", () => {
  test("is not done when the host adopts it, but when it is in writing", async () => {
    const { turn, fate, ended, isAnswered } = setup();
    turn.onDeferred();
    await ended();
    await turn.onAdopted();
    await settle();
    expect(fate).toEqual([]);
    expect(isAnswered()).toBe(true);
    turn.onWritten();
    await settle();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
  });

  test("is done when it is put into a running turn, which the host writes down before it adopts", async () => {
    const { turn, fate, ended } = setup();
    turn.onDeferred();
    turn.onWritten();
    await turn.onAdopted();
    await ended();
    turn.onSettled();
    await settle();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
  });

  test("that ends without being written down is done: a hook may have answered it", async () => {
    const { turn, fate, ended } = setup();
    turn.onDeferred();
    await ended();
    await turn.onAdopted();
    turn.onSettled();
    await settle();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
  });

  test("that a stop cuts short before it is written down counts as tried, and comes again", async () => {
    const { turn, claim, fate, ended, isGivenBack } = setup();
    turn.onDeferred();
    await ended();
    await turn.onAdopted();
    claim.abort();
    turn.onSettled();
    await settle();
    expect(fate).toEqual(["abandoned 1", "abandoned 2"]);
    expect(isGivenBack()).toBe(true);
  });

  test("that the host drops goes back into the journal, once", async () => {
    const { turn, fate, ended, isGivenBack } = setup();
    turn.onDeferred();
    await ended();
    await turn.onAbandoned();
    turn.onSettled();
    await settle();
    expect(fate).toEqual(["abandoned 1", "abandoned 2"]);
    expect(isGivenBack()).toBe(true);
  });

  test("that the host drops is back in the journal before the next one may follow", async () => {
    const { turn, fate, ended, answered, isGivenBack } = setup();
    turn.onDeferred();
    await ended();
    // As the host does it, in one go.
    const back = turn.onAbandoned();
    turn.onSettled();
    await answered;
    expect([fate, isGivenBack()]).toEqual([["abandoned 1", "abandoned 2"], true]);
    await back;
  });

  test("stays the host's when the call that queued it fails", async () => {
    const { turn, fate, failed, isGivenBack } = setup();
    turn.onDeferred();
    await failed(new Error("the typing indicator is gone"), false);
    expect(fate).toEqual([]);
    expect(isGivenBack()).toBe(false);
    await turn.onAdopted();
    turn.onWritten();
    await settle();
    expect(fate).toEqual(["adopted 1", "adopted 2"]);
  });

  test("is nothing for the watchdog any more once the host has adopted it", async () => {
    const { turn, fate, finalizing } = setup();
    turn.onDeferred();
    expect(finalizing()).toBe(0);
    await turn.onAdopted();
    expect(finalizing()).toBe(2);
    expect(fate).toEqual([]);
  });
});

describe("the agent is at a turn", () => {
  test("from the call to its return, however early its messages are ticked off", async () => {
    const { turn, ended, running, tickedOff } = setup();
    expect([running(), tickedOff()]).toEqual([1, 0]);
    turn.onWritten();
    await settle();
    expect([running(), tickedOff()]).toEqual([1, 2]);
    await ended();
    turn.onWritten();
    expect(running()).toBe(0);
  });

  test("until the call rejects", async () => {
    const { failed, running } = setup();
    await failed(new Error("no model"), false);
    expect(running()).toBe(0);
  });

  test("not while it waits in the host's own queue, and from its adoption on until the host has ended it", async () => {
    const { turn, ended, running, tickedOff } = setup();
    turn.onDeferred();
    await ended();
    expect(running()).toBe(0);
    await turn.onAdopted();
    expect([running(), tickedOff()]).toEqual([1, 0]);
    turn.onWritten();
    await settle();
    expect([running(), tickedOff()]).toEqual([1, 2]);
    turn.onSettled();
    expect(running()).toBe(0);
    await turn.onAdopted();
    expect(running()).toBe(0);
  });
});
