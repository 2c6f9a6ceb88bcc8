import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type EmulatorOptions } from "../../test/emulator/index.ts";
import { configuredPeers, describeSelf, livePeers } from "./directory-answers.ts";

const nobodyKnows = async (): Promise<undefined> => undefined;

async function setup(options: EmulatorOptions = {}) {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("OpenClaw");
  const backups = emulator.createApplication("Backups");
  emulator.createApplication("Backup Berlin");
  emulator.createApplication("home");
  const account = {
    serverUrl: emulator.url,
    appToken: bot.token,
    clientToken: emulator.createClient("Reader").token,
  };
  const root: OpenClawConfig = { channels: { gotify: account } };
  const several: OpenClawConfig = {
    channels: {
      gotify: {
        accounts: { home: account, cabin: { serverUrl: emulator.url, appToken: bot.token } },
      },
    },
  };
  return { emulator, bot, backups, account, root, several };
}

describe("self", () => {
  test.each(["v2", "v3"] as const)(
    "is the account's application and user (%s)",
    async (personality) => {
      const { root, bot, emulator } = await setup({ personality });
      const self = await describeSelf({ cfg: root }, async () => bot.id);
      expect(self).toEqual({
        kind: "user",
        id: `app:${bot.id}`,
        name: "OpenClaw",
        handle: "admin",
        raw: {
          server: emulator.url,
          user: { id: 1, name: "admin" },
          application: { id: bot.id, name: "OpenClaw" },
        },
      });
      expect(JSON.stringify(self)).not.toContain(bot.token);
    },
  );

  test("is the account and its user while nobody knows the application", async () => {
    const { root } = await setup();
    const self = await describeSelf({ cfg: root }, nobodyKnows);
    expect(self).toMatchObject({ id: "account:default", name: "admin" });
  });

  test("of an account that only sends is what is known of it, or one line", async () => {
    const { several, bot } = await setup();
    const cabin = { cfg: several, accountId: "cabin" };
    expect(await describeSelf(cabin, async () => bot.id)).toEqual({
      kind: "user",
      id: `cabin/${bot.id}`,
    });
    await expect(describeSelf(cabin, nobodyKnows)).rejects.toThrow(
      /cabin.*only sends.*clientToken/,
    );
  });
});

describe("peers", () => {
  test("are the applications, searched and bounded, as targets", async () => {
    const { root, backups } = await setup();
    const all = await livePeers({ cfg: root, query: null, limit: null });
    expect(all.map(({ name }) => name)).toEqual(["OpenClaw", "Backups", "Backup Berlin", "home"]);
    const found = await livePeers({ cfg: root, query: " bACKUP", limit: null });
    expect(found.map(({ name }) => name)).toEqual(["Backups", "Backup Berlin"]);
    const [first, ...others] = await livePeers({ cfg: root, query: "backup", limit: 1 });
    expect(first).toEqual({ kind: "user", id: `app:${backups.id}`, name: "Backups" });
    expect(others).toEqual([]);
    const byId = await livePeers({ cfg: root, query: `app:${backups.id}`, limit: null });
    expect(byId).toEqual([first]);
  });

  test("have their account in the id where there are several", async () => {
    const { several, backups } = await setup();
    const [found] = await livePeers({
      cfg: several,
      accountId: "home",
      query: "Backups",
      limit: null,
    });
    expect(found?.id).toBe(`home/${backups.id}`);
  });

  test("cannot steer a terminal by their names", async () => {
    const { root, emulator } = await setup();
    emulator.createApplication(`Evil\u001b[2J\n\u202e${"x".repeat(200)}`);
    const [evil] = await livePeers({ cfg: root, query: "evil", limit: null });
    expect(evil?.name).toMatch(/^Evil \[2J x+…$/);
  });

  test("have long names cut, never between the halves of a character", async () => {
    const { root, emulator } = await setup();
    emulator.createApplication(`${"x".repeat(79)}😀 and so on`);
    const [long] = await livePeers({ cfg: root, query: "xxx", limit: null });
    expect(long?.name).toBe(`${"x".repeat(79)}…`);
  });

  test("of an account that only sends, or whose server is gone, are one line", async () => {
    const { several, root, emulator } = await setup();
    const list = { query: null, limit: null };
    await expect(livePeers({ cfg: several, accountId: "cabin", ...list })).rejects.toThrow(
      /cabin only sends.*clientToken/,
    );
    await expect(livePeers({ cfg: several, accountId: "nobody", ...list })).rejects.toThrow(
      /no Gotify account "nobody"/,
    );
    await emulator.goDown();
    await expect(livePeers({ cfg: root, ...list })).rejects.toThrow(/^[^\n]*127\.0\.0\.1[^\n]*$/);
  });

  test("from the configuration are this account's, without everyone, groups and strangers", () => {
    const account = {
      serverUrl: "http://127.0.0.1:9",
      appToken: "A",
      allowFrom: ["5", "app:6", "home/7", "cabin/8", "*", "accessGroup:family"],
      commandsFrom: [5],
      approvers: ["gotify:app:9"],
    };
    const peers = (accountId: string, query: string | null = null) =>
      configuredPeers({
        cfg: { channels: { gotify: { accounts: { home: account, cabin: account } } } },
        accountId,
        query,
        limit: null,
      }).map(({ id }) => id);
    expect(peers("home")).toEqual(["home/5", "home/6", "home/7", "home/9"]);
    expect(peers("cabin")).toEqual(["cabin/5", "cabin/6", "cabin/8", "cabin/9"]);
    expect(peers("home", "7")).toEqual(["home/7"]);
  });
});

describe("a bare word as a target", () => {
  /** As the host looks it up: without any limit, in the configuration first. */
  const lookUp = async (cfg: OpenClawConfig, query: string, accountId?: string) => {
    const params = { cfg, query, ...(accountId === undefined ? {} : { accountId }) };
    const known = configuredPeers(params);
    return (known.length > 0 ? known : await livePeers(params)).map(({ name, id }) => name ?? id);
  };

  test("is a whole name, in any case, and never a part of one", async () => {
    const { root } = await setup();
    expect(await lookUp(root, "backups")).toEqual(["Backups"]);
    expect(await lookUp(root, "berlin")).toEqual([]);
  });

  test("is no application where an account has the name", async () => {
    const { root, several } = await setup();
    expect(await lookUp(root, "home")).toEqual(["home"]);
    expect(await lookUp(several, "backups", "home")).toEqual(["Backups"]);
    expect(await lookUp(several, "home", "home")).toEqual([]);
  });

  test("is none that is configured, by a part of its account's name or of its id", async () => {
    const { account, emulator } = await setup();
    const accounts = { home: { ...account, allowFrom: [2] }, cabin: { serverUrl: emulator.url } };
    const cfg: OpenClawConfig = { channels: { gotify: { accounts } } };
    for (const word of ["home", "hom", "me", "o", "2", "home/2"]) {
      expect(await lookUp(cfg, word, "home"), word).toEqual([]);
    }
    expect(await lookUp(cfg, "backups", "home")).toEqual(["Backups"]);
  });

  test("is nothing while the server is gone: the target itself says what is wrong", async () => {
    const { root, emulator } = await setup();
    await emulator.goDown();
    expect(await lookUp(root, "backups")).toEqual([]);
  });
});
