// Owns a reverse proxy with TLS for tests: it ends TLS, may ask for a client certificate and for a header, and passes the rest on.
import { request as forward, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Certified } from "./certificates.ts";
import { listenOnLoopback } from "./loopback.ts";

export interface TlsFrontOptions {
  /** The server behind it, with a sub-path if it has one. */
  readonly to: string;
  readonly certified: Certified;
  /** PEM of the authority that has to have signed the client's certificate; without it none is asked for. */
  readonly clientAuthority?: string;
  /** A header without which it answers 401, as an access proxy does. */
  readonly wanted?: { readonly name: string; readonly value: string };
}

export interface TlsFront {
  /** With `to`'s sub-path, and `localhost` as its host. */
  readonly url: string;
  /** TLS connections that came about. */
  readonly connections: () => number;
  /** Method, path and header names of what was passed on, in order. */
  readonly passed: readonly string[];
  close(): Promise<void>;
}

export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const target = new URL(options.to);
  const passed: string[] = [];
  const upgraded = new Set<Duplex>();
  let connections = 0;
  const { cert, key } = options.certified;
  const server = createServer({
    cert,
    key,
    ...(options.clientAuthority === undefined
      ? {}
      : { ca: options.clientAuthority, requestCert: true, rejectUnauthorized: true }),
  });
  const isLetIn = ({ headers }: IncomingMessage): boolean =>
    options.wanted === undefined ||
    headers[options.wanted.name.toLowerCase()] === options.wanted.value;
  server.on("secureConnection", () => (connections += 1));
  server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
  server.on("request", (incoming, response) => {
    if (!isLetIn(incoming)) {
      response.writeHead(401, { "content-type": "text/html" }).end("<h1>Sign in</h1>");
      return;
    }
    const { method, url, headers } = incoming;
    passed.push(`${method} ${url}`);
    const onward = forward(
      { host: target.hostname, port: target.port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isLetIn(incoming)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\n\r\n<h1>Sign in</h1>");
      return;
    }
    passed.push(`UPGRADE ${incoming.url}`);
    const onward = connect(Number(target.port), target.hostname, () => {
      const lines = incoming.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
      );
      onward.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) {
      upgraded.add(end);
      end.on("error", () => {});
      end.once("close", () => {
        upgraded.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
  });
  const listener = await listenOnLoopback(server);
  return {
    url: `https://localhost:${listener.port}${target.pathname.replace(/\/$/, "")}`,
    connections: () => connections,
    passed,
    async close() {
      for (const socket of upgraded) socket.destroy();
      await listener.close();
    },
  };
}
