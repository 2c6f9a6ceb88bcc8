import { createServer, get } from "node:http";
import { isPrivateIpAddress } from "openclaw/plugin-sdk/ssrf-runtime";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../test/support/loopback.ts";
import { GotifyClient } from "../gotify/client.ts";
import { cleartextGuard, isThisMachine, type LookUpAll } from "./connection-address.ts";
import { nodeTransport } from "./connection-http.ts";

const AT_HOME = { address: new URL("http://192.168.1.9:3128") };

/** A name server that knows what the test says. */
const knowing =
  (...addresses: readonly string[]): LookUpAll =>
  (_hostname, _options, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
const guardFor = (...addresses: readonly string[]): ReturnType<typeof cleartextGuard> =>
  cleartextGuard(
    "http://push.home",
    (address) => isPrivateIpAddress(address),
    knowing(...addresses),
  );

function fetchThrough(guard: ReturnType<typeof cleartextGuard>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: "push.home", port, lookup: guard.lookup, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });
}

describe("a connection in plain http://", () => {
  test.each([[["127.0.0.1"]], [["127.0.0.1", "192.168.1.5"]]])(
    "is made to a name that leads to %j",
    async (addresses) => {
      const listener = await listenOnLoopback(createServer((_request, response) => response.end()));
      onTestFinished(() => listener.close());
      await expect(fetchThrough(guardFor(...addresses), listener.port)).resolves.toBe(200);
    },
  );

  test.each([[["8.8.8.8"]], [["10.0.0.1", "2606:4700::1111"]]])(
    "is not made to a name of which one address in %j is public",
    async (addresses) => {
      await expect(fetchThrough(guardFor(...addresses), 9)).rejects.toThrow(/public address/);
    },
  );

  test("that is refused says so for requests and stream alike", async () => {
    const { lookup } = guardFor("8.8.8.8");
    const client = new GotifyClient({
      serverUrl: "http://push.home",
      clientToken: "C1",
      transport: nodeTransport(async () => ({ lookup })),
      socketOptions: { lookup },
    });
    const refusal = {
      code: "GOTIFY_CONFIG",
      message: expect.stringContaining("8.8.8.8") as unknown,
    };
    await expect(client.currentUser()).rejects.toMatchObject(refusal);
    await expect(client.openStream({ onMessage: () => {} })).rejects.toMatchObject(refusal);
  });

  test("passes on why a name could not be looked up", async () => {
    const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    // As Node itself does it: without addresses.
    const lookUpAll: LookUpAll = (_hostname, _options, callback) => {
      Reflect.apply(callback, undefined, [unknown]);
    };
    const guard = cleartextGuard("http://push.home", () => true, lookUpAll);
    await expect(fetchThrough(guard, 9)).rejects.toBe(unknown);
    await expect(guard.assertPrivate("push.home", AT_HOME)).rejects.toBe(unknown);
  });
});

describe("before a connection", () => {
  test.each(["192.168.1.5", "100.64.1.2", "[fd12::1]", "fe80::1%eth0"])(
    "the address %s is one's own network",
    async (address) => {
      await expect(guardFor().assertPrivate(address, undefined)).resolves.toBeUndefined();
    },
  );

  test.each(["8.8.8.8", "[2606:4700::1111]"])("the address %s is public", async (address) => {
    await expect(guardFor().assertPrivate(address, undefined)).rejects.toThrow(/public address/);
  });

  test.each(["224.0.0.1", "255.255.255.255", "240.0.0.1", "[ff02::1]", "[::ffff:224.0.0.1]"])(
    "the address %s is no server's",
    async (address) => {
      const refusal = /multicast or reserved/;
      await expect(guardFor().assertPrivate(address, undefined)).rejects.toThrow(refusal);
      const guard = guardFor("10.0.0.1", address.replace(/[[\]]/g, ""));
      await expect(fetchThrough(guard, 9)).rejects.toThrow(refusal);
    },
  );

  const judged = (proxy: URL | undefined): Promise<void> =>
    guardFor("10.0.0.1").assertPrivate("push.home", { address: proxy });

  test.each(["http://192.168.1.9:3128", "https://8.8.8.8:3128"])(
    "the way to the proxy %s is one's own, or encrypted",
    async (proxy) => {
      await expect(judged(new URL(proxy))).resolves.toBeUndefined();
    },
  );

  test.each([
    ["http://8.8.8.8:3128", /HTTP proxy 8\.8\.8\.8 at the public address.*AllowCleartext/],
    ["http://240.0.0.1:3128", /^The HTTP proxy 240\.0\.0\.1 .*reserved/],
    ["", /HTTP proxy that OpenClaw does not name/],
  ])("the way to the proxy %j is refused", async (proxy, refusal) => {
    await expect(judged(proxy === "" ? undefined : new URL(proxy))).rejects.toThrow(refusal);
  });

  test("a proxy's name is looked up", async () => {
    const proxy = { address: new URL("http://proxy.home:3128") };
    await expect(guardFor("8.8.8.8").assertPrivate("10.0.0.1", proxy)).rejects.toThrow(
      /HTTP proxy proxy\.home at the public address 8\.8\.8\.8/,
    );
  });

  test("a name is looked up only for a proxy, which would connect wherever it leads", async () => {
    const guard = guardFor("8.8.8.8");
    await expect(guard.assertPrivate("push.home", undefined)).resolves.toBeUndefined();
    await expect(guard.assertPrivate("push.home", AT_HOME)).rejects.toThrow(/public address 8/);
  });
});

test.each([
  ["localhost", true],
  ["gotify.localhost", false],
  ["localhost.", false],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
  ["192.168.1.5", false],
])("%s means this machine: %j", (hostname, isIt) => {
  expect(isThisMachine(hostname)).toBe(isIt);
});
