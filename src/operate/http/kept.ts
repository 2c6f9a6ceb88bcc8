// Owns keeping an answer for a while: however often it is asked for, it is made once at a time, and again only when it is old.

/**
 * Makes what is asked for, or hands out what was made less than `ttlMs` ago. Everybody who asks while it is
 * being made waits for the same one. A failure is handed to those who waited, and is not kept.
 *
 * @param ttlMs from when it was made, in milliseconds.
 */
export function keeping<T>(
  make: () => Promise<T>,
  ttlMs: number,
  now: () => number = Date.now,
): () => Promise<T> {
  let kept: { readonly value: T; readonly at: number } | undefined;
  let running: Promise<T> | undefined;
  const run = async (): Promise<T> => {
    try {
      const value = await make();
      kept = { value, at: now() };
      return value;
    } finally {
      running = undefined;
    }
  };
  return () => {
    // A clock that was set back must not keep an answer for hours.
    const age = kept === undefined ? undefined : now() - kept.at;
    if (kept !== undefined && age !== undefined && age >= 0 && age < ttlMs) {
      return Promise.resolve(kept.value);
    }
    running ??= run();
    return running;
  };
}
