import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { inOrder } from "./in-order.ts";

test("posts of one account wait for each other, also after a failure; accounts do not", async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inOrder("home", undefined, async () => {
    await gate.promise;
    log.push("home 1");
    throw new Error("refused");
  });
  const second = inOrder("home", undefined, async () => void log.push("home 2"));
  await inOrder("work", undefined, async () => void log.push("work 1"));
  expect(log).toEqual(["work 1"]);
  gate.resolve();
  await expect(first).rejects.toThrow("refused");
  await second;
  expect(log).toEqual(["work 1", "home 1", "home 2"]);
});

test("one that is stopped while it waits lets nobody overtake those in front", async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const controller = new AbortController();
  const reason = new Error("stopping");
  const first = inOrder("home", undefined, async () => {
    await gate.promise;
    log.push("first");
  });
  const second = inOrder("home", controller.signal, async () => void log.push("second"));
  const third = inOrder("home", undefined, async () => void log.push("third"));
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  await setImmediate();
  expect(log).toEqual([]);
  gate.resolve();
  await Promise.all([first, third]);
  expect(log).toEqual(["first", "third"]);
});
