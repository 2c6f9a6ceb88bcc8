// Owns throw-away HTTP servers for unit tests: real ones on loopback, closed with everything they hold when the test ends.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { listenOnLoopback } from "./loopback.ts";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface LocalServer {
  readonly url: string;
  /** Every request, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Starts a server that answers with `answer`; `upgrade` takes WebSocket handshakes. Closed with the test. */
export async function startLocalServer(answer: Answer, upgrade?: Upgrade): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const upgraded = new Set<Duplex>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      requests.push(seen);
      answer(seen, response);
    });
  });
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket, head) => {
      upgraded.add(socket);
      socket.once("close", () => upgraded.delete(socket));
      upgrade(request, socket, head);
    });
  }
  const listener = await listenOnLoopback(server);
  const close = async (): Promise<void> => {
    for (const socket of upgraded) socket.destroy();
    await listener.close();
  };
  onTestFinished(close);
  return { url: listener.url, requests, close };
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
