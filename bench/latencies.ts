// Owns the time from a frame to its turn, by message.
import type { GotifyMessage } from "../src/gotify/message.ts";

export interface Latencies {
  readonly received: (message: GotifyMessage) => void;
  readonly dispatched: (messages: readonly GotifyMessage[]) => void;
  readonly forget: () => void;
  /** Milliseconds, of all that were dispatched. */
  readonly list: () => readonly number[];
}

export function createLatencies(): Latencies {
  const since = new Map<number, number>();
  let took: number[] = [];
  return {
    received(message) {
      since.set(message.id, performance.now());
    },
    dispatched(messages) {
      const now = performance.now();
      for (const { id } of messages) {
        const begun = since.get(id);
        if (begun !== undefined) took.push(now - begun);
        since.delete(id);
      }
    },
    forget() {
      since.clear();
      took = [];
    },
    list: () => took,
  };
}
