// Owns `fetch` over Node's own HTTP: the same agents, name resolution and certificates as the stream's socket, which the global one cannot be given.
import http, { type RequestOptions } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { Readable } from "node:stream";

/** As long as the global one waits. It says for certain that nothing was sent, which the end of a call does not. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Answers that have no body, by the fetch standard. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/** How one request is connected; may refuse the address. */
export type Connect = (url: URL) => Promise<RequestOptions>;

/**
 * A `fetch` that follows no redirect, keeps no cookies and decodes no compression, none of which the
 * client wants. It fails with what the socket reports.
 */
export function fetchOver(
  connect: Connect,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { signal } = init;
    // Makes bytes of whatever body there is, and names their type.
    const request = new Request(input, { ...init, signal: null });
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const url = new URL(request.url);
    const options = await connect(url);
    signal?.throwIfAborted();
    const head: RequestOptions = {
      ...options,
      method: request.method,
      headers: { "user-agent": "node", ...Object.fromEntries(request.headers) },
      ...(signal ? { signal } : {}),
    };
    return exchange(url, head, body, connectTimeoutMs);
  };
}

function exchange(
  url: URL,
  head: RequestOptions,
  body: Buffer | undefined,
  connectTimeoutMs: number,
): Promise<Response> {
  // Looked up anew each time: the host routes requests through a proxy by replacing these.
  const { request: send } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = send(url, head);
    limitConnecting(request, connectTimeoutMs);
    // Stays: what comes after the answer's beginning ends the body as well, and nobody else listens.
    request.on("error", reject);
    request.once("response", (incoming) => {
      try {
        resolve(responseOf(incoming));
      } catch (error) {
        request.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    request.end(body);
  });
}

function responseOf(incoming: http.IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
  }
  if (EMPTY.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(incoming), { status, headers });
}

/** Ends a request that gets no connection: a firewall that drops packets would hold it until the call's own end. */
function limitConnecting(request: http.ClientRequest, timeoutMs: number): void {
  const timer = setTimeout(() => {
    const error = new Error("connect ETIMEDOUT");
    request.destroy(Object.assign(error, { code: "ETIMEDOUT", syscall: "connect" }));
  }, timeoutMs);
  const stop = (): void => clearTimeout(timer);
  request.once("close", stop);
  request.once("socket", (socket: Socket) => {
    // A connection that is used again, or a proxy's tunnel.
    if (!socket.connecting) stop();
    else socket.once("encrypted" in socket ? "secureConnect" : "connect", stop);
  });
}
