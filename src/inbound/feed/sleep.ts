// Owns waiting that an abort ends: for a time, or for the abort itself.
import { setTimeout } from "node:timers/promises";

/** Beyond this, about 24 days, Node's timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Resolves after `ms` milliseconds, or after about 24 days when they are more; rejects with the signal's
 * reason when that aborts first.
 */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.min(ms, MAX_TIMER_MS), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
