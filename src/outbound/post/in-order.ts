// Owns order on the way out: one post at a time for each account, in the order they were asked for.
import { unlessAborted } from "../../gotify/deadline.ts";

const tails = new Map<string, Promise<void>>();

/**
 * Runs `work` after everything asked for earlier under the same key has settled. Failures stay with
 * their caller. An abort ends the wait at once, without letting those behind overtake those in front.
 */
export async function inOrder<T>(
  key: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const before = tails.get(key) ?? Promise.resolve();
  const done = Promise.withResolvers<void>();
  const tail = before.then(() => done.promise);
  tails.set(key, tail);
  try {
    await (signal === undefined ? before : unlessAborted(signal, before));
    return await work();
  } finally {
    done.resolve();
    // The last one out leaves nothing behind.
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
  }
}
