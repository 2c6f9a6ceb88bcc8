// Owns one stream connection: open until the pong, frames to messages, a watchdog, and an end that is always reported.
import { WebSocket } from "ws";
import { withDeadline } from "./deadline.ts";
import { GotifyNetworkError } from "./errors.ts";
import { credentialHeaders, secretsOf, type Credential, type HttpSetup } from "./http.ts";
import { networkFailure, timeoutFailure } from "./network-failure.ts";
import { compact } from "./parse.ts";
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

type Settings = GotifyStreamOptions &
  Required<Pick<GotifyStreamOptions, keyof typeof STREAM_DEFAULTS>>;

/** A stream on a socket of `ws`, whose types stay inside: who uses the client need not have them. */
class SocketStream implements GotifyStream {
  readonly closed: Promise<GotifyStreamClose>;

  readonly #socket: WebSocket;
  readonly #settings: Settings;
  readonly #server: string;
  #ending: GotifyStreamClose["reason"] | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #pongTimer: NodeJS.Timeout | undefined;

  /** Use {@link openStream}: a stream exists only once the server has answered a ping. */
  constructor(socket: WebSocket, settings: Settings, server: string, failed: Error | undefined) {
    this.#socket = socket;
    this.#settings = settings;
    this.#server = server;
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
    if (failed !== undefined && isFrameLimit(failed)) this.#hangUp("frame-limit");
  }

  async close(): Promise<void> {
    this.#ending ??= "closed";
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
    this.#socket.terminate();
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  readonly #onSignOfLife = (): void => {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = undefined;
  };

  #schedulePing(): void {
    this.#pingTimer = setInterval(() => {
      if (this.#pongTimer !== undefined) return;
      this.#pongTimer = setTimeout(() => {
        this.#hangUp("unresponsive");
      }, this.#settings.pongTimeoutMs);
      this.#socket.ping();
    }, this.#settings.pingIntervalMs);
  }

  #stopWatching(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
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
 * Opens `/stream` and resolves once a pong has come back.
 *
 * Gotify answers the handshake before it registers the socket, and what is posted in between is not
 * sent to it. Its reader starts after the registration, so a pong proves that nothing is missed from
 * here on. What was posted earlier has to be read over REST, after this resolves.
 *
 * @throws {GotifyHttpError} when the handshake is refused, {@link GotifyNetworkError} when nothing answers
 * in time; the reason of `options.signal` when that aborted.
 */
export async function openStream(
  setup: HttpSetup,
  credential: Credential,
  socketOptions: GotifySocketOptions,
  options: GotifyStreamOptions,
): Promise<GotifyStream> {
  const settings: Settings = {
    ...STREAM_DEFAULTS,
    // An explicit `undefined` means the default too.
    ...compact(options),
    onMessage: options.onMessage,
  };
  const server = setup.server.href;

  return withDeadline(
    { signal: settings.signal, timeoutMs: settings.openTimeoutMs },
    async (deadline) => {
      const socket = new WebSocket(setup.server.stream(), {
        headers: { ...setup.headers, ...credentialHeaders(credential) },
        maxPayload: settings.hardFrameLimitBytes,
        // Gotify offers no compression, and what a proxy might add costs memory for nothing.
        perMessageDeflate: false,
        followRedirects: false,
        ...socketOptions,
      });
      const hangUp = (): void => socket.terminate();
      deadline.signal.addEventListener("abort", hangUp, { once: true });
      socket.on("message", (data, isBinary) => takeFrame(settings, data, isBinary));
      let failed: Error | undefined;
      socket.on("error", (error) => {
        failed ??= error;
      });
      try {
        await untilPong(socket, server, secretsOf(setup, credential));
        settings.signal?.throwIfAborted();
        return new SocketStream(socket, settings, server, failed);
      } catch (error) {
        socket.terminate();
        settings.signal?.throwIfAborted();
        throw deadline.timedOut() ? timeoutFailure(server, settings.openTimeoutMs) : error;
      } finally {
        deadline.signal.removeEventListener("abort", hangUp);
      }
    },
  );
}

/** Settles with the first pong, the refusal of the handshake, or the end of the connection. */
function untilPong(socket: WebSocket, server: string, secrets: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => socket.ping());
    socket.once("pong", () => resolve());
    socket.once("unexpected-response", (request, response) => {
      refusedHandshake({ server, secrets, request, response }).then(reject, reject);
    });
    // Stays: `ws` reports the end of an aborted handshake as an error, which nobody else listens for.
    socket.on("error", (error) => reject(networkFailure(server, error)));
    socket.once("close", () => reject(networkFailure(server, undefined)));
  });
}

function isFrameLimit(error: Error): boolean {
  return "code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
}
