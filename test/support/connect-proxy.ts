// Owns a forward proxy for tests: tunnels for CONNECT, absolute addresses for the rest, and a list of what it was asked for.
import { createServer, request as forward } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { listenOnLoopback } from "./loopback.ts";

export interface ConnectProxy {
  readonly url: string;
  /** `CONNECT localhost:443`, `GET http://…`, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** @param isAllowed which targets it opens a tunnel to; the others get a 403. */
export async function startConnectProxy(
  isAllowed: (target: string) => boolean = () => true,
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const tunnels = new Set<Duplex>();
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const { method, headers } = incoming;
    const onward = forward(incoming.url ?? "", { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on("connect", (incoming, socket: Duplex, head: Buffer) => {
    const target = incoming.url ?? "";
    asked.push(`CONNECT ${target}`);
    if (!isAllowed(target)) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const onward = connect(Number(port || 80), hostname, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) {
      tunnels.add(end);
      end.on("error", () => {});
      end.once("close", () => {
        tunnels.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
  });
  const listener = await listenOnLoopback(server);
  return {
    url: listener.url,
    asked,
    async close() {
      for (const tunnel of tunnels) tunnel.destroy();
      await listener.close();
    },
  };
}
