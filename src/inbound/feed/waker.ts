// Owns a rest that somebody may cut short: the wait between two looks at the lists.
import { sleep } from "./sleep.ts";

export interface Waker {
  /** Ends the rest that is going on, or else the next one. */
  readonly wake: () => void;
  /** Resolves after `ms` milliseconds, or when woken, or when the signal aborts. Never rejects. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function createWaker(wait: typeof sleep = sleep): Waker {
  let isWoken = false;
  let current: AbortController | undefined;
  return {
    wake() {
      isWoken = true;
      current?.abort();
    },
    async rest(ms, signal) {
      if (!isWoken && !signal.aborted) {
        current = new AbortController();
        const either = AbortSignal.any([signal, current.signal]);
        // Only an abort can end it early, and that is no failure here.
        await wait(ms, either).catch((error: unknown) => {
          if (!either.aborted) throw error;
        });
      }
      current = undefined;
      isWoken = false;
    },
  };
}
