// Owns one stream connection: open until the pong, frames to messages, a watchdog, and an end that is always reported.
import { randomBytes } from "node:crypto";
import { WebSocket, type RawData } from "ws";
import type { CheckedClientOptions } from "./client-options.ts";
import { unlessAborted, withDeadline, type Deadline } from "./deadline.ts";
import { GotifyConfigError, GotifyError, GotifyNetworkError } from "./errors.ts";
import { credentialHeaders, secretsOf, type Credential, type HttpSetup } from "./http.ts";
import { networkFailure, timeoutFailure } from "./network-failure.ts";
import { checkedBytes, checkedMs } from "./limits.ts";
import { asObject, compact } from "./parse.ts";
import { takeFrame } from "./stream-frame.ts";
import { refusedHandshake } from "./stream-handshake.ts";
import {
  STREAM_DEFAULTS,
  type GotifySocketOptions,
  type GotifyStream,
  type GotifyStreamClose,
  type GotifyStreamOptions,
} from "./stream-options.ts";

const NORMAL_CLOSURE = 1000;
/** Enough that no other pong can carry the same by chance; a control frame holds 125. */
const BARRIER_BYTES = 16;

type Settings = GotifyStreamOptions &
  Required<Pick<GotifyStreamOptions, keyof typeof STREAM_DEFAULTS>>;

/** A stream on a socket of `ws`, whose types stay inside: who uses the client need not have them. */
class SocketStream implements GotifyStream {
  readonly closed: Promise<GotifyStreamClose>;
  readonly roundTripMs: number;

  readonly #socket: WebSocket;
  readonly #settings: Settings;
  readonly #server: string;
  readonly #stopTaking: () => void;
  #ending: GotifyStreamClose["reason"] | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #pongTimer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;

  /** Use {@link openStream}: a stream exists only once the server has answered a ping. */
  constructor(
    socket: WebSocket,
    settings: Settings,
    opened: {
      server: string;
      stopTaking: () => void;
      failed: Error | undefined;
      roundTripMs: number;
    },
  ) {
    this.roundTripMs = opened.roundTripMs;
    this.#socket = socket;
    this.#settings = settings;
    this.#server = opened.server;
    this.#stopTaking = opened.stopTaking;
    this.closed = new Promise((resolve) => {
      // `ws` answers such a frame with a close and then waits for the other side, which may not come.
      socket.on("error", (error) => {
        if (isFrameLimit(error)) this.#hangUp("frame-limit");
      });
      socket.once("close", (code: number) => {
        this.#stopWatching();
        settings.signal?.removeEventListener("abort", this.#onAbort);
        resolve(this.#describeEnd(code));
      });
    });
    for (const event of ["message", "ping", "pong"]) socket.on(event, this.#onSignOfLife);
    settings.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#schedulePing();
    // A frame in the same packet as the pong can have failed before anyone listened here.
    if (opened.failed !== undefined && isFrameLimit(opened.failed)) this.#hangUp("frame-limit");
  }

  async close(): Promise<void> {
    this.#ending ??= "closed";
    this.#stopTaking();
    this.#stopWatching();
    const hangUp = setTimeout(() => this.#socket.terminate(), this.#settings.closeTimeoutMs);
    this.#socket.close(NORMAL_CLOSURE);
    await this.closed;
    clearTimeout(hangUp);
  }

  terminate(): void {
    this.#hangUp("closed");
  }

  #hangUp(reason: GotifyStreamClose["reason"]): void {
    this.#ending ??= reason;
    this.#stopTaking();
    this.#socket.terminate();
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  readonly #onSignOfLife = (): void => {
    clearTimeout(this.#pongTimer);
    clearImmediate(this.#lastLook);
    this.#pongTimer = undefined;
  };

  #schedulePing(): void {
    this.#pingTimer = setInterval(() => {
      if (this.#pongTimer !== undefined) return;
      this.#pongTimer = setTimeout(() => {
        // When this process stood still, the timer is due before what has arrived meanwhile is read.
        this.#lastLook = setImmediate(() => this.#hangUp("unresponsive"));
      }, this.#settings.pongTimeoutMs);
      this.#socket.ping();
    }, this.#settings.pingIntervalMs);
  }

  #stopWatching(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    clearImmediate(this.#lastLook);
  }

  #describeEnd(code: number): GotifyStreamClose {
    const reason = this.#ending ?? "lost";
    const where = `The stream of Gotify at ${this.#server}`;
    const texts: Record<GotifyStreamClose["reason"], string | undefined> = {
      closed: undefined,
      lost: `${where} ended (code ${code}). The server stopped, a proxy cut it, or the client token was deleted.`,
      unresponsive: `${where} stopped answering. The connection was dead without anyone closing it.`,
      "frame-limit": `${where} sent a message of more than ${this.#settings.hardFrameLimitBytes} bytes. Delete it in Gotify.`,
    };
    const text = texts[reason];
    const error =
      text === undefined
        ? undefined
        : new GotifyNetworkError(text, { code: "GOTIFY_CONNECTION_LOST", requestSent: true });
    return { reason, code, error };
  }
}

/**
 * Opens `/stream` and resolves once the pong to a ping has come back.
 *
 * Gotify answers the handshake before it registers the socket, and what is posted in between is not
 * sent to it. Its reader starts after the registration, so a pong proves that nothing is missed from
 * here on. What was posted earlier has to be read over REST, after this resolves.
 *
 * @throws {GotifyHttpError} when the handshake is refused, {@link GotifyNetworkError} when nothing answers
 * in time, {@link GotifyConfigError} for a limit that cannot work; the reason of `options.signal` when that
 * aborted.
 */
export async function openStream(
  setup: HttpSetup,
  credential: Credential,
  socketOptions: CheckedClientOptions["socketOptions"],
  options: GotifyStreamOptions,
): Promise<GotifyStream> {
  const settings = settingsOf(options);
  const server = setup.server.href;

  return withDeadline(
    { signal: settings.signal, timeoutMs: settings.openTimeoutMs },
    async (deadline) => {
      const made = await socketOptionsOf(socketOptions, deadline, server);
      const socket = connect(setup, credential, made, settings.hardFrameLimitBytes);
      const take = (data: RawData, isBinary: boolean): void => takeFrame(settings, data, isBinary);
      // What is wanted no more must not be handed on: not from the packet that is being read, nor later.
      const stopTaking = (): void => void socket.off("message", take);
      const hangUp = (): void => {
        stopTaking();
        socket.terminate();
      };
      deadline.signal.addEventListener("abort", hangUp, { once: true });
      socket.on("message", take);
      let failed: Error | undefined;
      socket.on("error", (error) => {
        failed ??= error;
      });
      try {
        const roundTripMs = await untilPong(socket, server, secretsOf(setup, credential));
        deadline.signal.throwIfAborted();
        return new SocketStream(socket, settings, { server, stopTaking, failed, roundTripMs });
      } catch (error) {
        hangUp();
        const passedMs = deadline.passedMs();
        if (passedMs !== undefined) throw timeoutFailure(server, passedMs);
        deadline.signal.throwIfAborted();
        throw error;
      } finally {
        deadline.signal.removeEventListener("abort", hangUp);
      }
    },
  );
}

async function socketOptionsOf(
  options: CheckedClientOptions["socketOptions"],
  deadline: Deadline,
  server: string,
): Promise<GotifySocketOptions> {
  if (typeof options !== "function") return options;
  try {
    return await unlessAborted(deadline.signal, options());
  } catch (error) {
    const passedMs = deadline.passedMs();
    throw passedMs === undefined ? error : timeoutFailure(server, passedMs);
  }
}

/** @throws {GotifyConfigError} for socket options that no connection can begin with, e.g. an agent that is none. */
function connect(
  setup: HttpSetup,
  credential: Credential,
  socketOptions: GotifySocketOptions,
  maxPayload: number,
): WebSocket {
  try {
    return new WebSocket(setup.server.stream(), {
      headers: { ...setup.headers, ...credentialHeaders(credential) },
      maxPayload,
      // Gotify offers no compression, and what a proxy might add costs memory for nothing.
      perMessageDeflate: false,
      ...socketOptions,
      // Last: a token must not be sent on, whatever else is asked for.
      followRedirects: false,
    });
  } catch (error) {
    throw new GotifyConfigError(
      "The stream's socket cannot be made. Check the agent in socketOptions.",
      { cause: error },
    );
  }
}

/** An explicit `undefined` means the default, as leaving it out does. */
function settingsOf(options: GotifyStreamOptions): Settings {
  if (typeof asObject(options)?.["onMessage"] !== "function") {
    throw new GotifyConfigError("A stream needs onMessage, a function that takes its messages.");
  }
  const settings = { ...STREAM_DEFAULTS, ...compact(options), onMessage: options.onMessage };
  return {
    ...settings,
    openTimeoutMs: checkedMs("openTimeoutMs", settings.openTimeoutMs),
    pingIntervalMs: checkedMs("pingIntervalMs", settings.pingIntervalMs),
    pongTimeoutMs: checkedMs("pongTimeoutMs", settings.pongTimeoutMs),
    closeTimeoutMs: checkedMs("closeTimeoutMs", settings.closeTimeoutMs),
    maxFrameBytes: checkedBytes("maxFrameBytes", settings.maxFrameBytes),
    hardFrameLimitBytes: checkedBytes("hardFrameLimitBytes", settings.hardFrameLimitBytes),
  };
}

/**
 * Settles with the pong to our own ping, and how many milliseconds it took; with the refusal of the handshake, or the end of the connection.
 * Pongs may also come unasked (RFC 6455, 5.5.3), from a proxy for one: such a pong proves nothing.
 */
function untilPong(socket: WebSocket, server: string, secrets: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const barrier = randomBytes(BARRIER_BYTES);
    let askedAt = 0;
    socket.once("open", () => {
      askedAt = performance.now();
      socket.ping(barrier);
    });
    socket.on("pong", (data: Buffer) => {
      if (barrier.equals(data)) resolve(performance.now() - askedAt);
    });
    socket.once("unexpected-response", (request, response) => {
      refusedHandshake({ server, secrets, request, response }).then(reject, reject);
    });
    // Stays: `ws` reports the end of an aborted handshake as an error, which nobody else listens for.
    // What the socket's own name resolution refuses says itself what to do.
    socket.on("error", (error) =>
      reject(error instanceof GotifyError ? error : networkFailure(server, error)),
    );
    socket.once("close", () => reject(networkFailure(server, undefined)));
  });
}

function isFrameLimit(error: Error): boolean {
  return "code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
}
