// Owns the connection to Gotify over time: open, hand messages on, notice the end, wait, open again.
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import type { DroppedFrameReason, GotifyStream } from "../gotify/stream-options.ts";
import { backoffDelay, type BackoffOptions } from "./backoff.ts";

const MINUTE_MS = 60_000;
/** A connection that lived this long counts as working: the next failure starts from the first delay. */
const STABLE_AFTER_MS = MINUTE_MS;
/** How often rejected credentials are tried again; the operator may have put them right on the server. */
const BLOCKED_RETRY_MS = 5 * MINUTE_MS;
/** Messages waiting to be admitted. Beyond it the connection is dropped rather than memory filled. */
const MAX_WAITING = 2_000;

/** What the feed is doing, for status and log. */
export type FeedState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | {
      readonly kind: "waiting";
      readonly error: Error;
      readonly failures: number;
      readonly delayMs: number;
    }
  /** Only a person can help; it is tried again now and then all the same. */
  | { readonly kind: "blocked"; readonly error: Error }
  | { readonly kind: "gave-up"; readonly error: Error };

export interface FeedOptions {
  readonly client: Pick<GotifyClient, "openStream" | "currentUser">;
  readonly policy: BackoffOptions & { readonly maxReconnectAttempts: number };
  /** Takes a message in for good. When it rejects, the connection is dropped: nothing may pass unadmitted. */
  readonly admit: (message: GotifyMessage) => Promise<void>;
  readonly onState: (state: FeedState) => void;
  readonly onDropped: (reason: DroppedFrameReason, bytes: number) => void;
  readonly onAdmissionError: (error: unknown) => void;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly now?: () => number;
}

/**
 * Keeps a stream open until the signal aborts, and resolves then.
 *
 * What was posted while no stream was open is not fetched yet: the place for it is between the pong and
 * the first live message, where `openStream` has resolved and frames wait in `intake`.
 */
export async function runFeed(options: FeedOptions): Promise<void> {
  const { signal, policy } = options;
  const random = options.random ?? Math.random;
  const now = options.now ?? Date.now;
  let failures = 0;

  while (!signal.aborted) {
    options.onState({ kind: "connecting" });
    const { error, livedMs } = await connectOnce(options, now);
    if (signal.aborted) return;
    if (livedMs >= STABLE_AFTER_MS) failures = 0;
    failures += 1;

    if (isRejected(error)) {
      options.onState({ kind: "blocked", error });
      await pause(options, BLOCKED_RETRY_MS);
    } else if (policy.maxReconnectAttempts > 0 && failures > policy.maxReconnectAttempts) {
      options.onState({ kind: "gave-up", error });
      return;
    } else {
      const delayMs = Math.max(backoffDelay(policy, failures, random), retryAfterMs(error));
      options.onState({ kind: "waiting", error, failures, delayMs });
      await pause(options, delayMs);
    }
  }
}

/** One connection from opening to its end. */
async function connectOnce(
  options: FeedOptions,
  now: () => number,
): Promise<{ error: Error; livedMs: number }> {
  let openedAt: number | undefined;
  const intake = createIntake(options);
  try {
    const stream = await options.client.openStream({
      signal: options.signal,
      onMessage: intake.take,
      onDropped: options.onDropped,
      onHandlerError: options.onAdmissionError,
    });
    intake.attach(stream);
    openedAt = now();
    options.onState({ kind: "live" });
    const close = await stream.closed;
    const livedMs = now() - openedAt;
    // Gotify hangs up without a word when a token is deleted; only asking tells that from an outage.
    if (close.reason === "lost") await options.client.currentUser({ signal: options.signal });
    return {
      error: intake.failure() ?? close.error ?? new Error("The stream was closed."),
      livedMs,
    };
  } catch (error) {
    return { error: toError(error), livedMs: openedAt === undefined ? 0 : now() - openedAt };
  } finally {
    await intake.drained();
  }
}

interface Intake {
  readonly take: (message: GotifyMessage) => void;
  readonly attach: (stream: GotifyStream) => void;
  readonly failure: () => Error | undefined;
  /** Resolves when everything taken has been admitted or given up. */
  readonly drained: () => Promise<void>;
}

/** Admits one message after another, in arrival order, and drops the connection when that does not work. */
function createIntake(options: FeedOptions): Intake {
  let stream: GotifyStream | undefined;
  let failed: Error | undefined;
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const fail = (error: Error): void => {
    failed ??= error;
    stream?.terminate();
  };
  return {
    take(message) {
      if (failed !== undefined) return;
      if (waiting >= MAX_WAITING) {
        fail(
          new Error(`More than ${MAX_WAITING} messages wait to be written down. Is the disk slow?`),
        );
        return;
      }
      waiting += 1;
      last = last.then(async () => {
        try {
          if (failed === undefined) await options.admit(message);
        } catch (error) {
          options.onAdmissionError(error);
          fail(toError(error));
        } finally {
          waiting -= 1;
        }
      });
    },
    attach(opened) {
      stream = opened;
      if (failed !== undefined) opened.terminate();
    },
    failure: () => failed,
    drained: () => last,
  };
}

/** The server does not know the token. Tried again rarely: hammering would open no door and fill its log. */
function isRejected(error: Error): boolean {
  return error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED";
}

/** A proxy that names a time knows better than any backoff. */
function retryAfterMs(error: Error): number {
  return error instanceof GotifyHttpError ? (error.retryAfterMs ?? 0) : 0;
}

async function pause(options: FeedOptions, ms: number): Promise<void> {
  try {
    await options.sleep(ms, options.signal);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
