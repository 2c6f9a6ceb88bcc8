// Owns the proof that an account behind everything at once works in a real Gateway: a private authority, mTLS, an access proxy, a sub-path, and the host's own forward proxy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createAuthority } from "../support/certificates.ts";
import { startConnectProxy, type ConnectProxy } from "../support/connect-proxy.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { noteSecret } from "../support/leaks.ts";
import { startTlsFront, type TlsFront } from "../support/tls-front.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const ACCESS = { name: "CF-Access-Client-Secret", value: "s3cret-of-the-access-proxy" };

let stage: Stage;
let side: GotifySide;
let front: TlsFront;
let proxy: ConnectProxy;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "gotify-connection-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const authority = createAuthority("Home CA");
  side = await startGotifySide({ basePath: "/push" });
  [front, proxy] = await Promise.all([
    startTlsFront({
      to: side.url,
      certified: authority.issue("push.home", { hosts: ["localhost"] }),
      clientAuthority: authority.cert,
      wanted: ACCESS,
    }),
    startConnectProxy(),
  ]);
  const client = authority.issue("the bridge");
  for (const secret of [ACCESS.value, client.key]) noteSecret(secret);
  const working = {
    caFile: file("ca.pem", authority.cert),
    clientCertFile: file("client.pem", client.cert),
    clientKeyFile: file("client.key", client.key),
    headers: { [ACCESS.name]: ACCESS.value },
  };
  // They only send: each is here for what it says when it is looked at.
  const broken = (connection: Record<string, unknown>): Record<string, unknown> => ({
    serverUrl: front.url,
    appToken: side.bot.token,
    connection,
  });
  stage = await openStage({
    gotify: {
      defaultAccount: "home",
      accounts: {
        home: side.account({ serverUrl: front.url, connection: working }),
        distrusting: broken({ ...working, caFile: undefined }),
        anonymous: broken({ caFile: working.caFile }),
        uninvited: broken({ ...working, headers: {} }),
        careless: broken({ ...working, clientCertFile: join(folder, "missing.pem") }),
      },
    },
    // The Gateway's own setting; without `proxy`, it would leave this machine's addresses out.
    sections: { proxy: { proxyUrl: proxy.url, loopbackMode: "proxy" } },
    script: (turn) => `**Answer** to ${turn.said}`,
  });
  await connected(stage, "home");
  return async () => {
    await stage.stop();
    await Promise.all([front.close(), proxy.close(), side.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
});

test("a push is answered over the whole way, requests and stream through the host's proxy", async () => {
  await warmUp(side);
  const reply = await side.replyWith("warm-up");
  expect(reply.appid).toBe(side.bot.id);
  expect(front.passed).toContain("UPGRADE /push/stream");
  expect(front.passed).toContain("POST /push/message");
  const { host } = new URL(front.url);
  const tunnels = proxy.asked.filter((line) => line === `CONNECT ${host}`);
  // Nothing came another way; a tunnel may be open whose handshake is not over yet.
  expect(front.connections()).toBeGreaterThan(0);
  expect(tunnels.length).toBeGreaterThanOrEqual(front.connections());
});

test("each account that cannot work says in one line what is missing, and shows no secret", async () => {
  const { code, stdout, stderr } = await stage.gateway.run("gotify", "check");
  expect(code).toBe(1);
  const lineOf = (account: string): string =>
    stdout.split("\n").find((line) => line.startsWith(`${account}: `)) ?? "no line";
  expect(lineOf("home")).toMatch(/^home: works, Gotify /);
  expect(lineOf("distrusting")).toMatch(/unknown authority\..*connection\.caFile/);
  expect(lineOf("anonymous")).toMatch(/wants a client certificate.*connection\.clientCertFile/);
  expect(lineOf("uninvited")).toMatch(/A proxy in front of .*\(401\).*connection\.headers/);
  expect(lineOf("careless")).toMatch(
    /channels\.gotify\.accounts\.careless\.connection\.clientCertFile: .*missing\.pem does not exist\.$/,
  );
  const status = await stage.gateway.run("channels", "status", "--probe");
  expect(status.stdout).toMatch(/Gotify home: .*works/);
  for (const text of [stdout, stderr, status.stdout, stage.gateway.output()]) {
    expect(text).not.toContain(ACCESS.value);
  }
});
