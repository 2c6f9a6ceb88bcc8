import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { resolveAccount } from "../config/accounts.ts";
import { deleteApps, listApps } from "./apps.ts";
import { deleteClients, listClients } from "./clients.ts";

const YES = { yes: true, json: true, account: "one" };
const PASSWORD = { environment: { GOTIFY_PASS: "admin" } };
const LATER_MS = 60_000;

interface Server {
  readonly emulator: Emulator;
  readonly account: { serverUrl: string; appToken: string; clientToken: string };
}

async function server(personality: Personality, ms = Date.parse("2026-03-01T12:00:00Z")) {
  const emulator = await startEmulator({ personality, now: () => new Date(ms) });
  onTestFinished(() => emulator.stop());
  return { emulator, account: addAccount(emulator, "One") };
}

function addAccount(emulator: Emulator, name: string): Server["account"] {
  return {
    serverUrl: emulator.url,
    appToken: emulator.createApplication(name).token,
    clientToken: emulator.createClient(name).token,
  };
}

describe.each<Personality>(["v2", "v3"])("accounts on Gotify %s", (personality) => {
  test("that write the address of one server in different ways keep what they need", async () => {
    const { emulator, account: one } = await server(personality);
    const two = {
      ...addAccount(emulator, "Two"),
      serverUrl: emulator.url.replace("127.0.0.1", "localhost"),
    };
    const gotify = { accounts: { one, two }, defaultAccount: "one" };
    const { run, ownApplications } = administration(gotify);
    const asked = (token: string) =>
      emulator.store.requests().filter(({ headers }) => headers["x-gotify-key"] === token);
    const client = await run((at) => deleteClients(["Two"], YES, at), PASSWORD);
    expect(client.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
    expect(client.json["error"]).toContain("in account two");
    expect((await run((at) => listClients({}, at))).out).toMatch(/Two .*account two/);

    // Gotify 3 does not tell it before the first message.
    const early = await run((at) => deleteApps(["Two"], YES, at), PASSWORD);
    expect(early.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
    const account = resolveAccount({ channels: { gotify } }, "two");
    ownApplications.learn(account, emulator.store.applications()[1]?.id ?? 0);
    const known = await run((at) => deleteApps(["Two"], YES, at), PASSWORD);
    expect(known.json["error"]).toMatch(/answers with application 2 \(Two\), in account two/);
    expect((await run((at) => listApps({}, at))).out).toMatch(/Two .*account two/);
    expect(emulator.store.clients()).toHaveLength(2);
    expect(emulator.store.applications()).toHaveLength(2);
    for (const { headers } of [...asked(two.appToken), ...asked(two.clientToken)]) {
      expect(headers["host"]).toMatch(/^localhost:/);
    }
    expect(asked(two.clientToken).length).toBeGreaterThan(0);
  });

  test("of another server keep nothing, whatever ids they have, and even when it is down", async () => {
    const { emulator } = await server(personality);
    const away = await server(personality, Date.parse("2026-03-01T12:00:00Z") + LATER_MS);
    const own = emulator.createApplication("Own");
    // Both servers have an application 1 and a client 1 of this name.
    const gotify = {
      accounts: {
        one: {
          serverUrl: emulator.url,
          appToken: own.token,
          clientToken: emulator.createClient("Own").token,
        },
        two: away.account,
      },
      defaultAccount: "one",
    };
    const { run, ownApplications } = administration(gotify);
    ownApplications.learn(resolveAccount({ channels: { gotify } }, "one"), own.id);
    ownApplications.learn(resolveAccount({ channels: { gotify } }, "two"), 1);
    const lists = [await run((at) => listApps({}, at)), await run((at) => listClients({}, at))].map(
      ({ out }) => out,
    );
    for (const list of lists) {
      expect(list).toContain("account one");
      expect(list).not.toContain("account two");
    }
    expect((await run((at) => deleteApps(["One"], YES, at), PASSWORD)).code).toBe(0);
    await away.emulator.goDown();
    const done = await run((at) => deleteClients(["One"], YES, at), PASSWORD);
    expect([done.code, done.json["ok"]]).toEqual([0, true]);
    const keys = ({ store }: Emulator): readonly unknown[] =>
      store.requests().map(({ headers }) => headers["x-gotify-key"]);
    const { one, two } = gotify.accounts;
    for (const token of [one.appToken, one.clientToken]) {
      expect(keys(away.emulator)).not.toContain(token);
    }
    for (const token of [two.appToken, two.clientToken])
      expect(keys(emulator)).not.toContain(token);
  });

  test("whose token cannot be read here might need anything, unless it is forced", async () => {
    const { emulator, account: one } = await server(personality);
    emulator.createClient("Phone");
    emulator.createApplication("Backup");
    const unread = { source: "env", provider: "default", id: "NOWHERE" };
    const two = { serverUrl: one.serverUrl, appToken: unread, clientToken: unread };
    const elsewhere = { ...two, serverUrl: "http://127.0.0.1:9" };
    const guarded = administration({ accounts: { one, two }, defaultAccount: "one" });
    for (const work of [
      (options: object) =>
        guarded.run((at) => deleteClients(["Phone"], { ...YES, ...options }, at), PASSWORD),
      (options: object) =>
        guarded.run((at) => deleteApps(["Backup"], { ...YES, ...options }, at), PASSWORD),
    ]) {
      const { json } = await work({});
      expect(json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
      expect(json["error"]).toMatch(/token of account two cannot be read.*--force/);
      expect((await work({ force: true })).code).toBe(0);
    }
    // Of another server it needs nothing here.
    emulator.createClient("Phone");
    const free = administration({ accounts: { one, two: elsewhere }, defaultAccount: "one" });
    expect((await free.run((at) => deleteClients(["Phone"], YES, at), PASSWORD)).code).toBe(0);
  });
});
