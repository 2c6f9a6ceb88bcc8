import { EventEmitter, once } from "node:events";
import { Agent } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import type { Transport, TransportRequest } from "../gotify/transport.ts";
import { nodeTransport } from "./connection-http.ts";

const direct = nodeTransport(async () => ({}));
const LIMIT_BYTES = 1_000;

const call = (transport: Transport, url: string, more: Partial<TransportRequest> = {}) =>
  transport({
    url: new URL(url),
    method: "GET",
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
    ...more,
  });

async function textAt(transport: Transport, url: string): Promise<string> {
  const { chunks } = await (await call(transport, url)).read(LIMIT_BYTES);
  return Buffer.concat(chunks).toString();
}

/** Listens on loopback and does with each connection what the test says. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  return `127.0.0.1:${address.port}`;
}

describe("a request", () => {
  test("carries method, headers and a JSON body of known length", async () => {
    const server = await startLocalServer((_seen, response) => sendJson(response, 201, { id: 7 }));
    const answer = await call(direct, `${server.url}/message?x=1`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-gotify-key": "A1" },
      body: JSON.stringify({ message: "grüße" }),
    });
    expect(answer.status).toBe(201);
    expect(answer.header("content-type")).toContain("application/json");
    expect(answer.header("location")).toBeUndefined();
    const { chunks, isCut } = await answer.read(LIMIT_BYTES);
    expect([Buffer.concat(chunks).toString(), isCut]).toEqual(['{"id":7}', false]);
    expect(server.requests).toMatchObject([
      {
        method: "POST",
        url: "/message?x=1",
        body: '{"message":"grüße"}',
        headers: {
          "content-type": "application/json",
          "content-length": "21",
          "x-gotify-key": "A1",
          "user-agent": "node",
        },
      },
    ]);
    expect(server.requests[0]?.headers).not.toHaveProperty("accept-encoding");
  });

  test("carries a form with its boundary", async () => {
    const server = await startLocalServer((_seen, response) => response.end());
    const body = new FormData();
    body.set("file", new Blob([Buffer.of(1, 2, 3)]), "icon.png");
    await call(direct, server.url, { method: "POST", body });
    const [seen] = server.requests;
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(
      seen?.headers["content-type"] ?? "",
    )?.[1];
    expect(boundary).toBeDefined();
    expect(seen?.body).toContain(`--${boundary}`);
    expect(seen?.body).toContain('filename="icon.png"');
  });

  test("follows no redirect, and takes an answer without a body", async () => {
    const server = await startLocalServer((seen, response) =>
      response.writeHead(seen.url === "/away" ? 302 : 204, { location: "/elsewhere" }).end(),
    );
    const away = await call(direct, `${server.url}/away`);
    expect([away.status, away.header("location")]).toEqual([302, "/elsewhere"]);
    const empty = await call(direct, `${server.url}/empty`, { method: "DELETE" });
    expect([empty.status, await empty.read(LIMIT_BYTES)]).toEqual([
      204,
      { chunks: [], isCut: false },
    ]);
    expect(server.requests.map(({ url }) => url)).toEqual(["/away", "/empty"]);
  });

  test("uses the agent's connection again", async () => {
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    let connections = 0;
    const host = await listen((socket) => {
      connections += 1;
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    });
    const transport = nodeTransport(async () => ({ agent }));
    for (let calls = 0; calls < 3; calls += 1) {
      expect(await textAt(transport, `http://${host}`)).toBe("ok");
    }
    expect(connections).toBe(1);
  });
});

describe("a request fails", () => {
  test("with what the way to the server says", async () => {
    const refusal = new Error("not there");
    const transport = nodeTransport(() => Promise.reject(refusal));
    await expect(call(transport, "http://127.0.0.1:9")).rejects.toBe(refusal);
  });

  test("with the system's own error when nobody listens", async () => {
    await expect(call(direct, "http://127.0.0.1:1")).rejects.toMatchObject({
      code: "ECONNREFUSED",
      syscall: "connect",
    });
  });

  test("when the handshake does not end, as one that has sent nothing", async () => {
    const host = await listen(() => {});
    const transport = nodeTransport(async () => ({}), 50);
    await expect(call(transport, `https://${host}`)).rejects.toMatchObject({
      code: "ETIMEDOUT",
      syscall: "connect",
    });
  });

  test("but not because an answer takes longer than a connection may", async () => {
    const limitMs = 50;
    const host = await listen((socket) => {
      socket.on("data", () => {
        setTimeout(
          () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
          3 * limitMs,
        );
      });
    });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const transport = nodeTransport(async () => ({ agent }), limitMs);
    // Over a connection that is made, and over one that is there.
    for (let calls = 0; calls < 2; calls += 1) {
      expect(await textAt(transport, `http://${host}`)).toBe("ok");
    }
  });

  test("when the answer breaks off", async () => {
    const host = await listen((socket) => {
      socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"));
    });
    const answer = await call(direct, `http://${host}`);
    await expect(answer.read(LIMIT_BYTES)).rejects.toThrow(/aborted|broke off/);
  });

  test("when the answer broke off before anybody read it", async () => {
    const host = await listen((socket) => {
      socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"));
    });
    let connection: Socket | undefined;
    const transport = nodeTransport(async () => ({
      createConnection: () => (connection = connect(Number(host.split(":")[1]), "127.0.0.1")),
    }));
    const answer = await call(transport, `http://${host}`);
    await once(connection ?? new EventEmitter(), "close");
    await expect(answer.read(LIMIT_BYTES)).rejects.toThrow(/aborted|broke off/);
  });

  test("when it is aborted, before and within the answer, and lets the connection go", async () => {
    const closed: Promise<unknown>[] = [];
    const host = await listen((socket) => {
      closed.push(once(socket, "close"));
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"));
    });
    const controller = new AbortController();
    const { signal } = controller;
    const answer = await call(direct, `http://${host}`, { signal });
    const body = answer.read(LIMIT_BYTES);
    controller.abort();
    await expect(body).rejects.toThrow(/abort/);
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
    await expect(call(direct, `http://${host}`, { signal })).rejects.toThrow(/abort/);
    expect(closed).toHaveLength(1);
  });

  test("when its body is not wanted, and lets the connection go", async () => {
    const closed = Promise.withResolvers<void>();
    const host = await listen((socket) => {
      socket.on("close", () => closed.resolve());
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"));
    });
    const answer = await call(direct, `http://${host}`);
    answer.discard();
    await expect(closed.promise).resolves.toBeUndefined();
  });

  test("to be read further than its reader allows, and lets the connection go", async () => {
    const closed = Promise.withResolvers<void>();
    const host = await listen((socket) => {
      socket.on("close", () => closed.resolve());
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"));
    });
    const { chunks, isCut } = await (await call(direct, `http://${host}`)).read(3);
    expect([Buffer.concat(chunks).toString(), isCut]).toEqual(["hal", true]);
    await expect(closed.promise).resolves.toBeUndefined();
  });
});
