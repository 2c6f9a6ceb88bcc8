// Owns time and chance as the way in knows them: passed in, so that tests can own them.
import { sleep } from "./feed/sleep.ts";

export interface World {
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

export const realWorld: World = {
  now: Date.now,
  elapsed: () => performance.now(),
  sleep,
  random: Math.random,
};
