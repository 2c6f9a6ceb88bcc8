// Owns one connection from opening to its end: stream, pong, reading back, then frames as they come and a look at the lists now and then.
import { toError } from "../../config/error-text.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { GotifyHttpError, GotifyNetworkError } from "../../gotify/errors.ts";
import type { DroppedFrameReason, GotifyStream } from "../../gotify/stream-options.ts";
import type { Backfill, BackfillReport } from "./backfill.ts";
import { backoffDelay } from "./backoff.ts";
import { createFrameBuffer } from "./frame-buffer.ts";
import type { Intake } from "./intake.ts";
import { JournalError } from "../../journal/journal-errors.ts";
import type { Waker } from "./waker.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How often the lists are looked at while all is well: what a stream lost is found within a minute. */
const RECONCILE_MS = 38 * SECOND_MS;
const MAX_RECONCILE_MS = 10 * MINUTE_MS;
/** A look may take one part in so many of the server's time: with a big MariaDB a page takes 300 ms. */
const REST_PER_COST = 500;
/** How long the client waits for a page at most; the pages before it, which came, do not count. */
const PAGE_LIMIT_MS = 20 * SECOND_MS;
/** Between tries to read back. The stream stays open meanwhile: leaving it would disturb other senders. */
const READ_RETRY = { reconnectDelayMs: SECOND_MS, maxReconnectDelayMs: 30 * SECOND_MS };

export type ConnectionEvent =
  /** The stream is open; what was missed is being read. `roundTripMs`: from its first ping to the pong. */
  | { readonly kind: "catching-up"; readonly roundTripMs: number }
  /** A reading is through. `isFirst`: of this connection; from now on nothing is missing. */
  | { readonly kind: "read"; readonly report: BackfillReport; readonly isFirst: boolean }
  /** The lists do not answer, though the stream is open. */
  | {
      readonly kind: "unreadable";
      readonly error: Error;
      readonly failures: number;
      /** Milliseconds that were waited for an answer in vain; 0 when the server said no, or was not there. */
      readonly waitedMs: number;
    };

export interface ConnectionOptions {
  readonly client: Pick<GotifyClient, "openStream">;
  readonly intake: Intake;
  readonly backfill: Backfill;
  /** Called after frames were admitted, with how many. */
  readonly onAdmitted: (count: number) => void;
  readonly onEvent: (event: ConnectionEvent) => void;
  readonly onDropped: (reason: DroppedFrameReason, bytes: number) => void;
  /** Waits between two looks at the lists. */
  readonly waker: Waker;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
}

/** How a connection ended. */
export interface ConnectionEnd {
  readonly error: Error;
  /** Milliseconds from the first pong to the end; 0 when it never opened. */
  readonly livedMs: number;
  /** The server went away without a word, which it also does when a token is deleted. */
  readonly isLost: boolean;
}

/** Runs one connection to its end. Never rejects. */
export async function connect(options: ConnectionOptions): Promise<ConnectionEnd> {
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  let stream: GotifyStream | undefined;
  let failure: Error | undefined;
  const fail = (error: unknown): void => {
    failure ??= toError(error);
    stream?.terminate();
    ended.abort();
  };
  const buffer = createFrameBuffer({
    commit(messages) {
      const { admitted, restarted } = options.intake.acceptFrames(messages);
      if (admitted.length > 0) options.onAdmitted(admitted.length);
      // The lists of a server that counts anew have to be read from their new beginning.
      if (restarted) options.waker.wake();
    },
    onFailure: fail,
  });

  let openedAt: number | undefined;
  const end = (error: Error, isLost: boolean): ConnectionEnd => ({
    error: failure ?? error,
    livedMs: openedAt === undefined ? 0 : options.elapsed() - openedAt,
    isLost: isLost && failure === undefined,
  });
  try {
    stream = await options.client.openStream({
      signal,
      onMessage(message) {
        // A server plugin's message that could not be stored: nothing tells it from its own repetition.
        if (message.id === 0) options.onDropped("no-id", Buffer.byteLength(message.message));
        else buffer.take(message);
      },
      onDropped(reason, bytes) {
        options.onDropped(reason, bytes);
        // Too large to be taken from the stream, but stored: the lists have it.
        if (reason === "oversized") options.waker.wake();
      },
      onHandlerError: fail,
    });
    openedAt = options.elapsed();
    if (failure !== undefined) stream.terminate();
    const reading = keepReading(options, stream.roundTripMs, signal).catch(fail);
    const close = await stream.closed;
    buffer.flush();
    ended.abort();
    await reading;
    return end(close.error ?? new Error("The stream was closed."), close.reason === "lost");
  } catch (error) {
    return end(toError(error), false);
  } finally {
    buffer.close();
    ended.abort();
  }
}

/** Reads back until it works, then again and again. Rejects when the connection is of no use. */
async function keepReading(
  options: ConnectionOptions,
  roundTripMs: number,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  let isFirst = true;
  options.onEvent({ kind: "catching-up", roundTripMs });
  while (!signal.aborted) {
    let restMs: number;
    const askedAt = options.elapsed();
    try {
      const report = await options.backfill.read(signal, isFirst);
      options.onEvent({ kind: "read", report, isFirst });
      failures = 0;
      // While everything starts at once, a page costs more than it will ever again.
      restMs = restAfter(isFirst ? 0 : report.pageCostMs, options.random);
      isFirst = false;
    } catch (error) {
      if (signal.aborted) return;
      if (isUseless(error)) throw error;
      failures += 1;
      const waitedMs = isTimeout(error) ? Math.min(options.elapsed() - askedAt, PAGE_LIMIT_MS) : 0;
      options.onEvent({ kind: "unreadable", error: toError(error), failures, waitedMs });
      restMs = Math.max(backoffDelay(READ_RETRY, failures, options.random), retryAfterMs(error));
    }
    await options.waker.rest(restMs, signal);
  }
}

/** Rarer where a page costs more; and not in step with the other accounts of this server. */
function restAfter(pageCostMs: number, random: () => number): number {
  const restMs = Math.min(MAX_RECONCILE_MS, Math.max(RECONCILE_MS, REST_PER_COST * pageCostMs));
  return restMs * (0.95 + 0.1 * random());
}

function isTimeout(error: unknown): boolean {
  return error instanceof GotifyNetworkError && error.code === "GOTIFY_TIMEOUT";
}

/** Without a journal or a token nothing that arrives can be taken in. */
function isUseless(error: unknown): boolean {
  if (error instanceof JournalError) return true;
  return error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED";
}

/** A proxy that names a time knows better than any backoff. */
export function retryAfterMs(error: unknown): number {
  return error instanceof GotifyHttpError ? (error.retryAfterMs ?? 0) : 0;
}
