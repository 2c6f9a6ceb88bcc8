// Owns the proof of what only the emulator has: shortcuts, a look inside, a clock, going down and coming back.
import { describe, expect, test } from "vitest";
import { asObject, call } from "../contract/call.ts";
import { setup } from "./start.ts";

describe("shortcuts", () => {
  test("push is a post by somebody else: stored, streamed, with extras as the server would write them", async () => {
    const { emulator, application, connect } = await setup();
    const stream = await connect();
    const pushed = emulator.push({
      appid: application.id,
      message: "hello",
      priority: 4,
      extras: { b: 1, a: { z: [1, null], y: true } },
    });
    expect(pushed).toMatchObject({ id: 1, appid: application.id, title: "app", priority: 4 });
    expect(await stream.frameOf(1)).toContain('"extras":{"a":{"y":true,"z":[1,null]},"b":1}');
    expect(emulator.store.messages()).toEqual([pushed]);
  });

  test("createUser makes an island: its streams get nothing of the others'", async () => {
    const { emulator, application, connect } = await setup();
    const user = emulator.createUser("bob");
    const theirs = emulator.createApplication("theirs", { userId: user.id });
    const stream = await connect({ as: user });
    emulator.push({ appid: application.id, message: "not for bob" });
    emulator.push({ appid: theirs.id, message: "for bob" });
    await stream.frameOf(2);
    expect(stream.ids()).toEqual([2]);
  });

  test("deleteClient ends its streams and its token", async () => {
    const { emulator, client, connect } = await setup();
    const stream = await connect();
    emulator.deleteClient(client.id);
    expect((await stream.untilClosed()).code).toBe(1006);
    const reply = await call(`${emulator.url}/current/user`, "GET", { as: client });
    expect(reply.status).toBe(401);
  });

  test("a token of an older server works on v3, and there even a change gives it back usable", async () => {
    const { emulator } = await setup({ personality: "v3" });
    const old = emulator.createClient("old", { token: "C0123456789abcd" });
    const changed = await call(`${emulator.url}/client/${old.id}`, "PUT", {
      as: old,
      json: { name: "renamed" },
    });
    expect(asObject(changed.json)["token"]).toBe("C0123456789abcd");
  });
});

describe("inspection", () => {
  test("requests are kept as they came, handshakes too", async () => {
    const { emulator, client, connect } = await setup({ basePath: "/gotify" });
    await connect();
    await call(`${emulator.url}/message?limit=1`, "GET", { as: client });
    const seen = emulator.store.requests();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /gotify/stream",
      "GET /gotify/message?limit=1",
    ]);
    expect(seen[1]?.headers["x-gotify-key"]).toBe(client.token);
  });

  test("until gives up with the condition in its words", async () => {
    const { emulator } = await setup();
    await expect(emulator.until(() => emulator.store.streamCount() === 9, 20)).rejects.toThrow(
      /not within 20 ms: .*streamCount\(\) === 9/,
    );
  });

  test("resetMessages starts ids at 1 again", async () => {
    const { emulator, application } = await setup();
    const draft = { appid: application.id, message: "m" };
    expect([emulator.push(draft).id, emulator.push(draft).id]).toEqual([1, 2]);
    emulator.store.resetMessages();
    expect(emulator.push(draft).id).toBe(1);
  });

  test("skipMessageIds makes ids jump", async () => {
    const { emulator, application } = await setup();
    const draft = { appid: application.id, message: "m" };
    expect(emulator.push(draft).id).toBe(1);
    emulator.store.skipMessageIds(30);
    expect(emulator.push(draft).id).toBe(32);
  });

  test("resetAll is a server on an empty database: the first user works, no token does, streams end", async () => {
    const { emulator, client, application, connect, post } = await setup();
    emulator.createUser("bob");
    await post("m");
    const stream = await connect();
    emulator.store.resetAll();
    expect((await stream.untilClosed()).code).toBe(1006);
    for (const as of [client, { name: "bob", password: "bob" }]) {
      expect((await call(`${emulator.url}/current/user`, "GET", { as })).status).toBe(401);
    }
    expect((await post("m")).status).toBe(401);
    const made = await call(`${emulator.url}/application`, "POST", {
      as: { name: "admin", password: "admin" },
      json: { name: "new" },
    });
    expect(made.json).toMatchObject({ id: application.id, sortKey: "a0" });
    expect(emulator.push({ appid: application.id, message: "m" }).id).toBe(1);
  });
});

test("a clock of the test's own dates messages and ends elevations", async () => {
  let nowMs = Date.UTC(2030, 0, 2, 3, 4, 5, 60);
  const { emulator, application, client } = await setup({ now: () => new Date(nowMs) });
  const pushed = emulator.push({ appid: application.id, message: "m" });
  expect(pushed.date).toBe("2030-01-02T03:04:05.060456789Z");

  await call(`${emulator.url}/client/${client.id}/elevate`, "POST", {
    as: { name: "admin", password: "admin" },
    json: { durationSeconds: 60 },
  });
  const deletion = (): Promise<number> =>
    call(`${emulator.url}/application/99`, "DELETE", { as: client }).then(({ status }) => status);
  expect(await deletion()).toBe(404);
  nowMs += 60_001;
  expect(await deletion()).toBe(403);
});

test("an expired token is dead at once; a stream of its client stays, and revives it at the next sweep", async () => {
  let nowMs = Date.UTC(2030, 0, 2);
  const { emulator, connect } = await setup({ now: () => new Date(nowMs) });
  const expiring = { expiresAfterInactivitySeconds: 60 };
  const idle = emulator.createClient("idle", expiring);
  const streaming = emulator.createClient("streaming", expiring);
  const stream = await connect({ as: streaming });
  await stream.roundTrip();
  const statuses = (): Promise<number[]> =>
    Promise.all(
      [idle, streaming].map(async (as) => {
        const reply = await call(`${emulator.url}/current/user`, "GET", { as });
        return reply.status;
      }),
    );
  nowMs += 61_000;
  expect(await statuses()).toEqual([401, 401]);
  await stream.roundTrip();
  emulator.sweepClients();
  expect(await statuses()).toEqual([401, 200]);
});

test("going down cuts streams and refuses connections; coming back keeps port, tokens and messages", async () => {
  const { emulator, client, connect, post } = await setup();
  await post("before");
  const stream = await connect();
  await emulator.goDown();
  expect((await stream.untilClosed()).code).toBe(1006);
  await expect(fetch(`${emulator.url}/health`)).rejects.toThrow("fetch failed");

  await emulator.comeBack();
  const page = await call(`${emulator.url}/message`, "GET", { as: client });
  expect(asObject(page.json)["messages"]).toMatchObject([{ message: "before" }]);
  await (await connect()).roundTrip();
});

test("stopping ends everything, also posts that hang, and twice is fine", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.hangNextPosts(1);
  const hanging = post("m").catch((error: unknown) => error);
  await emulator.until(() => emulator.faults.hangingPosts === 1);
  await emulator.stop();
  await emulator.stop();
  expect((await stream.untilClosed()).code).toBe(1006);
  await hanging;
  await expect(fetch(`${emulator.url}/health`)).rejects.toThrow("fetch failed");
});

test("user, password, port and address can be chosen", async () => {
  const first = await setup();
  const port = Number(new URL(first.emulator.url).port);
  await first.emulator.stop();
  const { emulator } = await setup({ user: "ada", password: "l", port });
  expect(emulator.url).toBe(`http://127.0.0.1:${port}`);
  const reply = await call(`${emulator.url}/current/user`, "GET", {
    as: { name: "ada", password: "l" },
  });
  expect(reply.json).toMatchObject({ id: 1, name: "ada", admin: true });
});

test("the page is one self-contained file whose script alone may run", async () => {
  const { emulator } = await setup({ basePath: "/gotify" });
  const page = await call(`${emulator.url}/`, "GET");
  expect(page.contentType).toBe("text/html; charset=utf-8");
  expect(page.text).toContain("emulator");
  expect(page.headers.get("content-security-policy")).toMatch(/script-src 'sha256-[\w+/]+=*'/);
  expect(page.text).not.toMatch(/innerHTML|src="http|href="http/);

  const bare = await call(emulator.url, "GET");
  expect([bare.status, bare.headers.get("location")]).toEqual([301, "/gotify/"]);
});
