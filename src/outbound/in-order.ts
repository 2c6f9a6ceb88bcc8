// Owns order on the way out: one post at a time for each account, in the order they were asked for.

const tails = new Map<string, Promise<unknown>>();

/** Runs `work` after everything asked for earlier under the same key has settled. Failures stay with their caller. */
export async function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const current = before.then(work, work);
  tails.set(key, current);
  try {
    return await current;
  } finally {
    // The last one out leaves nothing behind.
    if (tails.get(key) === current) tails.delete(key);
  }
}
