// Owns waiting for a time that an abort cuts short.
import { setTimeout } from "node:timers/promises";

/** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
