import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { resolveAccount } from "./accounts.ts";
import { accountClient } from "./client.ts";

/** Private, and not this machine's. Nobody has to be there: it is the proxy that would connect. */
const AT_HOME = "http://10.255.255.1:9";

function clientOf(serverUrl: string, more: Record<string, unknown> = {}): GotifyClient {
  const gotify = { serverUrl, appToken: "A1", clientToken: "C1", ...more };
  const cfg: OpenClawConfig = { channels: { gotify } };
  return accountClient(resolveAccount(cfg));
}

function useProxy(name: "HTTP_PROXY" | "HTTPS_PROXY", url: string): void {
  vi.stubEnv(name, url);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** A proxy that answers in place of the server, and what it was asked for. */
const answeringProxy = (): ReturnType<typeof startLocalServer> =>
  startLocalServer((_seen, response) =>
    sendJson(response, 200, { health: "green", database: "green" }),
  );

/** What a request and the stream each fail with. */
async function failures(client: GotifyClient): Promise<readonly string[]> {
  const textOf = (error: unknown): string => (error instanceof Error ? error.message : "no error");
  return await Promise.all([
    client.health().then(() => "worked", textOf),
    client.openStream({ onMessage: () => {} }).then(() => "opened", textOf),
  ]);
}

describe("plain http:// with a proxy in the environment", () => {
  test("goes through it to a private address, also with a client that was there before", async () => {
    const proxy = await answeringProxy();
    const client = clientOf(AT_HOME);
    useProxy("HTTP_PROXY", proxy.url);
    await expect(client.health()).resolves.toMatchObject({ ok: true });
    expect(proxy.requests.map(({ url }) => url)).toEqual([`${AT_HOME}/health`]);
  });

  test("goes to this machine directly, requests and stream alike", async () => {
    const proxy = await answeringProxy();
    useProxy("HTTP_PROXY", proxy.url);
    const emulator = await startEmulator();
    onTestFinished(() => emulator.stop());
    const tokens = {
      appToken: emulator.createApplication("bot").token,
      clientToken: emulator.createClient("bridge").token,
    };
    const { port } = new URL(emulator.url);
    for (const host of ["127.0.0.1", "localhost"]) {
      const client = clientOf(`http://${host}:${port}`, tokens);
      const stream = await client.openStream({ onMessage: () => {} });
      await client.sendMessage({ message: "at home" });
      await stream.close();
    }
    expect(proxy.requests).toEqual([]);
  });

  test("is refused when the proxy is at a public address, unless that is allowed", async () => {
    useProxy("HTTP_PROXY", "http://user:geheim@8.8.8.8:9");
    for (const text of await failures(clientOf(AT_HOME))) {
      expect(text).toMatch(/HTTP proxy 8\.8\.8\.8 at the public address.*NO_PROXY.*AllowCleartext/);
      expect(text).not.toContain("geheim");
    }
    const proxy = await answeringProxy();
    vi.stubEnv("HTTP_PROXY", proxy.url);
    const connection = { dangerouslyAllowCleartext: true };
    await expect(clientOf("http://8.8.8.8:9", { connection }).health()).resolves.toMatchObject({
      ok: true,
    });
  });

  test("is judged by its own address alone where NO_PROXY names it", async () => {
    useProxy("HTTP_PROXY", "http://8.8.8.8:9");
    vi.stubEnv("NO_PROXY", "10.255.255.1,8.8.4.4");
    const client = clientOf("http://8.8.4.4:9");
    for (const text of await failures(client)) {
      expect(text).toMatch(/is at the public address 8\.8\.4\.4/);
    }
  });
});

test.each([
  ["HTTP_PROXY", AT_HOME],
  ["HTTPS_PROXY", "https://localhost:9"],
] as const)("an unknown name in %s is told as the proxy's", async (variable, serverUrl) => {
  useProxy(variable, "http://proxy.invalid:3128");
  for (const text of await failures(clientOf(serverUrl))) {
    expect(text).toMatch(/not reachable: proxy\.invalid .*most likely the HTTP proxy/);
  }
});
