// Owns carrying out a request over Node's own HTTP: the same agents, name resolution and certificates as the stream's socket, which `fetch` cannot be given.
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import {
  headerOf,
  type Body,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
} from "../gotify/transport.ts";

/** As long as the global `fetch` waits. It says for certain that nothing was sent, which the end of a call does not. */
const CONNECT_TIMEOUT_MS = 10_000;

/** How one request is connected; may refuse the address. */
export type Connect = (url: URL) => Promise<RequestOptions>;

/**
 * Follows no redirect, keeps no cookies and decodes no compression, none of which the client wants. It
 * fails with what the socket reports.
 */
export function nodeTransport(connect: Connect, connectTimeoutMs = CONNECT_TIMEOUT_MS): Transport {
  return async (request) => {
    const { url, method, signal } = request;
    const { headers, body } =
      request.body instanceof FormData ? await formOf(request, request.body) : textOf(request);
    const options = await connect(url);
    signal.throwIfAborted();
    const head = { ...options, method, headers: { "user-agent": "node", ...headers }, signal };
    return exchange(url, head, body, connectTimeoutMs);
  };
}

/** What goes over the wire. */
interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

function textOf({ headers, body }: TransportRequest): Content {
  return { headers, body: typeof body === "string" ? Buffer.from(body) : undefined };
}

/** Makes bytes of a form, and names its boundary. */
async function formOf({ headers }: TransportRequest, form: FormData): Promise<Content> {
  const written = new Response(form);
  const type = written.headers.get("content-type");
  return {
    headers: { ...headers, ...(type === null ? {} : { "content-type": type }) },
    body: Buffer.from(await written.arrayBuffer()),
  };
}

function exchange(
  url: URL,
  head: RequestOptions,
  body: Buffer | undefined,
  connectTimeoutMs: number,
): Promise<TransportAnswer> {
  // Looked up anew each time: the host routes requests through a proxy by replacing these.
  const { request: send } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = send(url, head);
    limitConnecting(request, connectTimeoutMs);
    // Stays: what comes after the answer's beginning ends the body as well, and nobody else listens.
    request.on("error", reject);
    request.once("response", (incoming) => resolve(answerOf(incoming)));
    request.end(body);
  });
}

function answerOf(incoming: IncomingMessage): TransportAnswer {
  // Whoever reads hears of it; while nobody does, it must not end the process.
  incoming.on("error", () => {});
  return {
    status: incoming.statusCode ?? 0,
    header: headerOf(incoming),
    read: (limitBytes) => readBody(incoming, limitBytes),
    discard: () => void incoming.destroy(),
  };
}

function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Body> {
  return new Promise((resolve, reject) => {
    if (incoming.destroyed) return reject(brokenOff());
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      const room = limitBytes - size;
      if (chunk.byteLength <= room) {
        chunks.push(chunk);
        size += chunk.byteLength;
        return;
      }
      chunks.push(chunk.subarray(0, room));
      resolve({ chunks, isCut: true });
      // The rest is never wanted, and would hold the connection.
      incoming.destroy();
    });
    incoming.once("end", () => resolve({ chunks, isCut: false }));
    incoming.once("error", reject);
    // However else it ends: nobody must wait for the rest.
    incoming.once("close", () => {
      if (!incoming.readableEnded) reject(brokenOff());
    });
  });
}

function brokenOff(): Error {
  return new Error("The answer broke off.");
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
