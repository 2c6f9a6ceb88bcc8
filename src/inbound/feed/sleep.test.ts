import { expect, test } from "vitest";
import { sleep } from "./sleep.ts";

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
