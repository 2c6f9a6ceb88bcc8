import { getEventListeners } from "node:events";
import type { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient, type GotifyStream, type GotifyStreamOptions } from "./index.ts";

const frame = (id: number): string => JSON.stringify({ id, appid: 1, message: "hello" });

/** A stream with the server's side of it. `sendInOnePacket` is read by the client in one go. */
async function connect(
  options: (stream: () => GotifyStream | undefined) => GotifyStreamOptions,
  onSocket: (sendInOnePacket: (texts: readonly string[]) => void) => void = () => {},
) {
  const wss = new WebSocketServer({ noServer: true });
  onTestFinished(() => wss.close());
  const sides: { socket: WebSocket; raw: Duplex }[] = [];
  const server = await startLocalServer(
    () => {},
    (request, raw, head) => {
      wss.handleUpgrade(request, raw, head, (socket) => {
        sides.push({ socket, raw });
        onSocket((texts) => sendTogether({ socket, raw }, texts));
      });
    },
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" });
  let stream: GotifyStream | undefined;
  const opening = client.openStream(options(() => stream)).then((opened) => {
    stream = opened;
    return opened;
  });
  return {
    opening,
    send: (...texts: string[]): void => {
      const [side] = sides;
      if (side !== undefined) sendTogether(side, texts);
    },
  };
}

function sendTogether(side: { socket: WebSocket; raw: Duplex }, texts: readonly string[]): void {
  if (!("cork" in side.raw)) throw new Error("not a socket");
  side.raw.cork();
  for (const text of texts) side.socket.send(text);
  // A message's own cork ends in its own turn; ours is the outermost.
  side.raw.uncork();
}

describe("after the end nothing is handed on", () => {
  test("close(): not even what the server sends before it has read the close", async () => {
    const frames: number[] = [];
    const dropped: string[] = [];
    const { opening, send } = await connect(() => ({
      onMessage: ({ id }) => frames.push(id),
      onDropped: (reason) => dropped.push(reason),
    }));
    const stream = await opening;
    const closing = stream.close();
    send(frame(1), "no message");
    await closing;
    expect(await stream.closed).toMatchObject({ reason: "closed", code: 1000 });
    expect({ frames, dropped }).toEqual({ frames: [], dropped: [] });
  });

  test.each<[string, (stream: GotifyStream | undefined, controller: AbortController) => void]>([
    ["close()", (stream) => void stream?.close()],
    ["terminate()", (stream) => stream?.terminate()],
    ["abort", (_, controller) => controller.abort()],
  ])("%s: not even what came in the same packet", async (_name, end) => {
    const controller = new AbortController();
    const frames: number[] = [];
    const { opening, send } = await connect((stream) => ({
      signal: controller.signal,
      onMessage: ({ id }) => {
        frames.push(id);
        if (id === 2) end(stream(), controller);
      },
    }));
    const stream = await opening;
    send(frame(1), frame(2), frame(3), frame(4));
    await stream.closed;
    expect(frames).toEqual([1, 2]);
  });

  test("abort while opening: not what comes after it, and the opening fails with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const frames: number[] = [];
    const { opening } = await connect(
      () => ({
        signal: controller.signal,
        onMessage: ({ id }) => {
          frames.push(id);
          controller.abort(reason);
        },
      }),
      (sendInOnePacket) => sendInOnePacket([frame(1), frame(2)]),
    );
    await expect(opening).rejects.toBe(reason);
    expect(frames).toEqual([1]);
  });

  test("a signal that outlives its streams keeps nothing of them", async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    const { opening } = await connect(() => ({ signal, onMessage: () => {} }));
    const stream = await opening;
    expect(listeners()).toBe(1);
    await stream.close();
    expect(listeners()).toBe(0);
  });

  test("closing twice, and after the end, is no error", async () => {
    const { opening } = await connect(() => ({ onMessage: () => {} }));
    const stream = await opening;
    await Promise.all([stream.close(), stream.close()]);
    stream.terminate();
    await stream.close();
    expect((await stream.closed).reason).toBe("closed");
  });
});

test("a frame that is too large ends the stream also when it comes with the pong", async () => {
  const wss = new WebSocketServer({ noServer: true, autoPong: false });
  onTestFinished(() => wss.close());
  const server = await startLocalServer(
    () => {},
    (request, raw, head) => {
      wss.handleUpgrade(request, raw, head, (socket) => {
        socket.once("ping", (payload) => {
          raw.cork();
          socket.pong(payload);
          socket.send(frame(1).padEnd(500));
          raw.uncork();
          // Takes no part in a close: only the other side can end it.
          socket.pause();
        });
      });
    },
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" });
  const stream = await client.openStream({ onMessage: () => {}, hardFrameLimitBytes: 100 });
  expect(await stream.closed).toMatchObject({ reason: "frame-limit" });
});

describe("an asynchronous handler", () => {
  test("that rejects is reported, and neither ends the stream nor the process", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const errors: string[] = [];
    const seen: number[] = [];
    const { opening, send } = await connect(() => ({
      onMessage: async ({ id }) => {
        seen.push(id);
        if (id === 1) throw new Error("message");
      },
      onDropped: () => Promise.reject(new Error("dropped")),
      onHandlerError: async (error) => {
        errors.push(String(error));
        throw new Error("the reporter itself");
      },
    }));
    const stream = await opening;
    send(frame(1), "no message", frame(2));
    await vi.waitFor(() => expect(errors).toEqual(["Error: message", "Error: dropped"]));
    expect(seen).toEqual([1, 2]);
    await stream.close();
    expect(unhandled).toEqual([]);
  });

  test("is not waited for", async () => {
    const seen: number[] = [];
    const { opening, send } = await connect(() => ({
      onMessage: ({ id }) => {
        seen.push(id);
        return new Promise(() => {});
      },
    }));
    const stream = await opening;
    send(frame(1), frame(2));
    await vi.waitFor(() => expect(seen).toEqual([1, 2]));
    await stream.close();
  });
});

/** A server in a thread of its own, which goes on while this one stands still. */
const SERVER_THREAD = `
  const { parentPort } = require("node:worker_threads");
  const { WebSocketServer } = require("ws");
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("listening", () => parentPort.postMessage(server.address().port));
  server.on("connection", (socket) => parentPort.on("message", (text) => socket.send(text)));
`;

test("a process that stood still reads what has arrived before it calls the connection dead", async () => {
  const worker = new Worker(SERVER_THREAD, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  const port = await new Promise<unknown>((resolve) => worker.once("message", resolve));
  const client = new GotifyClient({
    serverUrl: `http://127.0.0.1:${String(port)}`,
    clientToken: "Ctoken",
  });
  const pongTimeoutMs = 100;
  const frames: number[] = [];
  const stream = await client.openStream({
    onMessage: ({ id }) => frames.push(id),
    // The second ping comes when all is over, whatever else the machine is busy with.
    pingIntervalMs: 10 * pongTimeoutMs,
    pongTimeoutMs,
  });
  // Stand still right after a ping of the watchdog, until its pong has long arrived.
  const stoodStill = new Promise<void>((resolve) => {
    const ping = vi.spyOn(WebSocket.prototype, "ping");
    onTestFinished(() => ping.mockRestore());
    ping.mockImplementationOnce(function pingAndStandStill(this: WebSocket) {
      ping.mockRestore();
      this.ping();
      // After the sockets have been looked at, and before the timers are: the pong comes in between.
      setImmediate(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * pongTimeoutMs);
        resolve();
      });
    });
  });
  await stoodStill;
  worker.postMessage(frame(1), []);
  const ended = stream.closed.then(({ reason }) => reason);
  await vi.waitFor(() => expect(frames).toEqual([1]));
  await stream.close();
  expect(await ended).toBe("closed");
});
