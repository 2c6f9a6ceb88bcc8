// Owns time that passes only when told to, for the bridge's waits and the emulator's dates; answers over the network take real time.
import type { World } from "../../src/inbound/world.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export interface VirtualTime {
  readonly world: World;
  readonly date: () => Date;
  /** Lets milliseconds pass, and wakes whoever waited for one of them. */
  readonly pass: (ms: number) => void;
  /** How long each of those who wait now still has to, in milliseconds, shortest first. */
  readonly waits: () => readonly number[];
}

/** @param startedAt of the wall clock, in milliseconds. */
export function createVirtualTime(startedAt: number, random: () => number): VirtualTime {
  let elapsed = 0;
  const sleepers = new Set<Sleeper>();

  const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleeper: Sleeper = { until: elapsed + ms, wake: done };
      const aborted = (): void => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      function done(): void {
        signal.removeEventListener("abort", aborted);
        resolve();
      }
      if (signal.aborted) aborted();
      else if (ms <= 0) done();
      else {
        sleepers.add(sleeper);
        signal.addEventListener("abort", aborted, { once: true });
      }
    });

  return {
    world: { now: () => startedAt + elapsed, elapsed: () => elapsed, sleep, random },
    waits: () => [...sleepers].map(({ until }) => until - elapsed).toSorted((a, b) => a - b),
    date: () => new Date(startedAt + elapsed),
    pass(ms) {
      elapsed += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > elapsed) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
