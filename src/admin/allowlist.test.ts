import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { resolveAccount } from "../config/accounts.ts";
import { allowlistAdapter } from "./allowlist.ts";

const server = { serverUrl: "http://127.0.0.1:9", appToken: "A" };

/** As the host does it: on a copy, which it then writes. */
async function edit(
  cfg: OpenClawConfig,
  action: "add" | "remove",
  entry: string,
  accountId: string | null = null,
) {
  const parsedConfig = structuredClone(cfg) as OpenClawConfig & Record<string, unknown>;
  const result = await allowlistAdapter.applyConfigEdit?.({
    cfg,
    parsedConfig,
    accountId,
    scope: "dm",
    action,
    entry,
  });
  return { result, cfg: parsedConfig };
}

test("the list shows each entry in the form in which it can be taken away again", async () => {
  const cfg = { channels: { gotify: { ...server, allowFrom: ["5", "app:6", "*"] } } };
  const shown = await allowlistAdapter.readConfig?.({ cfg });
  expect(shown).toEqual({ dmAllowFrom: ["default/5", "default/6", "*"], dmPolicy: "pairing" });
  for (const entry of shown?.dmAllowFrom ?? []) {
    const { result, cfg: left } = await edit(cfg, "remove", String(entry));
    expect(result).toMatchObject({ kind: "ok", changed: true });
    expect(resolveAccount(left).allowFrom).toHaveLength(2);
  }
});

test("an application is let in with its account, once", async () => {
  const cfg = { channels: { gotify: { ...server, allowFrom: ["5"] } } };
  expect((await edit(cfg, "add", "default/5")).result).toMatchObject({ changed: false });
  const { result, cfg: written } = await edit(cfg, "add", " Default/7 ");
  expect(result).toMatchObject({ changed: true, pathLabel: "channels.gotify.allowFrom" });
  expect(await allowlistAdapter.readConfig?.({ cfg: written })).toMatchObject({
    dmAllowFrom: ["default/5", "default/7"],
  });
});

test.each(["5", "app:5", "Backups", "cabin/5", "default/0", "default/5/6", "default/x", ""])(
  "%j is no entry: it would mean somebody else, or not go away again",
  async (entry) => {
    const cfg = { channels: { gotify: { ...server, allowFrom: ["5"] } } };
    for (const action of ["add", "remove"] as const) {
      const { result, cfg: written } = await edit(cfg, action, entry);
      expect(result).toEqual({ kind: "invalid-entry" });
      expect(written).toEqual(cfg);
    }
  },
);

test.each(["add", "remove"] as const)("%s makes no account that there is not", async (action) => {
  const several = { accounts: { home: { ...server, allowFrom: ["5"] } } };
  for (const cfg of [{ channels: { gotify: several } }, { channels: { gotify: server } }, {}]) {
    for (const entry of ["nobody/7", "*"]) {
      const { result, cfg: written } = await edit(cfg, action, entry, "nobody");
      expect(result).toEqual({ kind: "invalid-entry" });
      expect(written).toEqual(cfg);
    }
  }
});

test("an account's list is its own: no other account is let in by it", async () => {
  const accounts = {
    home: { ...server, allowFrom: ["5"] },
    cabin: { serverUrl: "http://127.0.0.1:10", appToken: "B" },
  };
  const cfg = { channels: { gotify: { allowFrom: ["*"], accounts } } };
  const { result, cfg: written } = await edit(cfg, "add", "cabin/5", "cabin");
  expect(result).toMatchObject({ pathLabel: "channels.gotify.accounts.cabin.allowFrom" });
  expect(resolveAccount(written, "cabin").allowFrom).toEqual(["*", "cabin/5"]);
  expect(resolveAccount(written, "home").allowFrom).toEqual(["5"]);
});

test("the account at the root keeps its server and tokens when it gets a list beside others", async () => {
  const gotify = { ...server, allowFrom: ["5"], accounts: { cabin: { name: "Cabin" } } };
  const { cfg: written } = await edit({ channels: { gotify } }, "add", "default/6", "default");
  expect(resolveAccount(written, "default")).toMatchObject({
    allowFrom: ["5", "default/6"],
    appToken: "A",
    configured: true,
  });
});

test("there are no groups", () => {
  const supports = (scope: "dm" | "group" | "all") => allowlistAdapter.supportsScope?.({ scope });
  expect([supports("dm"), supports("all"), supports("group")]).toEqual([true, true, false]);
  const asGroup = allowlistAdapter.applyConfigEdit?.({
    cfg: {},
    parsedConfig: {},
    scope: "group",
    action: "add",
    entry: "default/5",
  });
  expect(asGroup).toBeNull();
});

test("entries have the names that the server tells, and none where it does not answer", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const { id, token } = emulator.createApplication("Backups");
  const clientToken = emulator.createClient("Reader").token;
  const gotify = { serverUrl: emulator.url, appToken: token, clientToken };
  const names = () =>
    allowlistAdapter.resolveNames?.({
      cfg: { channels: { gotify } },
      scope: "dm",
      entries: [`default/${id}`, `cabin/${id}`, "*"],
    });
  expect(await names()).toEqual([
    { input: `default/${id}`, resolved: true, name: "Backups" },
    { input: `cabin/${id}`, resolved: false },
    { input: "*", resolved: false },
  ]);
  await emulator.goDown();
  expect((await names())?.map(({ resolved }) => resolved)).toEqual([false, false, false]);
});
