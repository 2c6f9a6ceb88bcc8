import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAuthority,
  type Authority,
  type Certified,
} from "../../test/support/certificates.ts";
import { listenOnLoopback } from "../../test/support/loopback.ts";
import { clientFor } from "./client.ts";
import { readTlsFiles } from "./connection-files.ts";
import { NO_CONNECTION_OPTIONS } from "./connection.ts";

const oldAuthority = createAuthority("Home CA");
const newAuthority = createAuthority("Home CA, renewed");
const HOSTS = { hosts: ["localhost", "127.0.0.1"] };
const WRITTEN = new Date("2026-01-01");

interface Front {
  readonly server: Server;
  readonly url: string;
  /** Whose client certificate was shown, by connection. */
  readonly shown: readonly string[];
  /** Settle when this side has hung up, by connection. */
  readonly ended: readonly Promise<unknown>[];
}

/** A server that wants client certificates, and refuses the stream with 403. */
async function startFront(authority: Authority): Promise<Front> {
  const shown: string[] = [];
  const ended: Promise<unknown>[] = [];
  const { cert, key } = authority.issue("push.home", HOSTS);
  const server = createServer(
    { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ health: "green", database: "green" }));
    },
  );
  // Only this side's client ends a connection here, and no clock.
  server.keepAliveTimeout = 0;
  server.on("secureConnection", (socket) => {
    ended.push(once(socket, "close"));
    shown.push(String(socket.getPeerCertificate().subject.CN));
  });
  server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  const listener = await listenOnLoopback(server);
  onTestFinished(() => listener.close());
  return { server, url: `https://localhost:${listener.port}`, shown, ended };
}

/** From here on the server has another certificate, and wants clients of another authority. */
function renewServer({ server }: Front, authority: Authority): void {
  const { cert, key } = authority.issue("push.home", HOSTS);
  server.setSecureContext({ cert, key, ca: authority.cert });
}

function folder(): (name: string, text: string) => string {
  const path = mkdtempSync(join(tmpdir(), "gotify-renewal-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return (name, text) => {
    writeFileSync(join(path, name), text, { mode: 0o600 });
    return join(path, name);
  };
}

/** Writes until the file system tells the change from the last one; all but its ctime stays. */
function overwrite(path: string, text: string): void {
  const before = statSync(path);
  do {
    writeFileSync(path, text);
    utimesSync(path, WRITTEN, WRITTEN);
  } while (statSync(path).ctimeMs === before.ctimeMs);
}

describe("certificates that are renewed", () => {
  const files = (authority: Authority, client: Certified) => {
    const write = folder();
    const put = (from: Authority, pair: Certified): Record<string, string> => ({
      caFile: write("ca.pem", from.cert),
      clientCertFile: write("client.pem", pair.cert),
      clientKeyFile: write("client.key", pair.key),
    });
    return { paths: put(authority, client), put, write };
  };

  // Less than the 4 s after which an idle connection ends anyway.
  test("reach a client that is in use, requests and stream alike", { timeout: 3_000 }, async () => {
    const front = await startFront(oldAuthority);
    const { paths, put } = files(oldAuthority, oldAuthority.issue("first"));
    const connection = { ...NO_CONNECTION_OPTIONS, ...paths };
    const client = clientFor({ serverUrl: front.url, connection }, { clientToken: "C1" });
    await expect(client.health()).resolves.toMatchObject({ ok: true });

    renewServer(front, newAuthority);
    put(newAuthority, newAuthority.issue("second"));
    await expect(client.openStream({ onMessage: () => {} })).rejects.toThrow(/\(403\)/);
    await front.ended[0];

    await expect(client.health()).resolves.toMatchObject({ ok: true });
    renewServer(front, oldAuthority);
    put(oldAuthority, oldAuthority.issue("third"));
    await expect(client.health()).resolves.toMatchObject({ ok: true });
    expect(front.shown).toEqual(["first", "second", "second", "third"]);
    // What was shown before is not used any more.
    await Promise.all(front.ended.slice(0, -1));
  });

  test("do not interrupt it while they do not fit each other yet", async () => {
    const front = await startFront(oldAuthority);
    const { paths, write } = files(oldAuthority, oldAuthority.issue("first"));
    const connection = { ...NO_CONNECTION_OPTIONS, ...paths };
    const client = clientFor({ serverUrl: front.url, connection }, { clientToken: "C1" });
    await client.health();
    const next = oldAuthority.issue("second");
    write("client.pem", next.cert);
    await expect(client.health()).resolves.toMatchObject({ ok: true });
    write("client.key", next.key);
    await expect(client.health()).resolves.toMatchObject({ ok: true });
    // The one connection went on in between.
    expect(front.shown).toEqual(["first", "second"]);
  });
});

describe("a file that looks the same", () => {
  const size = Math.max(oldAuthority.cert.length, newAuthority.cert.length);
  const padded = (text: string): string => text.padEnd(size, "\n");
  const reading = (caFile: string): (() => string | undefined) => {
    const words = { ...NO_CONNECTION_OPTIONS, caFile };
    return () => readTlsFiles(words).ca;
  };

  test("is read again once it was written", () => {
    const caFile = folder()("ca.pem", padded(oldAuthority.cert));
    utimesSync(caFile, WRITTEN, WRITTEN);
    const read = reading(caFile);
    expect(read()).toBe(padded(oldAuthority.cert));
    overwrite(caFile, padded(newAuthority.cert));
    expect(read()).toBe(padded(newAuthority.cert));
  });

  test("and did not work is looked at again", () => {
    const caFile = folder()("ca.pem", padded("none"));
    utimesSync(caFile, WRITTEN, WRITTEN);
    const read = reading(caFile);
    expect(read).toThrow(/holds no certificate/);
    overwrite(caFile, padded(newAuthority.cert));
    expect(read()).toBe(padded(newAuthority.cert));
  });
});
