import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator, type Emulator } from "../../test/emulator/index.ts";
import { createAuthority, type Certified } from "../../test/support/certificates.ts";
import { startConnectProxy } from "../../test/support/connect-proxy.ts";
import { startLocalServer } from "../../test/support/local-server.ts";
import {
  startTlsFront,
  type TlsFront,
  type TlsFrontOptions,
} from "../../test/support/tls-front.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { resolveAccount } from "./accounts.ts";
import { accountClient } from "./client.ts";

const authority = createAuthority("Home CA");
const stranger = createAuthority("Somebody's CA");
const HOSTS = ["localhost", "127.0.0.1"];
const PAST = { notBefore: new Date("2001-01-01"), notAfter: new Date("2002-01-01") };
const serverPair = authority.issue("push.home", { hosts: HOSTS });
const clientPair = authority.issue("the bridge");
const SECRET = "s3cret-of-the-access-proxy";
const WANTED = { name: "CF-Access-Client-Secret", value: SECRET };

interface Stage {
  readonly emulator: Emulator;
  readonly front: TlsFront;
  /** The account of `channels.gotify`, with these connection options. */
  account(
    connection: Record<string, unknown>,
  ): ReturnType<typeof resolveAccount> & { readonly client: GotifyClient };
}

const config = (gotify: Record<string, unknown>): OpenClawConfig => ({ channels: { gotify } });

async function stage(
  options: Omit<TlsFrontOptions, "to" | "certified"> & { certified?: Certified } = {},
): Promise<Stage> {
  const emulator = await startEmulator({ basePath: "/push" });
  onTestFinished(() => emulator.stop());
  const front = await startTlsFront({ to: emulator.url, certified: serverPair, ...options });
  onTestFinished(() => front.close());
  const tokens = {
    appToken: emulator.createApplication("bot").token,
    clientToken: emulator.createClient("bridge").token,
  };
  return {
    emulator,
    front,
    account(connection) {
      const cfg = config({ serverUrl: front.url, ...tokens, connection });
      const account = resolveAccount(cfg);
      return {
        ...account,
        get client() {
          return accountClient(account);
        },
      };
    },
  };
}

function folder(): (name: string, text: string) => string {
  const path = mkdtempSync(join(tmpdir(), "gotify-connection-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return (name, text) => {
    writeFileSync(join(path, name), text, { mode: 0o600 });
    return join(path, name);
  };
}

/** Posts, and waits for the same message on the stream. */
async function roundTrip(client: GotifyClient): Promise<string> {
  const arrived = Promise.withResolvers<GotifyMessage>();
  const stream = await client.openStream({ onMessage: arrived.resolve });
  const posted = await client.sendMessage({ message: "over the wire" });
  const received = await arrived.promise;
  await stream.close();
  return received.id === posted.id ? "came back" : "another message";
}

/** What a request and the stream each fail with, both as one line. */
async function failures(client: GotifyClient): Promise<readonly [rest: string, stream: string]> {
  const textOf = (error: unknown): string => (error instanceof Error ? error.message : "no error");
  const [rest, stream] = await Promise.all([
    client.currentUser().then(() => "worked", textOf),
    client.openStream({ onMessage: () => {} }).then(() => "opened", textOf),
  ]);
  for (const text of [rest, stream]) expect(text).not.toContain("\n");
  return [rest, stream];
}

describe("a private authority", () => {
  test("is trusted by requests and stream alike, below a sub-path", async () => {
    const at = await stage();
    const caFile = folder()("ca.pem", authority.cert);
    const { client, problem } = at.account({ caFile });
    expect(problem).toBeUndefined();
    expect(await roundTrip(client)).toBe("came back");
    expect(at.front.passed).toEqual(["UPGRADE /push/stream", "POST /push/message"]);
  });

  test.each([
    ["is not named", undefined],
    ["is another one", stranger.cert],
  ])("that %s is told in one line, with the key to set", async (_what, pem) => {
    const at = await stage();
    const caFile = pem === undefined ? {} : { caFile: folder()("ca.pem", pem) };
    for (const text of await failures(at.account(caFile).client)) {
      expect(text).toMatch(/not reachable: .*unknown authority.*connection\.caFile/);
    }
  });

  test("comes in addition to those that are trusted anyway", async () => {
    const before = getCACertificates("default");
    onTestFinished(() => setDefaultCACertificates(before));
    setDefaultCACertificates([...before, stranger.cert]);
    const at = await stage({ certified: stranger.issue("push", { hosts: HOSTS }) });
    const caFile = folder()("ca.pem", authority.cert);
    expect(await roundTrip(at.account({ caFile }).client)).toBe("came back");
  });

  test("may be the server's own self-signed certificate", async () => {
    const own = createAuthority("localhost");
    const at = await stage({ certified: own });
    const caFile = folder()("ca.pem", own.cert);
    expect(await roundTrip(at.account({ caFile }).client)).toBe("came back");
    for (const text of await failures(at.account({}).client)) {
      expect(text).toMatch(/self-signed.*connection\.caFile/);
    }
  });

  test("does not excuse a certificate for another host", async () => {
    const at = await stage({ certified: authority.issue("x", { hosts: ["other.home"] }) });
    const caFile = folder()("ca.pem", authority.cert);
    for (const text of await failures(at.account({ caFile }).client)) {
      expect(text).toMatch(/its certificate is for another host name/);
    }
  });

  test("does not excuse a certificate that has expired", async () => {
    const certified = authority.issue("push.home", { hosts: HOSTS, ...PAST });
    const at = await stage({ certified });
    const caFile = folder()("ca.pem", authority.cert);
    for (const text of await failures(at.account({ caFile }).client)) {
      expect(text).toMatch(/its certificate has expired\. Renew it\./);
    }
  });

  test("is read again when its file is replaced", async () => {
    const at = await stage();
    const write = folder();
    const caFile = write("ca.pem", stranger.cert);
    const [text] = await failures(at.account({ caFile }).client);
    expect(text).toMatch(/unknown authority/);
    write("ca.pem", authority.cert);
    // A file system that keeps whole seconds must not hide the change from this test.
    utimesSync(caFile, new Date(), new Date(Date.now() + 5_000));
    expect(await roundTrip(at.account({ caFile }).client)).toBe("came back");
  });
});

describe("a client certificate", () => {
  const behindMtls = (): Promise<Stage> => stage({ clientAuthority: authority.cert });
  const files = (pair: Certified): Record<string, string> => {
    const write = folder();
    return {
      caFile: write("ca.pem", authority.cert),
      clientCertFile: write("client.pem", pair.cert),
      clientKeyFile: write("client.key", pair.key),
    };
  };

  test("is shown by requests and stream alike", async () => {
    const at = await behindMtls();
    expect(await roundTrip(at.account(files(clientPair)).client)).toBe("came back");
  });

  test("may have its key in the configuration itself, which wins over a file", async () => {
    const at = await behindMtls();
    expect(
      await roundTrip(
        at.account({ ...files(clientPair), clientKey: clientPair.key, clientKeyFile: "/nowhere" })
          .client,
      ),
    ).toBe("came back");
  });

  test("that is missing is asked for in one line", async () => {
    const at = await behindMtls();
    const { caFile } = files(clientPair);
    const client = at.account({ caFile }).client;
    for (const text of await failures(client)) {
      expect(text).toMatch(/not reachable: it wants a client certificate.*connection\.clientCert/);
    }
    // The server has seen nothing of it, so it may be sent again.
    await expect(client.sendMessage({ message: "x" })).rejects.toMatchObject({
      code: "GOTIFY_UNREACHABLE",
      requestSent: false,
    });
  });

  test("that nginx misses is asked for as well: it lets the handshake pass and answers 400", async () => {
    const page = "<html><center><h1>400 No required SSL certificate was sent</h1></center></html>";
    const server = await startLocalServer(
      (_seen, response) => response.writeHead(400, { "content-type": "text/html" }).end(page),
      (_request, socket) => {
        socket.end(
          `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
        );
      },
    );
    const cfg = config({ serverUrl: server.url, appToken: "A1", clientToken: "C1" });
    for (const text of await failures(accountClient(resolveAccount(cfg)))) {
      expect(text).toMatch(/client certificate .*\(400\).*connection\.clientCertFile/);
    }
  });
});

describe("a header for an access proxy", () => {
  const behindAccess = (): Promise<Stage> => stage({ wanted: WANTED });
  const ca = (): string => folder()("ca.pem", authority.cert);

  test("goes with requests and stream alike", async () => {
    const at = await behindAccess();
    const headers = { [WANTED.name]: SECRET };
    expect(await roundTrip(at.account({ caFile: ca(), headers }).client)).toBe("came back");
  });

  test("that is missing or wrong is told in one line, and its value never shows", async () => {
    const at = await behindAccess();
    for (const headers of [{}, { [WANTED.name]: "wr0ng-secret" }]) {
      for (const text of await failures(at.account({ caFile: ca(), headers }).client)) {
        expect(text).toMatch(/A proxy in front of .* \(401\).*connection\.headers/);
        expect(text).not.toContain("wr0ng-secret");
      }
    }
  });
});

test("timeoutSeconds ends a call that is not answered", async () => {
  const server = await startLocalServer(() => {});
  const cfg = config({
    serverUrl: server.url,
    appToken: "A1",
    connection: { timeoutSeconds: 1 },
  });
  const client = accountClient(resolveAccount(cfg));
  await expect(client.health()).rejects.toThrow(/did not answer within 1 s/);
});

describe("an HTTP proxy in the environment", () => {
  test("carries requests and stream alike, with the account's certificates and headers", async () => {
    const at = await stage({ clientAuthority: authority.cert, wanted: WANTED });
    const proxy = await startConnectProxy();
    onTestFinished(() => proxy.close());
    const write = folder();
    const options = {
      caFile: write("ca.pem", authority.cert),
      clientCertFile: write("client.pem", clientPair.cert),
      clientKey: clientPair.key,
      headers: { [WANTED.name]: SECRET },
    };
    expect(await roundTrip(at.account(options).client)).toBe("came back");
    expect(proxy.asked).toEqual([]);
    // From here on: what is made after the host has set its proxy goes through it.
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await roundTrip(at.account(options).client)).toBe("came back");
    const { host } = new URL(at.front.url);
    expect(proxy.asked).toEqual([`CONNECT ${host}`, `CONNECT ${host}`]);
  });

  test("that refuses is told apart from the server", async () => {
    const at = await stage();
    const proxy = await startConnectProxy(() => false);
    onTestFinished(() => proxy.close());
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const caFile = folder()("ca.pem", authority.cert);
    for (const text of await failures(at.account({ caFile }).client)) {
      expect(text).toMatch(/not reachable: the HTTP proxy opened no way to it/);
    }
  });

  test("is left alone for what NO_PROXY names", async () => {
    const at = await stage();
    const proxy = await startConnectProxy();
    onTestFinished(() => proxy.close());
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    vi.stubEnv("NO_PROXY", "localhost");
    onTestFinished(() => void vi.unstubAllEnvs());
    const caFile = folder()("ca.pem", authority.cert);
    expect(await roundTrip(at.account({ caFile }).client)).toBe("came back");
    expect(proxy.asked).toEqual([]);
  });
});

describe("plain http://", () => {
  test("to a public address is refused before anything is sent, and says how to allow it", async () => {
    const cfg = config({ serverUrl: "http://8.8.8.8:9", appToken: "A1", clientToken: "C1" });
    const client = accountClient(resolveAccount(cfg));
    for (const text of await failures(client)) {
      expect(text).toMatch(/public address 8\.8\.8\.8.*https:\/\/.*dangerouslyAllowCleartext/);
    }
    await expect(client.sendMessage({ message: "x" })).rejects.toMatchObject({
      code: "GOTIFY_CONFIG",
    });
  });

  test("to this machine needs no permission", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.stop());
    const { port } = new URL(emulator.url);
    for (const host of ["127.0.0.1", "localhost"]) {
      const cfg = config({
        serverUrl: `http://${host}:${port}`,
        appToken: emulator.createApplication("bot").token,
        clientToken: emulator.createClient("bridge").token,
      });
      expect(await roundTrip(accountClient(resolveAccount(cfg)))).toBe("came back");
    }
  });
});
