import { expect, test } from "vitest";
import { backoffDelay } from "./backoff.ts";

const policy = { reconnectDelayMs: 2_000, maxReconnectDelayMs: 30_000 };
const top = 1 - Number.EPSILON;

test("the bound doubles from the first delay to the longest", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 100, 5_000].map((failures) =>
    backoffDelay(policy, failures, () => top),
  );
  expect(bounds).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the wait is anywhere below the bound, so that many bridges do not return at once", () => {
  expect(backoffDelay(policy, 3, () => 0)).toBe(0);
  expect(backoffDelay(policy, 3, () => 0.25)).toBe(2_000);
});
