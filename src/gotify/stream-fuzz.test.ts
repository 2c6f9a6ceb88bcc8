import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient, isGotifyError } from "./index.ts";

const TOKEN = "Cgeheim-client";
const message = { id: 1, appid: 2, message: "text", title: "t", priority: 5, extras: { a: 1 } };

/** What a server may send in one frame: good messages, spoiled ones, and anything else. */
const payload = fc.oneof(
  fc.record({ id: fc.nat(), appid: fc.nat(), message: fc.string() }).map((m) => JSON.stringify(m)),
  fc
    .dictionary(fc.constantFrom(...Object.keys(message)), fc.jsonValue(), { maxKeys: 2 })
    .map((changes) => JSON.stringify({ ...message, ...changes })),
  fc.json(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "null", "[]", "{}", '{"id":1', "\u0000", "x".repeat(3_000)),
);

const wellFormed = fc.record({
  text: payload,
  isBinary: fc.nat(9).map((n) => n === 0),
  /** How many fragments the frame comes in. */
  parts: fc.integer({ min: 1, max: 4 }),
  /** Control frames may come between any two frames, and between fragments. */
  ping: fc.boolean(),
});

test("500 frames over the wire: each a message or a counted drop, and the stream goes on", async () => {
  const sides: WebSocket[] = [];
  const wss = new WebSocketServer({ noServer: true });
  onTestFinished(() => wss.close());
  const server = await startLocalServer(
    () => {},
    (request, socket, head) => wss.handleUpgrade(request, socket, head, (ws) => sides.push(ws)),
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: TOKEN });
  const counts = { messages: 0, dropped: 0, errors: 0 };
  const stream = await client.openStream({
    maxFrameBytes: 2_000,
    onMessage: ({ id, appId, message: text }) => {
      counts.messages += 1;
      expect([typeof id, typeof appId, typeof text]).toEqual(["number", "number", "string"]);
    },
    onDropped: () => (counts.dropped += 1),
    onHandlerError: () => (counts.errors += 1),
  });
  const [side] = sides;
  if (side === undefined) throw new Error("no socket");
  const frames = fc.sample(wellFormed, { numRuns: 500 });
  let sent = 0;
  const allTaken = (): Promise<void> =>
    vi.waitFor(() => expect(counts.messages + counts.dropped).toBe(sent), { interval: 1 });
  for (const { text, isBinary, parts, ping } of frames) {
    const whole = Buffer.from(text);
    const size = Math.ceil(whole.length / parts);
    for (let part = 0; part < parts; part += 1) {
      const piece = whole.subarray(part * size, (part + 1) * size);
      side.send(piece, { binary: isBinary, fin: part === parts - 1 });
      if (ping) side.ping("x");
    }
    sent += 1;
    // `ws` takes more than 60 pings without a pause for a flood, and hangs up.
    if (sent % 10 === 0) await allTaken();
  }
  expect(counts.errors).toBe(0);
  expect(counts.messages).toBeGreaterThan(50);
  expect(counts.dropped).toBeGreaterThan(50);
  const ended = stream.closed;
  await stream.close();
  expect(await ended).toMatchObject({ reason: "closed", code: 1000 });
}, 20_000);

/** Bytes that look like frames, and bytes that do not. */
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom(0x81, 0x82, 0x80, 0x01, 0x88, 0x89, 0x8a, 0xc1, 0xf1, 0x83, 0x8b),
      fc.constantFrom(0, 1, 5, 125, 126, 127, 0x80, 0xff),
      fc.uint8Array({ maxLength: 20 }),
    )
    .map(([first, second, rest]) => Uint8Array.from([first, second, ...rest])),
  payload.map((text) => {
    const data = Buffer.from(text).subarray(0, 125);
    return Uint8Array.from([0x81, data.length, ...data]);
  }),
);

/** What one connection is answered: to the handshake, before the ping, and after it. */
interface Script {
  readonly opening: string;
  readonly before: readonly Uint8Array[];
  readonly after: readonly Uint8Array[];
}

function accept(socket: Duplex, key: string | undefined): void {
  const proof = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${proof.digest("base64")}\r\n\r\n`,
  );
}

const handshake = fc.oneof(
  { weight: 3, arbitrary: fc.constant("accept" as const) },
  fc.constantFrom(
    "",
    "HTTP/1.1 101 X\r\n\r\n",
    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    "HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\nab",
    `HTTP/1.1 401 X\r\n\r\nbad token ${TOKEN}`,
    "HTTP/1.1 302 X\r\nlocation: ://\r\n\r\n",
    "HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "SSH-2.0-OpenSSH\r\n",
  ),
);

test("300 connections that speak anything: a typed error or a stream with an end, and no secret in it", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note).on("uncaughtException", note);
  onTestFinished(() => {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  });

  let script: Script = { opening: "", before: [], after: [] };
  const server = await startLocalServer(
    () => {},
    (request, socket) => {
      const { opening, before, after } = script;
      socket.on("error", () => {});
      if (opening !== "accept") return void socket.end(opening);
      accept(socket, request.headers["sec-websocket-key"]);
      for (const chunk of before) socket.write(chunk);
      // The first thing the client sends is its ping, masked: the pong carries the same.
      socket.once("data", (ping: Buffer) => {
        const [mask, masked] = [ping.subarray(2, 6), ping.subarray(6, 22)];
        const data = masked.map((byte, n) => byte ^ (mask[n % 4] ?? 0));
        socket.write(Uint8Array.from([0x8a, data.length, ...data]));
        for (const chunk of after) socket.write(chunk);
        socket.end();
      });
    },
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: TOKEN });
  const counts = { opened: 0, refused: 0, errors: 0 };
  const several = fc.array(bytes, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        opening: handshake,
        before: fc.oneof(fc.constant<Uint8Array[]>([]), several),
        after: several,
      }),
      async (given) => {
        script = given;
        const result: unknown = await client
          .openStream({
            onMessage: () => {},
            onHandlerError: () => (counts.errors += 1),
            hardFrameLimitBytes: 10_000,
            openTimeoutMs: 2_000,
          })
          .then(
            async (stream) => {
              counts.opened += 1;
              return (await stream.closed).error;
            },
            (error: unknown) => {
              counts.refused += 1;
              return error;
            },
          );
        if (!isGotifyError(result)) throw new Error(`not a typed error: ${inspect(result)}`);
        if (result.code === "GOTIFY_TIMEOUT") throw new Error("it was waited for in vain");
        if (inspect(result, { depth: 6 }).includes("geheim")) throw new Error("a secret");
      },
    ),
    { numRuns: 300 },
  );
  expect(counts.errors).toBe(0);
  expect(counts.opened).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(50);
  expect(unhandled).toEqual([]);
}, 60_000);
