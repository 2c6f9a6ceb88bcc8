// Owns whether answers could be posted: looks at server and token when there is doubt, and holds back messages until they are good.
import { serverProblem } from "../config/server-health.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { PostOutcome } from "../config/account-signals.ts";
import type { Gate } from "./gate.ts";
import type { Waker } from "./feed/waker.ts";

const SECOND_MS = 1_000;
/** Between two looks while something is wrong. The host gives a queued answer up after 13 minutes. */
const RETRY_MS = 15 * SECOND_MS;
/** A rest that only a wake ends. */
const NO_DOUBT_MS = 24 * 3_600 * SECOND_MS;

export interface PostingWatchOptions {
  readonly client: Pick<GotifyClient, "health" | "probeAppToken" | "server">;
  readonly gate: Gate;
  readonly waker: Waker;
  readonly signal: AbortSignal;
  /** Called when the answer changes: with what is wrong, or `undefined` when nothing is. */
  readonly onChange: (problem: string | undefined) => void;
  /** Called when a look has found everything good: what could not be posted can be now. */
  readonly onReady: () => void;
}

export interface PostingWatch {
  /** Looks now: after connecting, say. */
  readonly look: () => void;
  readonly take: (outcome: PostOutcome) => void;
  /** Resolves once the signal has aborted. Never rejects. */
  readonly done: Promise<void>;
}

/** Holds `cannot-post` until a first look has found everything good. */
export function watchPosting(options: PostingWatchOptions): PostingWatch {
  const { client, gate, waker, signal } = options;
  let problem: string | undefined;
  let isDoubtful = false;

  const settle = (found: string | undefined): void => {
    if (found !== problem) options.onChange(found);
    problem = found;
    if (found === undefined) gate.release("cannot-post");
    else gate.hold("cannot-post");
  };
  const look = async (): Promise<string | undefined> => {
    try {
      const found = await serverProblem(client, { signal });
      if (found !== undefined) return `No answer can be posted: ${found}`;
      const probe = await client.probeAppToken({ signal });
      if (probe.status === "valid") return undefined;
      return probe.status === "invalid"
        ? `No answer can be posted: ${probe.error.message}`
        : "No answer can be posted: appToken is the token of a client. Put the token of an application there (Gotify's Apps page).";
    } catch (error) {
      return `No answer can be posted: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await waker.rest(problem === undefined ? NO_DOUBT_MS : RETRY_MS, signal);
      if (signal.aborted) return;
      if (!isDoubtful && problem === undefined) continue;
      isDoubtful = false;
      const found = await look();
      if (signal.aborted) return;
      // What waits goes out before the messages that were held back are answered.
      if (found === undefined) options.onReady();
      settle(found);
    }
  };

  return {
    look() {
      isDoubtful = true;
      waker.wake();
    },
    take(outcome) {
      if (outcome.kind === "posted") settle(undefined);
      if (outcome.kind !== "refused") return;
      settle(outcome.reason);
      waker.wake();
    },
    done: run(),
  };
}
