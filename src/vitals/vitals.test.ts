import { describe, expect, onTestFinished, test } from "vitest";
import { beginVitals, endOf, hasRunAny, vitalsOf, type StreamState } from "./vitals.ts";

const HOUR_MS = 60 * 60_000;

/** A run that ends with the test. */
function begin(
  accountId: string,
  now: () => number = () => 1_000,
  elapsed: () => number = () => 0,
) {
  const vitals = beginVitals(accountId, now, elapsed);
  onTestFinished(vitals.end);
  return vitals;
}

test("an account that does not run has no vitals, before and after", () => {
  expect(vitalsOf("home")).toBeUndefined();
  const vitals = begin("home");
  expect(vitalsOf("home")).toMatchObject({ startedAt: 1_000, stream: { value: "connecting" } });
  vitals.end();
  expect(vitalsOf("home")).toBeUndefined();
});

test("a new run begins anew, and the end of the one before does not end it", () => {
  const before = begin("home");
  before.count("in", 5);
  before.set({ version: "3.0.0" });
  const after = begin("home");
  after.count("out");
  before.end();
  expect(vitalsOf("home")?.counted).toMatchObject({ in: 0, out: 1 });
  expect(vitalsOf("home")?.version).toBeUndefined();
});

test("what was looked at once does not change afterwards", () => {
  const vitals = begin("home");
  const looked = vitals.look();
  vitals.count("in");
  vitals.set({ lastInAt: 7 });
  expect(looked.counted.in).toBe(0);
  expect(looked.lastInAt).toBeUndefined();
});

test("counts are taken once, and counted for good", () => {
  const vitals = begin("home");
  vitals.count("in", 3);
  vitals.count("failed");
  expect(vitals.takeUncounted()).toMatchObject({ in: 3, failed: 1, out: 0 });
  vitals.count("in");
  expect(vitals.takeUncounted()).toMatchObject({ in: 1, failed: 0 });
  expect(vitals.look().counted).toMatchObject({ in: 4, failed: 1 });
});

test("how long a stream has been down does not begin anew with each try", () => {
  let now = 1_000;
  const vitals = begin("home", () => now);
  vitals.set({ stream: { value: "open", at: now } });
  expect(vitals.look().downSince).toBeUndefined();
  for (const value of ["waiting", "connecting", "waiting"] as const) {
    now += 1_000;
    vitals.set({ stream: { value, at: now } });
  }
  expect(vitals.look()).toMatchObject({ downSince: 2_000, stream: { at: 4_000 } });
});

describe("how old things are", () => {
  test("is not touched by a wall clock that jumps: ahead while the machine sleeps, or back when it is set", () => {
    let wallClock = Date.UTC(2026, 10, 23);
    let elapsed = 5_000_000;
    const vitals = begin(
      "home",
      () => wallClock,
      () => elapsed,
    );
    const pass = (ms: number): void => {
      wallClock += ms;
      elapsed += ms;
    };
    vitals.set({ connectedAt: wallClock, posting: { value: undefined, at: wallClock } });
    pass(1_000);
    vitals.set({ newestStored: { value: undefined, at: wallClock } });
    pass(1_000);
    vitals.set({ queueAskedAt: wallClock });
    pass(500);
    const ages = { queueAsked: 500, posting: 2_500, reading: 1_500 };
    expect(vitals.look().ages).toEqual(ages);
    for (const jumpMs of [8 * HOUR_MS, -16 * HOUR_MS]) {
      wallClock += jumpMs;
      expect(vitals.look().ages).toEqual(ages);
    }
    pass(HOUR_MS);
    expect(vitals.look().ages).toEqual({
      queueAsked: HOUR_MS + 500,
      posting: HOUR_MS + 2_500,
      reading: HOUR_MS + 1_500,
    });
  });

  test("is counted from the start, then from the connection, and then from the look itself", () => {
    let elapsed = 0;
    const vitals = begin("home", undefined, () => elapsed);
    elapsed = 10;
    expect(vitals.look().ages).toEqual({ queueAsked: undefined, posting: 10, reading: 10 });
    vitals.set({ connectedAt: 1_000 });
    elapsed = 30;
    expect(vitals.look().ages).toEqual({ queueAsked: 20, posting: 20, reading: 20 });
    vitals.set({ posting: { value: "No.", at: 1_000 }, queueAskedAt: 1_000 });
    elapsed = 31;
    expect(vitals.look().ages).toEqual({ queueAsked: 1, posting: 1, reading: 21 });
    // Down for long, and just back: it is being looked at.
    vitals.set({ connectedAt: undefined });
    elapsed = 900;
    vitals.set({ connectedAt: 1_000 });
    expect(vitals.look().ages).toMatchObject({ posting: 0, reading: 0 });
  });
});

test("an end is remembered with its error until the account runs again", () => {
  const first = beginVitals("ends", () => 1_000);
  expect(endOf("ends")).toBeUndefined();
  first.endWith("The file install-id is damaged.");
  // Whoever tidies up afterwards says nothing new.
  first.end();
  expect(endOf("ends")).toEqual({ value: "The file install-id is damaged.", at: 1_000 });
  expect(vitalsOf("ends")).toBeUndefined();
  expect(hasRunAny()).toBe(true);
  const second = beginVitals("ends", () => 2_000);
  expect(endOf("ends")).toBeUndefined();
  second.end();
  expect(endOf("ends")).toEqual({ value: undefined, at: 2_000 });
});

test("a connection that ends before its first reading is remembered until one is open", () => {
  const run = begin("home");
  const enter = (value: StreamState): boolean | undefined => {
    run.set({ stream: { value, at: 1_000 } });
    return run.look().hasDiedCatchingUp;
  };
  expect(enter("catching-up")).toBe(false);
  expect(enter("waiting")).toBe(true);
  expect(enter("catching-up")).toBe(true);
  expect(enter("open")).toBe(false);
  expect(enter("waiting")).toBe(false);
});
