// Owns what can be said about a stream connection: its options with their limits, what it offers, and how it ended.
import type { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import type { GotifyNetworkError } from "./errors.ts";
import type { GotifyMessage } from "./message.ts";

const MIB = 1024 * 1024;

/** Why a frame was thrown away. The connection goes on. */
export type DroppedFrameReason =
  /** Not text, not JSON, or JSON that is no message. */
  | "malformed"
  /** Larger than `maxFrameBytes`. */
  | "oversized"
  /** A message without an id, which nothing can tell apart from its own repetition. */
  | "no-id";

/**
 * What to do with a stream, and how patient to be. Times are milliseconds above 0, and more than about
 * 24 days (2,147,483,647) counts as that; sizes are bytes above 0, and more than 2 GiB counts as that.
 * Anything else is `GOTIFY_CONFIG`.
 */
export interface GotifyStreamOptions {
  /**
   * Called for each message, in arrival order, which is not always the order of ids. Also called for
   * what arrives before `openStream` resolves, and never again once the stream is closed, terminated or
   * aborted by this side, also for what has arrived already.
   *
   * Must return quickly: Gotify drops a reader that does not read for 2 s. It may be asynchronous, but
   * is not waited for: the next message comes when it comes. What it throws, or its promise rejects
   * with, goes to `onHandlerError`; the stream goes on.
   */
  readonly onMessage: (message: GotifyMessage) => unknown;
  /** Called for each frame that was thrown away, with its size. As long as `onMessage`, and as free to fail. */
  readonly onDropped?: (reason: DroppedFrameReason, bytes: number) => unknown;
  /**
   * Called with what `onMessage` or `onDropped` threw or rejected with, the latter also after the end.
   * What it throws or rejects with itself is swallowed.
   */
  readonly onHandlerError?: (error: unknown) => unknown;
  /** Closes the connection as `close()` does, or gives up opening it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for connecting, the handshake and the answer to the first ping together. Default 15,000. Shorter
   * fails on slow networks, longer delays the next try when a proxy swallows the request.
   */
  readonly openTimeoutMs?: number;
  /**
   * Milliseconds between pings. Default 25,000, below the idle limits of common proxies (60,000) and
   * of Gotify's own ping (45,000). Longer notices a dead connection later.
   */
  readonly pingIntervalMs?: number;
  /**
   * Milliseconds for any sign of life after a ping before the connection counts as dead. Default 10,000.
   * Not only the pong counts: it waits behind whatever large message is on its way.
   */
  readonly pongTimeoutMs?: number;
  /** Bytes a frame may have to be looked at; larger ones are dropped. Default 4 MiB. */
  readonly maxFrameBytes?: number;
  /**
   * Bytes a frame may have to be held in memory at all. Default 64 MiB. A larger one ends the
   * connection with the reason `frame-limit`, because the transport cannot skip it.
   */
  readonly hardFrameLimitBytes?: number;
  /** Milliseconds to wait for the server's part of a close before hanging up. Default 2,000. */
  readonly closeTimeoutMs?: number;
}

/** How the socket is made: for proxies, own name resolution and TLS. */
export interface GotifySocketOptions {
  /** Makes the connection, e.g. an agent for a proxy or with a certificate of one's own. */
  readonly agent?: Agent;
  /** Which authorities are trusted, and what this side shows of itself; reaches also through a proxy's agent. */
  readonly secureContext?: SecureContext;
  /** Resolves the host's name in place of the system's way. */
  readonly lookup?: LookupFunction;
}

/** How a connection ended. */
export interface GotifyStreamClose {
  /**
   * - `closed`: `close()` was called or the signal aborted.
   * - `lost`: the other side went away. Gotify never says why: a deleted token, a shutdown and a cut
   *   cable all look the same (code 1006), so ask for the current user before reconnecting.
   * - `unresponsive`: no sign of life after a ping; this side hung up.
   * - `frame-limit`: a frame was larger than `hardFrameLimitBytes`; this side hung up.
   */
  readonly reason: "closed" | "lost" | "unresponsive" | "frame-limit";
  /** The WebSocket close code, e.g. 1006 when the connection just ended. */
  readonly code: number;
  /** What a person should read; absent when the close was wanted. */
  readonly error: GotifyNetworkError | undefined;
}

/** An open connection to `/stream`. It never reconnects; whoever opened it decides what comes next. */
export interface GotifyStream {
  /** Resolves once the connection has ended, for whatever reason. Never rejects. */
  readonly closed: Promise<GotifyStreamClose>;
  /** Milliseconds from the first ping, with which it was opened, to its pong. */
  readonly roundTripMs: number;
  /**
   * Closes with a close frame (1000), hangs up if the server does not answer it in `closeTimeoutMs`, and
   * resolves when all is over. Nothing is handed on from the moment it is called. Never rejects, and may
   * be called again.
   */
  close(): Promise<void>;
  /** Hangs up at once, without a close frame, and hands nothing on any more. For when messages cannot be taken in. */
  terminate(): void;
}

export const STREAM_DEFAULTS = {
  openTimeoutMs: 15_000,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  maxFrameBytes: 4 * MIB,
  hardFrameLimitBytes: 64 * MIB,
  closeTimeoutMs: 2_000,
} as const;
