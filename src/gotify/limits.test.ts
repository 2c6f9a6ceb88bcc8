import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient, type GotifyClientOptions, type GotifyStreamOptions } from "./index.ts";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const IMPOSSIBLE = [Number.NaN, 0, -1, -Infinity];
/** Beyond the range of Node's timers, which fire after 1 ms then. */
const VERY_LONG = [2 ** 31 - 1, 2 ** 31, 2 ** 53, Infinity];
const ANSWER_MS = 30;

async function slowServer() {
  return startLocalServer((_, response) => {
    setTimeout(() => sendJson(response, 200, { version: "3.0.0" }), ANSWER_MS);
  });
}

describe("a time limit", () => {
  test.each(IMPOSSIBLE)("of %d is refused before anything is sent", async (timeoutMs) => {
    const server = await slowServer();
    const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" });
    const refusal = {
      code: "GOTIFY_CONFIG",
      message: matching(/^timeoutMs is a number of milliseconds above 0, not /),
    };
    await expect(client.version({ timeoutMs })).rejects.toMatchObject(refusal);
    await expect(client.readPages({}, { timeoutMs }).next()).rejects.toMatchObject(refusal);
    expect(server.requests).toEqual([]);
    expect(() => new GotifyClient({ serverUrl: server.url, timeoutMs })).toThrow(/timeoutMs/);
  });

  test.each(VERY_LONG)("of %d is long, not over at once", async (timeoutMs) => {
    const server = await slowServer();
    const client = new GotifyClient({ serverUrl: server.url });
    expect(await client.version({ timeoutMs })).toMatchObject({ version: "3.0.0" });
    const patient = new GotifyClient({ serverUrl: server.url, timeoutMs });
    expect(await patient.version()).toMatchObject({ version: "3.0.0" });
  });

  test("of less than a millisecond is still one", async () => {
    const server = await startLocalServer(() => {});
    const client = new GotifyClient({ serverUrl: server.url });
    const refused = client.version({ timeoutMs: 0.1 });
    await expect(refused).rejects.toMatchObject({ code: "GOTIFY_TIMEOUT" });
  });

  test("left out, or explicitly undefined, is the client's own", async () => {
    const server = await startLocalServer(() => {});
    const client = new GotifyClient({ serverUrl: server.url, timeoutMs: 60 });
    for (const options of [{}, { timeoutMs: undefined }]) {
      await expect(client.version(options)).rejects.toThrow(/within 0\.06 s/);
    }
  });
});

test.each(IMPOSSIBLE)("an answer of at most %d bytes is refused", (maxAnswerBytes) => {
  const options: GotifyClientOptions = { serverUrl: "http://127.0.0.1:9", maxAnswerBytes };
  expect(() => new GotifyClient(options)).toThrow(/^maxAnswerBytes is a number of bytes above 0/);
});

test("an answer may have any number of bytes", async () => {
  const server = await slowServer();
  const client = new GotifyClient({ serverUrl: server.url, maxAnswerBytes: Infinity });
  expect(await client.version()).toMatchObject({ version: "3.0.0" });
});

describe("a stream", () => {
  const names = [
    "openTimeoutMs",
    "pingIntervalMs",
    "pongTimeoutMs",
    "closeTimeoutMs",
    "maxFrameBytes",
    "hardFrameLimitBytes",
  ] as const satisfies readonly (keyof GotifyStreamOptions)[];

  async function streamServer() {
    const wss = new WebSocketServer({ noServer: true });
    const seen = { handshakes: 0, pings: 0 };
    const server = await startLocalServer(
      () => {},
      (request, socket, head) => {
        seen.handshakes += 1;
        wss.handleUpgrade(request, socket, head, (ws) => {
          ws.on("ping", () => (seen.pings += 1));
          ws.send(JSON.stringify({ id: 1, appid: 1, message: "x".repeat(500) }));
        });
      },
    );
    return { seen, client: new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" }) };
  }

  test.each(names.flatMap((name) => IMPOSSIBLE.map((value) => [name, value] as const)))(
    "with %s %d is refused before it connects",
    async (name, value) => {
      const { client, seen } = await streamServer();
      const opening = client.openStream({ onMessage: () => {}, [name]: value });
      await expect(opening).rejects.toMatchObject({
        code: "GOTIFY_CONFIG",
        message: matching(new RegExp(`^${name} is a number of`)),
      });
      expect(seen.handshakes).toBe(0);
    },
  );

  test.each(VERY_LONG)(
    "with all its limits at %d works, and does not ping all the time",
    async (value) => {
      const { client, seen } = await streamServer();
      const frames: number[] = [];
      const stream = await client.openStream({
        onMessage: ({ id }) => frames.push(id),
        ...Object.fromEntries(names.map((name) => [name, value])),
      });
      const closed = stream.closed.then(() => "closed");
      const aWhile = new Promise((resolve) => {
        setTimeout(resolve, ANSWER_MS, "open");
      });
      expect(await Promise.race([closed, aWhile])).toBe("open");
      expect(frames).toEqual([1]);
      // The one that opened the stream.
      expect(seen.pings).toBe(1);
      await stream.close();
    },
  );
});
