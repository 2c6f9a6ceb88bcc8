import { expect, test } from "vitest";
import { sleep, untilAborted } from "./sleep.ts";

test.each([2 ** 31 - 1, 2 ** 31, 2 ** 53, Infinity])(
  "sleeping for %d ms takes long, and ends with an abort",
  async (ms) => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const sleeping = sleep(ms, controller.signal).then(
      () => "over",
      (error: unknown) => error,
    );
    const aWhile = sleep(30, new AbortController().signal).then(() => "asleep");
    expect(await Promise.race([sleeping, aWhile])).toBe("asleep");
    controller.abort(reason);
    expect(await sleeping).toBe(reason);
  },
);

test("waiting for an abort ends with it, and at once where it has been", async () => {
  const controller = new AbortController();
  let isOver = false;
  const waiting = untilAborted(controller.signal).then(() => (isOver = true));
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  controller.abort();
  await waiting;
  await untilAborted(controller.signal);
});
