import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { credentialKey } from "../config/credential-key.ts";
import { GotifyClient } from "../gotify/client.ts";
import { sweepLeftovers } from "./leftover-clients.ts";
import { madeClients, noteWritten, type MadeClient } from "./made-clients.ts";

const LOGIN = { user: "ada", password: "only-once-31415" };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of a process that has ended. */
const ENDED = spawnSync(process.execPath, ["--version"]).pid;
const UNREADABLE = { source: "env", provider: "default", id: "NOT_SET_ANYWHERE" };

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-made-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function scene(personality: Personality = "v3") {
  let nowMs = Date.parse("2026-05-01T08:00:00Z");
  const now = (): Date => new Date(nowMs);
  const emulator = await startEmulator({ personality, ...LOGIN, now });
  onTestFinished(() => emulator.stop());
  const serverUrl = emulator.url;
  const folder = temporaryFolder();
  const clients = madeClients(() => folder);
  const use = async (token: string): Promise<void> => {
    await new GotifyClient({ serverUrl, clientToken: token }).currentUser();
  };
  const present = await new GotifyClient({ serverUrl }).createClient(
    { name: "by hand" },
    { login: LOGIN },
  );
  return {
    emulator,
    clients,
    use,
    pass: (ms: number) => void (nowMs += ms),
    /** A client as a set-up makes it, which uses it at once. */
    async make(changes: Partial<MadeClient> = {}) {
      const { id, token } = emulator.createClient("OpenClaw");
      await use(token);
      clients.note({
        serverUrl,
        user: LOGIN.user,
        id,
        name: "OpenClaw",
        key: credentialKey(serverUrl, token),
        state: "made",
        sinceMs: nowMs,
        pid: ENDED,
        ...changes,
      });
      return { id, token };
    },
    /** The root has the one token, and an account below it the other. */
    config: (token: unknown, phone?: unknown): OpenClawConfig => {
      const accounts = phone === undefined ? {} : { phone: { serverUrl, clientToken: phone } };
      return { channels: { gotify: { serverUrl, clientToken: token, accounts } } };
    },
    async sweep(cfg: OpenClawConfig = {}, login = LOGIN) {
      const client = new GotifyClient({ serverUrl, clientToken: present.token });
      const lines = await sweepLeftovers({ clients, cfg, serverUrl, login, client, nowMs });
      const left = emulator.store.clients().filter(({ name }) => name !== "by hand");
      return { lines, left: left.map(({ id }) => id) };
    },
  };
}

describe.each<Personality>(["v2", "v3"])("on Gotify %s", (personality) => {
  test("what a stopped set-up has left is deleted, and nothing else of that name", async () => {
    const at = await scene(personality);
    const { id } = await at.make();
    const strangers = at.emulator.createClient("OpenClaw");
    expect(await at.sweep()).toEqual({
      lines: [`Deleted the client "OpenClaw" (${id}), left over from a set-up that was stopped.`],
      left: [strangers.id],
    });
    expect(at.clients.all()).toEqual([]);
  });

  test("a client that was replaced goes once it has shown that nobody uses it", async () => {
    const at = await scene(personality);
    const { id } = await at.make({ state: "replaced" });
    at.pass(10 * MINUTE_MS);
    expect(await at.sweep()).toEqual({ lines: [], left: [id] });
    at.pass(30 * MINUTE_MS);
    expect(await at.sweep()).toMatchObject({ left: [] });
  });

  test("a client that somebody has used since stays", async () => {
    const at = await scene(personality);
    const replaced = await at.make({ state: "replaced" });
    at.pass(15 * MINUTE_MS);
    await at.use(replaced.token);
    at.pass(DAY_MS);
    expect(await at.sweep()).toEqual({ lines: [], left: [replaced.id] });
  });
});

test("a set-up that may still be under way keeps its client, for a day at most", async () => {
  const at = await scene();
  const { id } = await at.make({ pid: process.pid });
  at.pass(23 * 60 * MINUTE_MS);
  expect(await at.sweep()).toMatchObject({ left: [id] });
  at.pass(2 * 60 * MINUTE_MS);
  expect(await at.sweep()).toMatchObject({ left: [] });
});

test("a token that an account has, or could have, is not taken from it", async () => {
  const at = await scene();
  const { id, token } = await at.make();
  for (const cfg of [at.config(token), at.config("C", token), at.config("C", UNREADABLE)]) {
    expect(await at.sweep(cfg)).toEqual({ lines: [], left: [id] });
  }
  expect(await at.sweep(at.config("C", "C-other"))).toMatchObject({ left: [] });
});

test("another user's, another server's, and one that was renamed are left alone", async () => {
  const at = await scene();
  const ids = [
    await at.make({ user: "bob" }),
    await at.make({ serverUrl: "https://push.example.com" }),
    await at.make({ name: "Renamed since" }),
    await at.make({ state: "written" }),
  ].map(({ id }) => id);
  expect(await at.sweep()).toEqual({ lines: [], left: ids });
});

test("what cannot be deleted now is tried again next time, and fails nothing", async () => {
  const at = await scene();
  const { id } = await at.make();
  expect(await at.sweep({}, { ...LOGIN, password: "wrong" })).toEqual({ lines: [], left: [id] });
  expect(await at.sweep()).toMatchObject({ left: [] });
});

describe("what is written", () => {
  const states = (at: Awaited<ReturnType<typeof scene>>) =>
    at.clients.all().map(({ state }) => state);

  test("makes a client one that is used, and the one before it replaced", async () => {
    const at = await scene();
    const first = at.config((await at.make()).token);
    noteWritten(at.clients, { before: {}, after: first, accountId: "default" });
    expect(states(at)).toEqual(["written"]);
    const second = at.config((await at.make()).token);
    noteWritten(at.clients, { before: first, after: second, accountId: "default" });
    expect(states(at).toSorted()).toEqual(["replaced", "written"]);
  });

  test("leaves a client in use that another account has, or could have", async () => {
    const at = await scene();
    const { token } = await at.make();
    const first = at.config(token);
    noteWritten(at.clients, { before: {}, after: first, accountId: "default" });
    for (const after of [at.config("C-new", token), at.config("C-new", UNREADABLE)]) {
      noteWritten(at.clients, { before: first, after, accountId: "default" });
      expect(states(at)).toEqual(["written"]);
    }
    // What changes in one account says nothing of a token that another had.
    const both = at.config(token, "C-phone");
    noteWritten(at.clients, { before: both, after: {}, accountId: "phone" });
    expect(states(at)).toEqual(["written"]);
  });
});

test("no token is remembered, and a damaged file only forgets", () => {
  const folder = temporaryFolder();
  const clients = madeClients(() => folder);
  const file = join(folder, "made-clients.json");
  const one: MadeClient = {
    serverUrl: "https://push.example.com",
    user: "ada",
    id: 3,
    name: "OpenClaw",
    key: credentialKey("https://push.example.com", "C-secret-token"),
    state: "made",
    sinceMs: 1,
    pid: 2,
  };
  clients.note(one);
  clients.note({ ...one, state: "written" });
  expect(clients.all()).toEqual([{ ...one, state: "written" }]);
  expect(readFileSync(file, "utf8")).not.toContain("C-secret-token");
  writeFileSync(file, `[{"id":"x"},${JSON.stringify(one)},null]`);
  expect(clients.all()).toEqual([one]);
  writeFileSync(file, "{");
  expect(clients.all()).toEqual([]);
  clients.note(one);
  clients.forget(one);
  expect(clients.all()).toEqual([]);
});
