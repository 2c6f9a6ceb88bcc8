// Owns the emulator's HTTP server: what arrives goes to the front, the router or the streams, what they say goes out.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Core } from "./core.ts";
import { askOf, type Answer, type Ask } from "./exchange.ts";
import { answerInFront, answerOutsideBasePath, answerToLargeBody } from "./front.ts";
import { streamCaller } from "./handshake.ts";
import { answer, isForeignOrigin } from "./router.ts";
import type { Streams } from "./streams.ts";

/** A request as it arrived, for tests that look at what a client really sends. */
export interface SeenRequest {
  readonly method: string;
  /** As sent: with the base path and the query. */
  readonly url: string;
  readonly headers: Readonly<IncomingMessage["headers"]>;
}

export interface ServerParts {
  readonly core: Core;
  readonly streams: Streams;
  readonly basePath: string;
  readonly onRequest: (seen: SeenRequest) => void;
  readonly onAnswered: () => void;
}

/** These say nothing of a length, not even that it is 0. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** The first line and the headers. Node's own limit is lower. */
const MAX_HEADER_BYTES = 1024 * 1024;

export function createGotifyServer(parts: ServerParts): Server {
  const { core, streams } = parts;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Whatever will not become a stream is answered as an ordinary request, with the words of the layer
      // that refuses it. Without this hook Node would hand us a bare socket for it.
      shouldUpgradeCallback: (request) => callerOfStream(parts, request) !== undefined,
    },
    (request, response) => {
      note(parts, request);
      void respond(parts, request, response);
    },
  );
  server.on("upgrade", (request: IncomingMessage, socket, head: Buffer) => {
    note(parts, request);
    const caller = callerOfStream(parts, request);
    if (caller === undefined) {
      socket.destroy();
      return;
    }
    socket.on("error", () => {
      // The client left during the handshake; there is nobody to tell.
    });
    void delay(core.faults.slowAnswersMs)
      .then(() => core.faults.untilDatabaseThaws())
      .then(() => {
        if (!socket.destroyed) streams.accept(request, socket, head, caller, core.faults);
      });
  });
  // Go keeps idle connections; Node's five seconds would race with a client's next request.
  server.keepAliveTimeout = 0;
  return server;
}

/** Undefined when the request is to be answered like any other. */
function callerOfStream({ core, basePath }: ServerParts, request: IncomingMessage) {
  const ask = askOf(request, basePath);
  if (ask === undefined || core.faults.front() !== undefined || isForeignOrigin(ask)) {
    return undefined;
  }
  return streamCaller(core, ask);
}

function note({ onRequest }: ServerParts, { method, url, headers }: IncomingMessage): void {
  onRequest({ method: method ?? "GET", url: url ?? "/", headers });
}

async function respond(
  parts: ServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const ask = askOf(request, parts.basePath);
    const said = ask === undefined ? answerOutsideBasePath() : await answerTo(parts, ask);
    const { slowAnswersMs } = parts.core.faults;
    if (slowAnswersMs > 0) await delay(slowAnswersMs);
    if (!response.destroyed) send(response, new Date(parts.core.clock.now().ms), said);
    parts.onAnswered();
  } catch (error) {
    // A request that broke off while its body was read has nobody to answer. Anything else is a bug here.
    if (request.complete && !hasBrokenOff(error))
      console.error("The Gotify emulator failed:", error);
    response.destroy();
  }
}

/** Node counts a body of known length as complete also when the sender left before it was read. */
function hasBrokenOff(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}

async function answerTo({ core }: ServerParts, ask: Ask): Promise<Answer> {
  return (
    answerInFront(core.faults, ask) ??
    (await answerToLargeBody(core.faults, ask)) ??
    (await answer(core, ask))
  );
}

function send(
  response: ServerResponse,
  now: Date,
  { status, headers = {}, body = "" }: Answer,
): void {
  response.writeHead(status, {
    // By the server's own clock, as everything it says of time.
    date: now.toUTCString(),
    ...headers,
    ...(BODILESS.has(status) ? {} : { "content-length": Buffer.byteLength(body) }),
  });
  response.end(body);
}
