import { expect, onTestFinished, test, vi } from "vitest";
import { createRetries } from "./retries.ts";

test("waits double up to a bound, and begin again only after a connection that lasted", () => {
  const random = vi.spyOn(Math, "random").mockReturnValue(1);
  onTestFinished(() => random.mockRestore());
  const { lasted, nextMs } = createRetries();
  const waits = (count: number): number[] => Array.from({ length: count }, nextMs);
  expect(waits(7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  lasted(5);
  expect(waits(1)).toEqual([30_000]);
  lasted(60_000);
  expect(waits(2)).toEqual([1_000, 2_000]);
});
