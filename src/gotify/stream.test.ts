import type { IncomingMessage } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./client.ts";
import { GotifyError } from "./errors.ts";
import type { GotifyMessage } from "./message.ts";
import type { DroppedFrameReason, GotifyStreamOptions } from "./stream-options.ts";

interface Harness {
  readonly client: GotifyClient;
  readonly sockets: WebSocket[];
  readonly handshakes: IncomingMessage[];
  readonly frames: GotifyMessage[];
  readonly dropped: [DroppedFrameReason, number][];
  readonly open: (options?: Partial<GotifyStreamOptions>) => ReturnType<GotifyClient["openStream"]>;
}

/** A WebSocket server on loopback. `onSocket` runs in the moment after the 101, before any ping is read. */
async function harness(
  onSocket: (socket: WebSocket) => void = () => {},
  serverOptions: { autoPong?: boolean; perMessageDeflate?: boolean } = {},
): Promise<Harness> {
  const wss = new WebSocketServer({ noServer: true, ...serverOptions });
  onTestFinished(() => wss.close());
  const sockets: WebSocket[] = [];
  const handshakes: IncomingMessage[] = [];
  const server = await startLocalServer(
    (_, response) => void response.writeHead(404).end(),
    (request, socket, head) => {
      handshakes.push(request);
      wss.handleUpgrade(request, socket, head, (ws) => {
        sockets.push(ws);
        onSocket(ws);
      });
    },
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "Cgeheim" });
  const frames: GotifyMessage[] = [];
  const dropped: [DroppedFrameReason, number][] = [];
  return {
    client,
    sockets,
    handshakes,
    frames,
    dropped,
    open: (options = {}) =>
      client.openStream({
        onMessage: (message) => frames.push(message),
        onDropped: (reason, bytes) => dropped.push([reason, bytes]),
        ...options,
      }),
  };
}

const frame = (id: number, text = "hello"): string =>
  JSON.stringify({
    id,
    appid: 1,
    message: text,
    title: "t",
    priority: 0,
    date: "2026-11-22T10:00:00Z",
  });

async function failure(work: Promise<unknown>): Promise<GotifyError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof GotifyError) return error;
  throw new Error(`expected a GotifyError, got ${String(error)}`);
}

describe("opening a stream", () => {
  test("sends the token as a header, no Origin, and offers no compression", async () => {
    const { open, handshakes } = await harness(() => {}, { perMessageDeflate: true });
    const stream = await open();
    const [handshake] = handshakes;
    expect(handshake?.url).toBe("/stream");
    expect(handshake?.headers["x-gotify-key"]).toBe("Cgeheim");
    expect(handshake?.headers.origin).toBeUndefined();
    expect(handshake?.headers["sec-websocket-extensions"]).toBeUndefined();
    await stream.close();
  });

  test("tells how long the pong took", async () => {
    const delayMs = 60;
    const { open } = await harness(
      (socket) => {
        socket.once("ping", (payload) => setTimeout(() => socket.pong(payload), delayMs));
      },
      { autoPong: false },
    );
    const stream = await open();
    expect(stream.roundTripMs).toBeGreaterThanOrEqual(delayMs - 2);
    expect(stream.roundTripMs).toBeLessThan(10 * delayMs);
    stream.terminate();
  });

  test("is not done before the pong to its own ping, because a server registers the socket only after its 101", async () => {
    let sawPing = (socket: WebSocket, payload: Buffer): void => void [socket, payload];
    const pinged = new Promise<[WebSocket, Buffer]>((resolve) => {
      sawPing = (socket, payload) => resolve([socket, payload]);
    });
    const { open, frames } = await harness(
      (socket) => {
        // Unasked, as a proxy may send it: before the ping, and below with the wrong payload.
        socket.pong();
        socket.once("ping", (payload) => sawPing(socket, payload));
      },
      { autoPong: false },
    );
    let opened = false;
    const opening = open().then((stream) => {
      opened = true;
      return stream;
    });
    // The ping follows the 101, so the handshake is over by now; only the pong is missing.
    const [socket, payload] = await pinged;
    expect(payload.byteLength).toBeGreaterThanOrEqual(8);
    for (const wrong of ["", "pong", Buffer.alloc(payload.byteLength)]) socket.pong(wrong);
    socket.send(frame(1));
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    // Frames arrive in order: the wrong pongs were read before the message.
    expect(opened).toBe(false);
    socket.pong(payload);
    const stream = await opening;
    await stream.close();
  });

  test("asks with another payload each time, so that an old pong opens nothing", async () => {
    const payloads: string[] = [];
    const { open } = await harness((socket) => {
      socket.once("ping", (payload) => payloads.push(payload.toString("hex")));
    });
    for (let n = 0; n < 2; n += 1) await (await open()).close();
    expect(new Set(payloads).size).toBe(2);
  });

  test("hands on what arrives before the pong", async () => {
    const { open, frames } = await harness((socket) => socket.send(frame(1)));
    const stream = await open();
    expect(frames.map(({ id }) => id)).toEqual([1]);
    await stream.close();
  });

  test("gives up when no pong comes", async () => {
    const { open, sockets } = await harness(() => {}, { autoPong: false });
    const error = await failure(open({ openTimeoutMs: 150 }));
    expect(error.code).toBe("GOTIFY_TIMEOUT");
    await vi.waitFor(() => expect(sockets[0]?.readyState).toBe(3));
  });

  test("stops with the caller's reason when its signal aborts", async () => {
    const { open } = await harness(() => {}, { autoPong: false });
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const opening = open({ signal: controller.signal });
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });

  test.each<[number, string, string, string, RegExp]>([
    [
      401,
      '{"errorDescription":"you need to provide a valid access token"}',
      "application/json",
      "GOTIFY_UNAUTHORIZED",
      /client token/,
    ],
    [400, "Bad Request\n{}", "text/plain", "GOTIFY_REFUSED", /Upgrade/],
    [426, "", "text/plain", "GOTIFY_REFUSED", /Upgrade/],
    [200, "<html>login</html>", "text/html", "GOTIFY_NOT_GOTIFY", /login page/],
    [403, "", "text/plain", "GOTIFY_FORBIDDEN", /proxy/],
    [404, "<html></html>", "text/html", "GOTIFY_NOT_FOUND", /sub-path/],
    [502, "<html>Bad Gateway</html>", "text/html", "GOTIFY_SERVER_ERROR", /proxy/],
  ])("explains a handshake answered with %i", async (status, body, type, code, text) => {
    const server = await startLocalServer(
      () => {},
      (_, socket) => {
        socket.end(
          `HTTP/1.1 ${status} X\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        );
      },
    );
    const client = new GotifyClient({ serverUrl: server.url, clientToken: "Cgeheim" });
    const error = await failure(client.openStream({ onMessage: () => {} }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(text);
    expect(error.message).not.toContain("geheim");
  });

  test.each([301, 302, 303, 307, 308])(
    "does not follow a %i, so that no token reaches another server, and says what to do",
    async (status) => {
      let connections = 0;
      const elsewhere = await startLocalServer(
        (_, response) => void response.end(),
        // A WebSocket is what a follower would ask for: `requests` knows only of plain ones.
        (_, socket) => {
          connections += 1;
          socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        },
      );
      const location = `${elsewhere.url}/login?token=Cgeheim&session=geheim`;
      let token: unknown;
      const server = await startLocalServer(
        () => {},
        (request, socket) => {
          token = request.headers["x-gotify-key"];
          socket.end(
            `HTTP/1.1 ${status} X\r\nLocation: ${location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          );
        },
      );
      const client = new GotifyClient({ serverUrl: server.url, clientToken: "Cgeheim" });
      const error = await failure(client.openStream({ onMessage: () => {} }));
      expect(token).toBe("Cgeheim");
      expect({ code: error.code, connections, requests: elsewhere.requests }).toEqual({
        code: "GOTIFY_REDIRECT",
        connections: 0,
        requests: [],
      });
      expect(error.message).toContain(`redirects to ${elsewhere.url}`);
      expect(error.message).toMatch(/server URL/);
      expect(error.message).not.toContain("geheim");
    },
  );

  test("names an unreachable server", async () => {
    const server = await startLocalServer(() => {});
    await server.close();
    const client = new GotifyClient({ serverUrl: server.url, clientToken: "C" });
    expect((await failure(client.openStream({ onMessage: () => {} }))).code).toBe(
      "GOTIFY_UNREACHABLE",
    );
  });
});

describe("an open stream", () => {
  test("drops and counts what is no message, and goes on", async () => {
    const { open, sockets, frames, dropped } = await harness();
    const stream = await open({ maxFrameBytes: 1_000 });
    const [socket] = sockets;
    socket?.send("not json");
    socket?.send(JSON.stringify({ appid: 1, message: "no id" }));
    socket?.send(JSON.stringify({ id: "7", appid: 1, message: "id is text" }));
    socket?.send(Buffer.from(frame(2)), { binary: true });
    socket?.send(frame(3, "x".repeat(2_000)));
    socket?.send(frame(4));
    await vi.waitFor(() => expect(frames.map(({ id }) => id)).toEqual([4]));
    expect(dropped.map(([reason]) => reason)).toEqual([
      "malformed",
      "no-id",
      "malformed",
      "malformed",
      "oversized",
    ]);
    await stream.close();
  });

  test("survives a handler that throws", async () => {
    const { open, sockets } = await harness();
    const seen: number[] = [];
    const errors: unknown[] = [];
    const stream = await open({
      onMessage: ({ id }) => {
        seen.push(id);
        if (id === 1) throw new Error("handler");
      },
      onHandlerError: (error) => errors.push(error),
    });
    sockets[0]?.send(frame(1));
    sockets[0]?.send(frame(2));
    await vi.waitFor(() => expect(seen).toEqual([1, 2]));
    expect(errors).toHaveLength(1);
    await stream.close();
  });

  test("closes cleanly: the server sees code 1000", async () => {
    const { open, sockets } = await harness();
    const stream = await open();
    const code = new Promise((resolve) => sockets[0]?.once("close", resolve));
    await stream.close();
    expect(await code).toBe(1000);
    expect(await stream.closed).toEqual({ reason: "closed", code: 1000, error: undefined });
  });

  test("closes also when the server does not answer the close", async () => {
    const { open, sockets } = await harness();
    const stream = await open({ closeTimeoutMs: 50 });
    sockets[0]?.pause();
    await stream.close();
    expect((await stream.closed).reason).toBe("closed");
  });

  test("ends with its signal", async () => {
    const { open } = await harness();
    const controller = new AbortController();
    const stream = await open({ signal: controller.signal });
    controller.abort();
    expect((await stream.closed).reason).toBe("closed");
  });

  test("reports a connection that the other side ends, whatever way", async () => {
    const { open, sockets } = await harness();
    const cut = await open();
    sockets[0]?.terminate();
    expect(await cut.closed).toMatchObject({ reason: "lost", code: 1006 });
    const goodbye = await open();
    sockets[1]?.close(1001);
    expect(await goodbye.closed).toMatchObject({ reason: "lost", code: 1001 });
    expect((await goodbye.closed).error?.message).toMatch(/ended \(code 1001\)/);
  });

  test("hangs up on a connection that is dead without anyone closing it", async () => {
    const { open, sockets } = await harness();
    const stream = await open({ pingIntervalMs: 40, pongTimeoutMs: 60 });
    sockets[0]?.pause();
    const close = await stream.closed;
    expect(close.reason).toBe("unresponsive");
    expect(close.error?.message).toMatch(/stopped answering/);
  });

  test("takes any sign of life for an answer to all pings before it", async () => {
    const { open, sockets, frames } = await harness(
      (socket) => socket.once("ping", (payload) => socket.pong(payload)),
      { autoPong: false },
    );
    const pongTimeoutMs = 400;
    const stream = await open({ pingIntervalMs: 20, pongTimeoutMs });
    let pings = 0;
    sockets[0]?.on("ping", () => (pings += 1));
    let end: string | undefined;
    const ended = stream.closed.then(({ reason }) => (end = reason));
    for (let n = 1; n <= 5; n += 1) {
      // Slow, but not as slow as it may be; meanwhile further pings go out.
      await new Promise((resolve) => {
        setTimeout(resolve, pongTimeoutMs / 2);
      });
      sockets[0]?.send(frame(n));
    }
    await vi.waitFor(() => expect(frames.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]));
    expect(pings).toBeGreaterThan(5);
    expect(end).toBeUndefined();
    // And silence still ends it, however many pings go out.
    await ended;
    expect(end).toBe("unresponsive");
  });

  test("stays open as long as pings are answered", async () => {
    const { open, sockets, frames } = await harness();
    const stream = await open({ pingIntervalMs: 20, pongTimeoutMs: 1_000 });
    let pings = 0;
    sockets[0]?.on("ping", () => {
      pings += 1;
    });
    await vi.waitFor(() => expect(pings).toBeGreaterThan(3));
    sockets[0]?.send(frame(9));
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    await stream.close();
  });

  test("hangs up on a frame too large to be held", async () => {
    const { open, sockets } = await harness();
    const stream = await open({ hardFrameLimitBytes: 2_000 });
    sockets[0]?.send(frame(1, "x".repeat(5_000)));
    expect((await stream.closed).reason).toBe("frame-limit");
  });
});
