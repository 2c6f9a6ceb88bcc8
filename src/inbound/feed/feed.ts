// Owns the connection to Gotify over time: open, notice the end, find out why, wait, open again. Its journal is what makes it gap-free.
import type { ResolvedCatchUp } from "../../config/types.ts";
import { toError } from "../../config/error-text.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { GotifyHttpError } from "../../gotify/errors.ts";
import type { DroppedFrameReason } from "../../gotify/stream-options.ts";
import { createBackfill, type Backfill } from "./backfill.ts";
import { backoffDelay, type BackoffOptions } from "./backoff.ts";
import { connect, retryAfterMs, type ConnectionEnd, type ConnectionEvent } from "./connection.ts";
import type { Intake } from "./intake.ts";
import { isPassing, JournalError } from "../../journal/journal-errors.ts";
import type { Progress } from "./progress.ts";
import type { Waker } from "./waker.ts";

const MINUTE_MS = 60_000;
/** A connection that lived this long counts as working: the next failure starts from the first delay. */
const STABLE_AFTER_MS = MINUTE_MS;
/** How often rejected credentials are tried again; the operator may have put them right on the server. */
const BLOCKED_RETRY_MS = 5 * MINUTE_MS;

/** What the feed is doing, for gate, status and log. */
export type FeedState =
  | { readonly kind: "connecting" }
  | ConnectionEvent
  | {
      readonly kind: "waiting";
      readonly error: Error;
      readonly failures: number;
    }
  /** Only a person can help; it is tried again now and then all the same. */
  | { readonly kind: "blocked"; readonly error: Error }
  | { readonly kind: "gave-up"; readonly error: Error };

export interface FeedOptions {
  readonly client: Pick<GotifyClient, "openStream" | "readPages" | "currentUser" | "health">;
  readonly policy: BackoffOptions & {
    readonly maxReconnectAttempts: number;
    readonly catchUp: ResolvedCatchUp;
  };
  /** Called once the server has said whose token it is: from then on the journal can be asked. */
  readonly prepare: (userId: number) => { readonly progress: Progress; readonly intake: Intake };
  /** Asked before each connection: throws when nothing could be written down anyway. */
  readonly assertWritable: () => void;
  readonly onAdmitted: (count: number) => void;
  readonly onState: (state: FeedState) => void;
  readonly onDropped: (reason: DroppedFrameReason, bytes: number) => void;
  readonly signal: AbortSignal;
  readonly waker: Waker;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly now?: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed?: () => number;
}

/**
 * Keeps everything coming until the signal aborts, and resolves then; or earlier, after giving up.
 *
 * @throws {JournalError} when the journal is lost to another process or damaged: whoever opened it has to act.
 */
export async function runFeed(options: FeedOptions): Promise<void> {
  const { signal, policy } = options;
  const random = options.random ?? Math.random;
  const connectOnce = createConnector(options, random);
  let failures = 0;

  while (!signal.aborted) {
    options.onState({ kind: "connecting" });
    const end = await connectOnce();
    if (signal.aborted) return;
    const error = await explain(options, end);
    if (error instanceof JournalError && !isPassing(error)) throw error;
    if (end.livedMs >= STABLE_AFTER_MS) failures = 0;
    // What the disk does is no reason to give the server up.
    failures += isPassing(error) && policy.maxReconnectAttempts > 0 ? 0 : 1;

    if (isRejected(error)) {
      options.onState({ kind: "blocked", error });
      await pause(options, BLOCKED_RETRY_MS);
    } else if (policy.maxReconnectAttempts > 0 && failures > policy.maxReconnectAttempts) {
      options.onState({ kind: "gave-up", error });
      return;
    } else {
      const delayMs = Math.max(backoffDelay(policy, failures, random), retryAfterMs(error));
      options.onState({ kind: "waiting", error, failures });
      await pause(options, delayMs);
    }
  }
}

/** Makes one connection after another, all of them over one journal. */
function createConnector(options: FeedOptions, random: () => number): () => Promise<ConnectionEnd> {
  const { client, policy, signal } = options;
  const elapsed = options.elapsed ?? (() => performance.now());
  let prepared: { intake: Intake; backfill: Backfill } | undefined;
  const prepare = async (): Promise<{ intake: Intake; backfill: Backfill }> => {
    const { progress, intake } = options.prepare((await client.currentUser({ signal })).id);
    const backfill = createBackfill({
      client,
      progress,
      intake,
      policy: policy.catchUp,
      now: options.now ?? Date.now,
      elapsed,
    });
    return { intake, backfill };
  };
  return async () => {
    try {
      // With a full disk no socket is opened: it would have to be dropped, which disturbs other senders.
      options.assertWritable();
      prepared ??= await prepare();
    } catch (error) {
      return { error: toError(error), livedMs: 0, isLost: false };
    }
    return connect({ ...options, ...prepared, onEvent: options.onState, random, elapsed });
  };
}

/**
 * What a person should read about an end. Gotify hangs up without a word when a token is deleted, and a
 * proxy may say 401 for reasons of its own: only asking a healthy server who we are tells these apart.
 */
async function explain(options: FeedOptions, end: ConnectionEnd): Promise<Error> {
  const { client, signal } = options;
  if (!end.isLost && !isRejected(end.error)) return end.error;
  try {
    const health = await client.health({ signal });
    if (!health.ok) return end.isLost ? end.error : unhealthy(health.database);
    await client.currentUser({ signal });
  } catch (error) {
    if (isRejected(error)) return toError(error);
    return end.isLost ? end.error : toError(error);
  }
  if (end.isLost) return end.error;
  return new Error(
    `The stream was refused, although the client token is good: something in front of Gotify wants credentials of its own for /stream. (${end.error.message})`,
  );
}

function unhealthy(database: string): Error {
  return new Error(`Gotify says that its database is ${database}. Check the database.`);
}

/** The server does not know the token. Tried again rarely: hammering would open no door and fill its log. */
function isRejected(error: unknown): boolean {
  return error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED";
}

async function pause(options: FeedOptions, ms: number): Promise<void> {
  try {
    await options.sleep(ms, options.signal);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
