// Owns whether answers could be posted: looks at server and token now and then and when there is doubt, and holds back messages until they are good.
import { errorText } from "../config/error-text.ts";
import { serverProblem } from "../config/server-health.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyConfigError, GotifyNetworkError } from "../gotify/errors.ts";
import type { PostOutcome } from "../config/account-signals.ts";
import type { Gate } from "./gate.ts";
import type { Waker } from "./feed/waker.ts";

const SECOND_MS = 1_000;
/** Between two looks while all is well: a token that was revoked is known within a minute, although nobody posts. */
const LOOK_MS = 38 * SECOND_MS;
/**
 * How long a look waits for one answer. A database that hangs leaves a rest and two looks without one, and is known
 * within a minute; a server that takes some seconds is slow, and nothing worse.
 */
const ANSWER_LIMIT_MS = 8 * SECOND_MS;
/** To try a token takes two questions. */
const PROBE_LIMIT_MS = 2 * ANSWER_LIMIT_MS;
/** Between two looks while something is wrong. The host gives a queued answer up after 13 minutes. */
const RETRY_MS = 15 * SECOND_MS;
/** After a look that nobody answered: one lost request is not worth a word, two are. One that waited in vain has waited enough. */
const AGAIN_MS = 5 * SECOND_MS;

export interface PostingWatchOptions {
  readonly client: Pick<GotifyClient, "health" | "probeAppToken" | "server">;
  readonly gate: Gate;
  readonly waker: Waker;
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly random: () => number;
  /** Called when the answer changes: with what is wrong, or `undefined` when nothing is. */
  readonly onChange: (problem: string | undefined) => void;
  /** Called with each answer, also when it is the same as before. */
  readonly onLook: (problem: string | undefined) => void;
  /** Called for a look that got no answer, while that may still be chance. */
  readonly onUnanswered: (text: string) => void;
  /** Called when a look after some doubt has found everything good: what could not be posted can be now. */
  readonly onReady: () => void;
}

export interface PostingWatch {
  /** Looks now: after connecting, say. */
  readonly look: () => void;
  readonly take: (outcome: PostOutcome) => void;
  /** Resolves once the signal has aborted. Never rejects. */
  readonly done: Promise<void>;
}

interface Finding {
  /** What is wrong; `undefined` when nothing is. */
  readonly problem: string | undefined;
  /** Whether the server itself said so, or the configuration: then there is no doubt about it. */
  readonly isCertain: boolean;
  /** Whether the answer did not come in time, which took its time. */
  readonly isTimeout?: boolean;
}

/**
 * Holds `cannot-post` until a first look has found everything good, and whenever something is wrong. A look that
 * nobody answered holds at once, because an answer to what comes now might find no way out; but only the second one in
 * a row is told. While the stream is away nothing is looked at without a reason: that it is away has been told already.
 */
export function watchPosting(options: PostingWatchOptions): PostingWatch {
  const { client, gate, waker, signal, elapsed } = options;
  let problem: string | undefined;
  let isDoubtful = false;
  let isUnanswered = false;
  let posts = 0;
  let postedAt = Number.NEGATIVE_INFINITY;

  const settle = (found: string | undefined): void => {
    isUnanswered = false;
    options.onLook(found);
    if (found !== problem) options.onChange(found);
    problem = found;
    if (found === undefined) gate.release("cannot-post");
    else gate.hold("cannot-post");
  };
  const look = async (): Promise<Finding> => {
    try {
      const found = await serverProblem(client, { signal, timeoutMs: ANSWER_LIMIT_MS });
      if (found !== undefined) return certain(found);
      const probe = await client.probeAppToken({ signal, timeoutMs: PROBE_LIMIT_MS });
      if (probe.status === "valid") return { problem: undefined, isCertain: true };
      return certain(
        probe.status === "invalid"
          ? probe.error.message
          : "appToken is the token of a client. Put the token of an application there (Gotify's Apps page).",
      );
    } catch (error) {
      return {
        ...certain(errorText(error)),
        isCertain: error instanceof GotifyConfigError,
        isTimeout: error instanceof GotifyNetworkError && error.code === "GOTIFY_TIMEOUT",
      };
    }
  };
  /** One look, and how long to rest after it. */
  const lookOnce = async (hasReason: boolean): Promise<number> => {
    isDoubtful = false;
    const postsBefore = posts;
    const found = await look();
    if (signal.aborted) return 0;
    if (found.problem === undefined) {
      // What waits goes out before the messages that were held back are answered.
      if (hasReason) options.onReady();
      // A post that was refused meanwhile knows better.
      if (!isDoubtful) settle(undefined);
    } else if (posts !== postsBefore) {
      // A post went through meanwhile: one of the two is out of date, and only another look tells which.
      isDoubtful = true;
      return AGAIN_MS;
    } else if (found.isCertain || isUnanswered || problem !== undefined) {
      settle(found.problem);
    } else {
      isUnanswered = true;
      gate.hold("cannot-post");
      options.onUnanswered(found.problem);
      return found.isTimeout === true ? 0 : AGAIN_MS;
    }
    return problem === undefined ? restMs() : RETRY_MS;
  };
  /** Not in step with the other accounts of this server. */
  const restMs = (): number => LOOK_MS * (0.95 + 0.1 * options.random());
  const run = async (): Promise<void> => {
    let nextMs = restMs();
    while (!signal.aborted) {
      await waker.rest(nextMs, signal);
      if (signal.aborted) return;
      const hasReason = isDoubtful || isUnanswered || problem !== undefined;
      const unprovenMs = elapsed() - postedAt;
      nextMs = restMs();
      if (!isDoubtful && problem === undefined && gate.holds().includes("disconnected")) continue;
      // A post that went through says more than any look.
      if (!hasReason && unprovenMs < nextMs) nextMs -= unprovenMs;
      else nextMs = await lookOnce(hasReason);
    }
  };

  return {
    look() {
      isDoubtful = true;
      waker.wake();
    },
    take(outcome) {
      if (outcome.kind === "posted") {
        posts += 1;
        postedAt = elapsed();
        settle(undefined);
      }
      if (outcome.kind !== "refused") return;
      settle(outcome.reason);
      isDoubtful = true;
      waker.wake();
    },
    done: run(),
  };
}

function certain(text: string): Finding {
  return { problem: `No answer can be posted: ${text}`, isCertain: true };
}
