// Owns the proof that what stands in front of the emulator does what its switches say, to REST and to the stream.
import { describe, expect, test } from "vitest";
import { call } from "../contract/call.ts";
import { HandshakeRefusal } from "../contract/listener.ts";
import type { Emulator } from "./index.ts";
import { setup, type Setup } from "./start.ts";

async function refusedStatus({ connect }: Setup): Promise<number> {
  try {
    await connect();
  } catch (error) {
    if (error instanceof HandshakeRefusal) return error.status;
    throw error;
  }
  return 101;
}

describe("in front of the server", () => {
  const switches: ReadonlyArray<
    readonly [name: string, status: number, on: (emulator: Emulator) => void]
  > = [
    ["htmlFront", 200, ({ faults }) => void (faults.htmlFront = true)],
    ["badGateway", 502, ({ faults }) => void (faults.badGateway = true)],
    ["tooManyRequests", 429, ({ faults }) => faults.tooManyRequests(7)],
    ["redirectTo", 302, ({ faults }) => faults.redirectTo("https://sso.example/login")],
  ];

  test.for(switches)(
    "%s answers every request and handshake with %i, until it is cleared",
    async ([, status, on]) => {
      const site = await setup();
      on(site.emulator);
      for (const path of ["/message", "/health", "/no-such-path"]) {
        expect((await call(`${site.emulator.url}${path}`, "GET", { as: site.client })).status).toBe(
          status,
        );
      }
      expect(await refusedStatus(site)).toBe(status);
      expect((await site.post("not for Gotify")).contentType).not.toBe("application/json");
      expect(site.emulator.store.messages()).toEqual([]);

      site.emulator.faults.clear();
      expect((await site.post("through")).status).toBe(200);
      expect(await refusedStatus(site)).toBe(101);
    },
  );

  test("htmlFront and badGateway speak HTML", async () => {
    const { emulator } = await setup();
    emulator.faults.htmlFront = true;
    const login = await call(`${emulator.url}/message`, "GET");
    expect(login.contentType).toBe("text/html; charset=utf-8");
    expect(login.text).toContain("<form>");
    emulator.faults.badGateway = true;
    const broken = await call(`${emulator.url}/message`, "GET");
    expect(broken.text).toContain("502 Bad Gateway");
  });

  // Seen on Gotify 2.9.1 and 3.0.0 with a certificate of their own.
  test("httpsOnly sends readers and handshakes to https, and has only plain words for the rest", async () => {
    const site = await setup();
    const { emulator, client, post } = site;
    emulator.faults.httpsOnly = true;
    const read = await call(`${emulator.url}/message?limit=1`, "GET", { as: client });
    expect([read.status, read.contentType]).toEqual([302, "text/html; charset=utf-8"]);
    expect(read.headers.get("location")).toBe("https://127.0.0.1:8443/message?limit=1");
    expect(await refusedStatus(site)).toBe(302);
    const refused = await post("not for Gotify");
    expect([refused.status, refused.text]).toEqual([400, "Use HTTPS"]);
    expect(refused.contentType).toBe("text/plain; charset=utf-8");
    emulator.faults.clear();
    expect((await post("through")).status).toBe(200);
  });

  test("tooManyRequests names the seconds to wait", async () => {
    const { emulator } = await setup();
    emulator.faults.tooManyRequests(7);
    const reply = await call(`${emulator.url}/health`, "GET");
    expect(reply.headers.get("retry-after")).toBe("7");
  });

  test("redirectTo keeps an address with a path, and appends the request's own to one without", async () => {
    const { emulator } = await setup({ basePath: "/gotify" });
    const target = async (to: string): Promise<string | null> => {
      emulator.faults.redirectTo(to);
      const reply = await call(`${emulator.url}/message?limit=1`, "GET");
      return reply.headers.get("location");
    };
    expect(await target("https://sso.example/login?x=1")).toBe("https://sso.example/login?x=1");
    expect(await target("https://push.example")).toBe(
      "https://push.example/gotify/message?limit=1",
    );
  });

  test("loseUpgrade turns the handshake into an ordinary request, and REST still works", async () => {
    const site = await setup();
    site.emulator.faults.loseUpgrade = true;
    expect(await refusedStatus(site)).toBe(400);
    expect((await site.post("fine")).status).toBe(200);
  });

  test("maxBodyBytes answers larger bodies 413 with HTML, announced or not; Gotify never sees them", async () => {
    const { emulator, application, connect, post } = await setup();
    emulator.faults.maxBodyBytes = 100;
    const announced = await post("x".repeat(100));
    expect([announced.status, announced.contentType]).toEqual([413, "text/html; charset=utf-8"]);
    expect(announced.text).toContain("413 Request Entity Too Large");
    const chunked = await fetch(`${emulator.url}/message`, {
      method: "POST",
      headers: { "x-gotify-key": application.token, "content-type": "application/json" },
      body: new Blob([JSON.stringify({ message: "x".repeat(100) })]).stream(),
      duplex: "half",
    });
    expect(chunked.status).toBe(413);
    await chunked.body?.cancel();
    expect((await post("short")).status).toBe(200);
    await (await connect()).roundTrip();
    expect(emulator.store.messages()).toHaveLength(1);
  });

  test("slowAnswersMs delays answers and handshakes after the work is done: the echo comes first", async () => {
    const { emulator, connect, post } = await setup();
    const stream = await connect();
    emulator.faults.slowAnswersMs = 150;
    let isAnswered = false;
    const answer = post("slow").then(() => (isAnswered = true));
    await stream.frameOf(1);
    expect(isAnswered).toBe(false);
    await answer;

    const before = performance.now();
    await connect();
    expect(performance.now() - before).toBeGreaterThan(140);
  });
});

describe("databaseDown", () => {
  test.for(["v2", "v3"] as const)(
    "on %s is a 500 for good and wrong credentials alike, and open streams live on",
    async (personality) => {
      const { emulator, client, connect } = await setup({ personality });
      const stream = await connect();
      emulator.faults.databaseDown = true;
      const health = await call(`${emulator.url}/health`, "GET");
      expect([health.status, health.text]).toEqual([500, '{"health":"orange","database":"red"}']);

      const admin = { name: "admin", password: "admin" };
      for (const as of [client, { token: "Cwrong" }, admin, { name: "x", password: "y" }]) {
        const reply = await call(`${emulator.url}/current/user`, "GET", { as });
        expect(reply.status).toBe(500);
      }
      const stranger = await call(`${emulator.url}/current/user`, "GET");
      expect(stranger.status).toBe(401);
      await stream.roundTrip();

      emulator.faults.databaseDown = false;
      expect((await call(`${emulator.url}/current/user`, "GET", { as: client })).status).toBe(200);
    },
  );

  test("loseDatabaseConnections is the same for so many calls, as after PostgreSQL's return", async () => {
    const { emulator, client, post } = await setup();
    emulator.faults.loseDatabaseConnections(2);
    const ask = async (path: string): Promise<number> =>
      (await call(`${emulator.url}${path}`, "GET", { as: client })).status;
    expect(await ask("/version")).toBe(200);
    expect((await post("lost")).status).toBe(500);
    expect([await ask("/message"), await ask("/message")]).toEqual([500, 200]);
    expect(emulator.store.messages()).toHaveLength(0);
    emulator.faults.loseDatabaseConnections(1);
    expect([await ask("/health"), await ask("/health")]).toEqual([500, 200]);
    emulator.faults.loseDatabaseConnections(5);
    emulator.faults.clear();
    expect(await ask("/message")).toBe(200);
  });

  test("v3 lets the driver's words through, with an address in them; v2 does not", async () => {
    const texts = await Promise.all(
      (["v2", "v3"] as const).map(async (personality) => {
        const { emulator, client } = await setup({ personality });
        emulator.faults.databaseDown = true;
        return (await call(`${emulator.url}/message`, "GET", { as: client })).text;
      }),
    );
    expect(texts.map((text) => /\d+\.\d+\.\d+\.\d+:\d+/.test(text))).toEqual([false, true]);
  });
});
