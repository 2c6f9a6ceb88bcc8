// Owns how long to wait before the next connection: full jitter, so that many bridges do not return at once.

export interface BackoffOptions {
  readonly reconnectDelayMs: number;
  readonly maxReconnectDelayMs: number;
}

/**
 * A random wait below a bound that doubles with each failure.
 *
 * @param failures how many connections have failed in a row, from 1.
 * @param random a number from 0 (inclusive) to 1 (exclusive).
 * @returns milliseconds.
 */
export function backoffDelay(
  options: BackoffOptions,
  failures: number,
  random: () => number,
): number {
  const bound = Math.min(
    options.maxReconnectDelayMs,
    options.reconnectDelayMs * 2 ** Math.min(failures - 1, 30),
  );
  return Math.round(random() * bound);
}
