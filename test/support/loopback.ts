// Owns local listeners: servers on a port the system picks, and a free port for a program that wants a number.
import { createServer as createHttpServer, type Server } from "node:http";

export type Listener = { url: string; port: number; close: () => Promise<void> };

/** Listens on 127.0.0.1; `close` also ends open connections, so a test never waits for a keep-alive. */
export async function listenOnLoopback(server: Server, port = 0): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("A TCP server without a port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * A port nobody listens on at this moment. Another process may take it before it is used, so whoever
 * passes it on must be ready to ask for a second one.
 */
export async function freePort(): Promise<number> {
  const listener = await listenOnLoopback(createHttpServer());
  await listener.close();
  return listener.port;
}
