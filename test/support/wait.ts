// Owns waiting: until a condition holds, never for a length of time.
import { setTimeout as pause } from "node:timers/promises";

export type WaitOptions = {
  /** Give up after this many milliseconds. Default 30 000. */
  timeoutMs?: number;
  /** Pause between two looks, in milliseconds. Default 50. */
  intervalMs?: number;
  /** Give up at once when this aborts; its reason is thrown. */
  signal?: AbortSignal;
  /** Appended to the error, so a failure explains itself (for example the Gateway's last lines). */
  explain?: () => string;
};

/** What a probe answers while the condition does not hold yet. */
type NotYet = undefined | null | false;

/**
 * Looks again and again until `probe` answers something, and returns that. A probe that throws counts
 * as "not yet"; the last error becomes the `cause` when time runs out.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | NotYet | Promise<T | NotYet>,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50, signal, explain } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
      const details = explain?.();
      const message = `Waited ${timeoutMs / 1000} s in vain: ${what}${details ? `\n${details}` : ""}`;
      throw new Error(message, { cause: lastError });
    }
    // An abort ends the pause early; the check above then throws the signal's own reason.
    await pause(intervalMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** A door that tests open themselves: lets a scripted answer wait for an event instead of a delay. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
