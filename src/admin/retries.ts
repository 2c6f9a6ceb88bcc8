// Owns how long to wait before a lost connection is tried again.

const SECOND_MS = 1_000;
const FIRST_MS = SECOND_MS;
const MAX_MS = 30 * SECOND_MS;
/** A server that accepts and closes at once is not there yet. */
const STEADY_MS = 10 * SECOND_MS;

export interface Retries {
  /** A connection was open for so long. */
  readonly lasted: (ms: number) => void;
  /** Twice as long with each failure in a row, and by chance less, so that not all come back at once. */
  readonly nextMs: () => number;
}

export function createRetries(): Retries {
  let failures = 0;
  return {
    lasted(ms) {
      if (ms >= STEADY_MS) failures = 0;
    },
    nextMs() {
      failures += 1;
      return Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1)) * Math.random();
    },
  };
}
