import { expect, onTestFinished, test } from "vitest";
import { beginVitals, vitalsOf } from "./vitals.ts";

/** A run that ends with the test. */
function begin(accountId: string, now: () => number = () => 1_000) {
  const vitals = beginVitals(accountId, now);
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
