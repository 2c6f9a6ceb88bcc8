// Owns how often the host looks at the queue: its pump looks again as soon as anything has changed, and in a flood that is always.
import { setImmediate as immediate } from "node:timers/promises";
import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";

type Queue = ChannelIngressQueue<unknown>;

/** Rests so many times as long as a look took: a tenth of the time is for looking, the rest for what comes in and goes out. */
const REST_PER_COST = 9;
const MAX_REST_MS = 250;

export interface PacedQueue extends Queue {
  /** Forgets the look that was put off. */
  readonly cancel: () => void;
}

/**
 * The same queue, which looks empty while it rests from the last look.
 *
 * @param lookAgain called when the rest is over and somebody has looked meanwhile: what was there is there still.
 */
export function paceLooks(queue: Queue, lookAgain: () => void): PacedQueue {
  let restUntil = 0;
  let costMs = 0;
  let isResting = false;
  let timer: NodeJS.Timeout | undefined;

  /** The queue does its work before it gives its promise. */
  const timed = <T>(work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = work();
    const ended = performance.now();
    costMs += ended - begun;
    restUntil = ended + Math.min(MAX_REST_MS, REST_PER_COST * costMs);
    return result;
  };
  const beginLook = (): void => {
    const restMs = restUntil - performance.now();
    isResting = restMs > 0;
    if (!isResting) {
      costMs = 0;
      return;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      lookAgain();
    }, restMs);
  };

  return {
    ...queue,
    // What a look of the host begins with.
    async recoverStaleClaims(options) {
      beginLook();
      return isResting ? 0 : timed(() => queue.recoverStaleClaims(options));
    },
    async listPending(options) {
      // The host's pump never waits for anything else: the sockets would starve while there is work.
      await immediate();
      return isResting ? [] : timed(() => queue.listPending(options));
    },
    async listClaims() {
      return isResting ? [] : timed(() => queue.listClaims());
    },
    claimNext: (options) => timed(() => queue.claimNext(options)),
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
