import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { scriptedPrompter } from "../../test/support/scripted-prompter.ts";
import { credentialKey } from "../config/credential-key.ts";
import { GotifyClient } from "../gotify/client.ts";
import { askForLeftovers, deleteLeftovers, findLeftovers } from "./leftover-clients.ts";
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

/** @param skewMs how far the server's clock is ahead of ours. */
async function scene(personality: Personality = "v3", skewMs = 0) {
  let nowMs = Date.parse("2026-05-01T08:00:00Z");
  const now = (): Date => new Date(nowMs + skewMs);
  const emulator = await startEmulator({ personality, ...LOGIN, now });
  onTestFinished(() => emulator.stop());
  const serverUrl = emulator.url;
  const folder = temporaryFolder();
  const clients = madeClients(() => folder);
  const use = async (token: string): Promise<void> => {
    await new GotifyClient({ serverUrl, clientToken: token }).currentUser();
  };
  return {
    emulator,
    clients,
    use,
    now: () => nowMs,
    pass: (ms: number) => void (nowMs += ms),
    /** A client as a set-up makes it, which uses it at once. */
    async make(changes: Partial<MadeClient> = {}, isUsed = true) {
      const { id, token } = emulator.createClient("OpenClaw");
      if (isUsed) await use(token);
      clients.note({
        serverUrl,
        user: LOGIN.user,
        id,
        name: "OpenClaw",
        key: credentialKey(serverUrl, token),
        state: "made",
        sinceMs: nowMs,
        serverMs: now().getTime(),
        pid: ENDED,
        host: hostname(),
        ...changes,
      });
      return { id, token };
    },
    /** The root has the one token, and an account below it the other, under another address of the server. */
    config: (token: unknown, phone?: unknown): OpenClawConfig => {
      const other = serverUrl.replace("127.0.0.1", "localhost");
      const accounts =
        phone === undefined ? {} : { phone: { serverUrl: other, clientToken: phone } };
      return { channels: { gotify: { serverUrl, clientToken: token, accounts } } };
    },
    /** What a login finds and deletes, where a person says this when it is asked. */
    async sweep(cfg: OpenClawConfig = {}, says = false, login = LOGIN) {
      const client = new GotifyClient({ serverUrl });
      const search = { clients, cfg, serverUrl, login, client, nowMs };
      const { prompter, said } = scriptedPrompter([[/./, says]]);
      const chosen = await askForLeftovers(prompter, await findLeftovers(search));
      const lines = await deleteLeftovers(search, chosen);
      return { asked: said, lines, left: emulator.store.clients().map(({ id }) => id) };
    },
  };
}

describe.each<Personality>(["v2", "v3"])("on Gotify %s", (personality) => {
  test.each([0, -60 * MINUTE_MS, 60 * MINUTE_MS])(
    "what a stopped set-up has left is deleted, and nothing else of that name (server's clock off by %i ms)",
    async (skewMs) => {
      const at = await scene(personality, skewMs);
      const { id } = await at.make();
      const strangers = at.emulator.createClient("OpenClaw");
      expect(await at.sweep()).toEqual({
        asked: [],
        lines: [`Deleted the client "OpenClaw" (${id}), left over from a set-up that was stopped.`],
        left: [strangers.id],
      });
      expect(at.clients.all()).toEqual([]);
    },
  );

  test("a client that was replaced goes when a person says so, however long nobody has used it", async () => {
    const at = await scene(personality);
    const { id } = await at.make({ state: "replaced" });
    at.pass(90 * DAY_MS);
    const asked = [
      `Delete the client "OpenClaw" (${id}) of an earlier set-up, last used 2026-05-01 08:00 UTC?`,
    ];
    expect(await at.sweep()).toEqual({ asked, lines: [], left: [id] });
    expect(await at.sweep({}, true)).toEqual({
      asked,
      lines: [`Deleted the client "OpenClaw" (${id}) of an earlier set-up.`],
      left: [],
    });
    expect(await at.sweep()).toMatchObject({ asked: [] });
  });

  test.each([0, -60 * MINUTE_MS, 60 * MINUTE_MS])(
    "a client of a stopped set-up that somebody has used since is asked about (server's clock off by %i ms)",
    async (skewMs) => {
      const at = await scene(personality, skewMs);
      const { id, token } = await at.make();
      at.pass(6 * MINUTE_MS);
      await at.use(token);
      at.pass(DAY_MS);
      expect(await at.sweep()).toEqual({ asked: [textLike(/last used/)], lines: [], left: [id] });
    },
  );
});

test("several are one question, beside which what is certain goes by itself", async () => {
  const at = await scene();
  await at.make();
  const used = await at.make({ state: "replaced" });
  const unused = await at.make({ state: "replaced" }, false);
  const ids = [used.id, unused.id];
  expect(await at.sweep()).toMatchObject({
    asked: [
      'Delete these clients of earlier set-ups: "OpenClaw" (2), last used 2026-05-01 08:00 UTC; "OpenClaw" (3), never used?',
    ],
    left: ids,
  });
  expect(await at.sweep({}, true)).toMatchObject({ left: [] });
});

test("a client that was never used goes by itself where the server tells, and is asked about where it may not", async () => {
  const v3 = await scene("v3");
  await v3.make({}, false);
  expect(await v3.sweep()).toMatchObject({ asked: [], left: [] });
  const v2 = await scene("v2");
  const { id } = await v2.make({}, false);
  expect(await v2.sweep()).toMatchObject({ asked: [textLike(/no use noted\?$/)], left: [id] });
});

test("a set-up that may still be under way keeps its client, for a day at most", async () => {
  const at = await scene();
  const here = await at.make({ pid: process.pid });
  const elsewhere = await at.make({ host: "another-container" });
  at.pass(23 * 60 * MINUTE_MS);
  expect(await at.sweep()).toMatchObject({ asked: [], left: [here.id, elsewhere.id] });
  at.pass(2 * 60 * MINUTE_MS);
  expect(await at.sweep()).toMatchObject({ left: [] });
});

test.each(["made", "replaced"] as const)(
  "a token that an account has, or could have, is not taken from it (%s)",
  async (state) => {
    const at = await scene();
    const { id, token } = await at.make({ state });
    for (const cfg of [at.config(token), at.config("C", token), at.config("C", UNREADABLE)]) {
      expect(await at.sweep(cfg, true)).toEqual({ asked: [], lines: [], left: [id] });
    }
    expect(await at.sweep(at.config("C", "C-other"), true)).toMatchObject({ left: [] });
  },
);

test("another user's, another server's, one that was renamed, and one of a server that was reset are left alone", async () => {
  const at = await scene();
  const ids = [
    await at.make({ user: "bob" }),
    await at.make({ serverUrl: "https://push.example.com" }),
    await at.make({ name: "Renamed since" }),
    await at.make({ state: "written" }),
    await at.make({ serverMs: at.now() - DAY_MS }),
  ].map(({ id }) => id);
  expect(await at.sweep({}, true)).toEqual({ asked: [], lines: [], left: ids });
});

test("what cannot be deleted is tried again next time, fails nothing, and is said where a person wanted it", async () => {
  const at = await scene();
  const certain = await at.make();
  const replaced = await at.make({ state: "replaced" });
  const ids = [certain.id, replaced.id];
  const wrong = { ...LOGIN, password: "wrong" };
  expect(await at.sweep({}, true, wrong)).toEqual({ asked: [], lines: [], left: ids });
  const client = new GotifyClient({ serverUrl: at.emulator.url });
  const search = { clients: at.clients, cfg: {}, serverUrl: at.emulator.url, login: LOGIN, client };
  const found = await findLeftovers(search);
  expect(await deleteLeftovers({ ...search, login: wrong }, found)).toEqual([
    textLike(/^Still there: the client "OpenClaw" \(2\)\. .*password/),
  ]);
  expect(await at.sweep({}, true)).toMatchObject({ left: [] });
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

  test("leaves a client in use that another account has, be it under another address", async () => {
    const at = await scene();
    const { token } = await at.make();
    const first = at.config(token);
    noteWritten(at.clients, { before: {}, after: first, accountId: "default" });
    const after = at.config("C-new", token);
    noteWritten(at.clients, { before: first, after, accountId: "default" });
    expect(states(at)).toEqual(["written"]);
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
    serverMs: 3,
    pid: 2,
    host: "here",
  };
  clients.note(one);
  clients.note({ ...one, state: "written" });
  expect(clients.all()).toEqual([{ ...one, state: "written" }]);
  expect(readFileSync(file, "utf8")).not.toContain("C-secret-token");
  writeFileSync(file, `[{"id":"x"},${JSON.stringify(one)},null]`);
  expect(clients.all()).toEqual([one]);
  // One that nobody knows the machine of.
  const { host: _host, ...old } = one;
  writeFileSync(file, JSON.stringify([old]));
  expect(clients.all()).toEqual([{ ...one, host: "" }]);
  writeFileSync(file, "{");
  expect(clients.all()).toEqual([]);
  clients.note(one);
  clients.forget(one);
  expect(clients.all()).toEqual([]);
});
