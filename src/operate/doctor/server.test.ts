import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createAuthority, type Certified } from "../../../test/support/certificates.ts";
import { startChangingFront } from "../../../test/support/changing-front.ts";
import { startConnectProxy } from "../../../test/support/connect-proxy.ts";
import { openPractice, type Practice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import { startLocalServer } from "../../../test/support/local-server.ts";
import { startTlsFront, type TlsFrontOptions } from "../../../test/support/tls-front.ts";
import { versionRemarks } from "./installation.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const SECRET = "geheim-geheim-geheim";

test("a server that is well is told with its version, its clock and the time it took", async () => {
  const { visit, account } = await openPractice();
  const report = await visit(account());
  expect(report.of("reachable")).toEqual([textLike(/^ok: Gotify at http\S+ answers in \d+ ms\.$/)]);
  expect(report.of("version")).toEqual(["ok: Gotify 3.0.0."]);
  expect(report.of("health")).toEqual([textLike(/^ok: /)]);
  expect(report.of("clock")).toEqual([textLike(/^ok: .* agree to within 1 s\.$/)]);
});

test("a server that is not there is said once, and nothing more is asked of it", async () => {
  const { visit, account } = await openPractice();
  const refused = await visit(account({ serverUrl: "http://127.0.0.1:9" }));
  expect(refused.ok).toBe(false);
  expect(refused.of("reachable")).toEqual([
    textLike(/^error: .*the connection was refused.* → .*host and port/),
  ]);
  const unknown = await visit(account({ serverUrl: "http://no-such-name.invalid" }));
  expect(unknown.of("reachable")).toEqual([textLike(/^error: .*(not known|looked up).* → /)]);
  for (const { of } of [refused, unknown]) {
    for (const check of ["certificate", "clock", "app-token", "client-token", "stream", "rights"]) {
      expect(
        of(check).filter((line) => !line.startsWith("ok: The server is reached by http://")),
      ).toEqual([]);
    }
  }
});

test("a server that never answers ends the visit in time, and is told as that", async () => {
  const { visit, account } = await openPractice();
  const silent = await startLocalServer(() => {});
  const { of } = await visit(account({ serverUrl: silent.url }), {}, { callTimeoutMs: 300 });
  expect(of("reachable")).toEqual([textLike(/^error: .*did not answer within 0\.3 s/)]);
});

test("what stands in front and spoils it is told by its symptom", async () => {
  const { visit, account, emulator } = await openPractice();
  emulator.faults.htmlFront = true;
  expect((await visit(account())).of("reachable")).toEqual([
    textLike(/^error: .*is not Gotify\. → .*login page/),
  ]);
  emulator.faults.htmlFront = false;
  emulator.faults.badGateway = true;
  expect((await visit(account())).of("reachable")).toEqual([textLike(/^error: .*502/)]);
  emulator.faults.badGateway = false;
  emulator.faults.httpsOnly = true;
  expect((await visit(account())).of("reachable")).toEqual([textLike(/^error: .* → .*https:\/\//)]);
  emulator.faults.httpsOnly = false;
  expect((await visit(account({ serverUrl: `${emulator.url}/gotify` }))).of("reachable")).toEqual([
    textLike(/^error: .*\(404\).*→ .*sub-path/),
  ]);
  emulator.faults.databaseDown = true;
  const sick = await visit(account());
  expect(sick.of("health")).toEqual([textLike(/^error: .*database red.* → .*database/)]);
  // Nothing can be told of tokens by then.
  expect(sick.of("client-token")).toEqual([]);
});

test("a proxy that hides the version and asks who this is: an error without tokens that work, else a warning", async () => {
  const { visit, account, emulator } = await openPractice();
  const hiding = (isHidden: (path: string) => boolean): Promise<{ url: string }> =>
    startLocalServer((request, response) => {
      if (isHidden(request.url)) {
        response.writeHead(401, { "content-type": "text/html" }).end("<h1>Sign in</h1>");
        return;
      }
      const token = String(request.headers["x-gotify-key"] ?? "");
      void fetch(emulator.url + request.url, {
        method: request.method,
        headers: { "content-type": "application/json", "x-gotify-key": token },
        ...(request.body === "" ? {} : { body: request.body }),
      }).then(async (answer) => {
        const text = await answer.text();
        response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
      });
    });
  const open = await hiding((path) => ["/version", "/health", "/gotifyinfo"].includes(path));
  const partly = await visit(account({ serverUrl: open.url }));
  expect(partly.of("reachable")).toEqual([textLike(/^warning: .*proxy.*\(401\)/)]);
  expect(partly.of("client-token")).toEqual([textLike(/^ok: /)]);
  const shut = await hiding(() => true);
  const wholly = await visit(account({ serverUrl: shut.url }));
  expect(wholly.of("reachable")).toEqual([
    textLike(/^error: .*proxy.*\(401\).*connection\.headers/),
  ]);
});

test("versions of Gotify and OpenClaw that do not go together are told", async () => {
  const { visit, account, emulator } = await openPractice();
  const says = async (version: string): Promise<readonly string[]> => {
    const front = await startChangingFront(emulator.url, (text) =>
      text.replaceAll("3.0.0", version),
    );
    return (await visit(account({ serverUrl: front.url }))).of("version");
  };
  expect(await says("2.1.4")).toEqual([textLike(/^warning: Gotify 2\.1\.4 is older than 2\.2/)]);
  expect(await says("4.0.0")).toEqual([textLike(/^warning: Gotify 4\.0\.0 is newer/)]);
  expect(await says("unknown")).toEqual([textLike(/^ok: .*"unknown".*like Gotify 3/)]);
  const old = await visit(account(), {}, { hostVersion: () => "2026.7.30" });
  expect(old.of("versions")).toEqual([textLike(/^warning: .*OpenClaw 2026\.7\.30 is older/)]);
  expect(versionRemarks("2026.8.1")[0]?.level).toBe("ok");
  expect(versionRemarks("2025.12.31")[0]?.level).toBe("warning");
  expect(versionRemarks("2027.1.1-beta.2")[0]?.level).toBe("ok");
});

test("clocks that differ by more than a minute are told, in the right direction", async () => {
  const { visit, account } = await openPractice();
  const ahead = await visit(account(), {}, { now: () => Date.now() - 90_000 });
  expect(ahead.of("clock")).toEqual([textLike(/^warning: .*(89|90|91) s ahead of this machine's/)]);
  const behind = await visit(account(), {}, { now: () => Date.now() + 7_200_000 });
  expect(behind.of("clock")).toEqual([textLike(/^warning: .*7\d\d\d s behind this machine's/)]);
});

test("a clock is judged neither by a cache's answer nor by one that was held up", async () => {
  const { visit, account } = await openPractice();
  const asked: string[] = [];
  let headers: () => Record<string, string> = () => ({});
  const server = await startLocalServer((request, response) => {
    // What asks for the time wants no cache to answer.
    if (request.headers["cache-control"] === "no-cache") {
      asked.push(request.url);
      for (const [name, value] of Object.entries(headers())) response.setHeader(name, value);
    }
    const isWell = { health: "green", database: "green", version: "2.9.1" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(isWell));
  });
  const clock = async () => {
    asked.length = 0;
    return (await visit(account({ serverUrl: server.url }))).of("clock");
  };
  const late = { date: new Date(Date.now() - 7_200_000).toUTCString() };
  headers = () => ({ ...late, age: "7200" });
  expect(await clock()).toEqual([textLike(/^ok: A cache answers/)]);
  headers = () => ({ ...late, "x-cache": "HIT from cdn" });
  expect(await clock()).toEqual([textLike(/^ok: A cache answers/)]);
  headers = () => (asked.length === 1 ? late : {});
  expect(await clock()).toEqual([textLike(/^ok: .* agree to within/)]);
  expect(asked).toHaveLength(2);
  headers = () => late;
  expect(await clock()).toEqual([textLike(/^warning: .*behind/)]);
});

test("a server that accepts TLS connections and says nothing is told as one that does not answer", async () => {
  const { visit, account } = await openPractice();
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  const address = mute.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const { of } = await visit(
    account({ serverUrl: `https://127.0.0.1:${port}` }),
    {},
    { callTimeoutMs: 400 },
  );
  expect(of("reachable")).toEqual([textLike(/^error: .*did not answer within 0\.4 s/)]);
  expect(of("certificate")).toEqual([]);
});

/** The practice's server behind TLS, with an authority that is trusted. */
async function behindTls(
  practice: Practice,
  wish: (authority: ReturnType<typeof createAuthority>) => Certified,
  more: Partial<TlsFrontOptions> = {},
) {
  const authority = createAuthority("Test authority");
  const front = await startTlsFront({
    to: practice.emulator.url,
    certified: wish(authority),
    ...more,
  });
  onTestFinished(() => front.close());
  const caFile = join(practice.stateDir, "ca.pem");
  writeFileSync(caFile, authority.cert);
  return { front, account: practice.account({ serverUrl: front.url, connection: { caFile } }) };
}

function days(count: number): Date {
  return new Date(Date.now() + count * DAY_MS);
}

test("a certificate is told with what is left of it, also when looked at a second time", async () => {
  const practice = await openPractice();
  const { account } = await behindTls(practice, (authority) =>
    authority.issue("push", { hosts: ["localhost"], notAfter: days(60.5) }),
  );
  for (const round of [1, 2]) {
    const { of, bad } = await practice.visit(account);
    expect(of("certificate"), String(round)).toEqual([
      textLike(
        /^ok: .*trusted and valid until \d{4}-\d\d-\d\d, in 60 days, issued by Test authority\.$/,
      ),
    ]);
    expect(bad.map(({ check }) => check)).toEqual(["not-running"]);
  }
});

test("a certificate that ends within two weeks is a warning, and one that has ended an error that is said once", async () => {
  const practice = await openPractice();
  const soon = await behindTls(practice, (authority) =>
    authority.issue("push", { hosts: ["localhost"], notAfter: days(13.5) }),
  );
  expect((await practice.visit(soon.account)).of("certificate")).toEqual([
    textLike(/^warning: .*expires on .*, in 13 days\. → Renew/),
  ]);
  const over = await behindTls(practice, (authority) =>
    authority.issue("push", { hosts: ["localhost"], notBefore: days(-9), notAfter: days(-2) }),
  );
  const report = await practice.visit(over.account);
  expect(report.of("certificate")).toEqual([textLike(/^error: .*has expired on .* → Renew/)]);
  expect(report.of("reachable")).toEqual([]);
  // Nothing of ours was sent to whoever showed it.
  expect(over.front.passed).toEqual([]);
});

test("a certificate for another name, or of an authority that nobody knows, is told with the remedy", async () => {
  const practice = await openPractice();
  const other = await behindTls(practice, (authority) =>
    authority.issue("push", { hosts: ["push.example.com"] }),
  );
  expect((await practice.visit(other.account)).of("certificate")).toEqual([
    textLike(/^error: .*for another host name.* → Use the name/),
  ]);
  const stranger = await behindTls(practice, () =>
    createAuthority("Nobody").issue("push", { hosts: ["localhost"] }),
  );
  expect((await practice.visit(stranger.account)).of("certificate")).toEqual([
    textLike(/^error: .*authority.* → .*connection\.caFile/),
  ]);
});

test("a certificate is seen through an HTTP proxy as well, also one that has expired", async () => {
  const practice = await openPractice();
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  vi.stubEnv("HTTPS_PROXY", proxy.url);
  for (const [ends, pattern] of [
    [days(60.5), /^ok: .*in 60 days/],
    [days(-0.5), /^error: .*has expired/],
  ] as const) {
    const { account } = await behindTls(practice, (authority) =>
      authority.issue("push", { hosts: ["localhost"], notAfter: ends }),
    );
    const { of } = await practice.visit(account);
    expect(of("certificate")).toEqual([textLike(pattern)]);
  }
  expect(proxy.asked.length).toBeGreaterThan(2);
});

test("a header for a proxy and a client certificate are used, told by how long they hold, and never shown", async () => {
  const practice = await openPractice();
  const clients = createAuthority("Clients");
  const { front } = await behindTls(
    practice,
    (authority) => authority.issue("push", { hosts: ["localhost"], notAfter: days(60.5) }),
    { clientAuthority: clients.cert, wanted: { name: "x-door", value: SECRET } },
  );
  const own = clients.issue("me", { notAfter: days(5.5) });
  const file = (name: string, text: string): string => {
    const path = join(practice.stateDir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const connection = {
    caFile: join(practice.stateDir, "ca.pem"),
    clientCertFile: file("me.pem", own.cert),
    clientKeyFile: file("me.key", own.key),
  };
  const account = practice.account({ serverUrl: front.url });
  const letIn = await practice.visit({
    ...account,
    connection: { ...connection, headers: { "x-door": SECRET } },
  });
  expect(letIn.of("client-certificate")).toEqual([textLike(/^warning: .*in 5 days\. → /)]);
  expect(letIn.of("clock")).toEqual([textLike(/^ok: /)]);
  expect(letIn.of("stream")).toEqual([textLike(/^ok: /)]);
  expect(JSON.stringify(letIn)).not.toContain(SECRET);
  const shutOut = await practice.visit({ ...account, connection });
  expect(shutOut.of("reachable")).toEqual([textLike(/^error: .*proxy.*\(401\)/)]);
  expect(shutOut.of("certificate")).toEqual([textLike(/^ok: /)]);
});
