import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { defaultAccountId, listAccountIds } from "./account-ids.ts";
import { resolveAccount } from "./accounts.ts";
import { installId } from "./install-id.ts";
import { accountFolder } from "./state-folder.ts";

const config = (gotify: Record<string, unknown>): OpenClawConfig => ({ channels: { gotify } });
const full = { serverUrl: "https://push.example.com", appToken: "A1", clientToken: "C1" };

describe("an account", () => {
  test("at the root is the default one, with the documented defaults", () => {
    const cfg = config(full);
    expect(listAccountIds(cfg)).toEqual(["default"]);
    expect(resolveAccount(cfg)).toMatchObject({
      accountId: "default",
      enabled: true,
      configured: true,
      problem: undefined,
      defaultPriority: 5,
      dmPolicy: "pairing",
      allowFrom: [],
      inbound: {
        enabled: true,
        reconnectDelayMs: 2_000,
        maxReconnectDelayMs: 30_000,
        maxReconnectAttempts: 0,
      },
    });
  });

  test("inherits from the root and overrides it, key by key", () => {
    const cfg = config({
      defaultPriority: 3,
      inbound: { reconnectDelayMs: 500, maxReconnectDelayMs: 900 },
      accounts: {
        ops: { ...full, inbound: { maxReconnectDelayMs: 1_500 } },
        alert: { ...full, defaultPriority: 9, enabled: false },
      },
    });
    expect(listAccountIds(cfg)).toEqual(["alert", "ops"]);
    expect(resolveAccount(cfg, "ops")).toMatchObject({
      defaultPriority: 3,
      inbound: { reconnectDelayMs: 500, maxReconnectDelayMs: 1_500 },
    });
    expect(resolveAccount(cfg, "alert")).toMatchObject({ defaultPriority: 9, enabled: false });
  });

  test("inherits what to catch up with key by key, and everything else of the way in", () => {
    const cfg = config({
      ...full,
      commandsFrom: [5],
      inbound: {
        minPriority: 3,
        applications: ["app:5", 6],
        catchUp: { maxMessages: 10, maxAgeMinutes: 60 },
      },
      accounts: {
        ops: { appToken: "A2", inbound: { catchUp: { firstStart: 4, maxAgeMinutes: 5 } } },
        lab: { ...full, serverUrl: "https://lab.example.com" },
      },
    });
    expect(resolveAccount(cfg, "ops")).toMatchObject({
      commandsFrom: ["5"],
      inbound: {
        minPriority: 3,
        applications: new Set([5, 6]),
        catchUp: { firstStart: 4, maxMessages: 10, maxAgeMs: 300_000 },
      },
    });
    // Ids mean somebody else on another server.
    expect(resolveAccount(cfg, "lab")).toMatchObject({
      commandsFrom: [],
      inbound: { minPriority: 3, applications: undefined, imageHosts: [] },
    });
    expect(resolveAccount(config(full)).inbound.catchUp).toEqual({
      firstStart: 0,
      maxMessages: 2_000,
      maxAgeMs: 86_400_000,
    });
  });

  test("with a server of its own inherits neither tokens nor application ids, nor tools for agents", () => {
    const cfg = config({
      ...full,
      allowFrom: ["5", "*", "accessGroup:family"],
      tools: { enabled: true },
      accounts: {
        work: { serverUrl: "https://work.example.com" },
        lab: {
          ...full,
          serverUrl: "https://lab.example.com",
          allowFrom: ["7"],
          tools: { enabled: true },
        },
        sibling: { allowFrom: ["9"], inbound: { enabled: false } },
      },
    });
    const work = resolveAccount(cfg, "work");
    expect(work).toMatchObject({ appToken: undefined, clientToken: undefined, configured: false });
    expect(work.allowFrom).toEqual(["*", "accessGroup:family"]);
    const withTools = listAccountIds(cfg).filter((id) => resolveAccount(cfg, id).agentTools);
    expect(withTools.toSorted()).toEqual(["default", "lab", "sibling"]);
    expect(resolveAccount(cfg, "lab")).toMatchObject({ configured: true, allowFrom: ["7"] });
    expect(resolveAccount(cfg, "sibling")).toMatchObject({ configured: true, appToken: "A1" });
  });

  test("inherits what names applications on the root's server only, and has what it says itself anywhere", () => {
    const named = {
      commandsFrom: ["5"],
      approvers: ["6"],
      applications: { "7": { priority: 8 } },
      defaultTo: "app:5",
      inbound: { applications: [5], ignore: ["8"], peerIdFrom: ["9"] },
    };
    const elsewhere = { ...full, serverUrl: "https://lab.example.com" };
    const cfg = config({
      ...full,
      ...named,
      accounts: { sibling: { appToken: "A2" }, lab: elsewhere, own: { ...elsewhere, ...named } },
    });
    const rights = (id: string) => {
      const { commandsFrom, approvers, outbound, common, inbound } = resolveAccount(cfg, id);
      const { applications, ignore, peerIdFrom } = inbound;
      const priorities = [...outbound.applicationPriorities];
      const { defaultTo } = common;
      return { commandsFrom, approvers, priorities, defaultTo, applications, ignore, peerIdFrom };
    };
    const all = {
      commandsFrom: ["5"],
      approvers: ["6"],
      priorities: [[7, 8]],
      defaultTo: "app:5",
      applications: new Set([5]),
      ignore: ["8"],
      peerIdFrom: ["9"],
    };
    for (const id of ["default", "sibling", "own"]) expect(rights(id)).toEqual(all);
    expect(rights("lab")).toEqual({
      commandsFrom: [],
      approvers: [],
      priorities: [],
      defaultTo: undefined,
      applications: undefined,
      ignore: [],
      peerIdFrom: undefined,
    });
  });

  test("that shares the root's server makes no further account of the root", () => {
    const { serverUrl, ...tokens } = full;
    expect(listAccountIds(config({ serverUrl, accounts: { a: tokens, b: tokens } }))).toEqual([
      "a",
      "b",
    ]);
  });

  test("that does not exist says so", () => {
    expect(resolveAccount(config(full), "nowhere").problem).toMatch(/no Gotify account "nowhere"/);
  });

  test("shows no address that was refused, because secrets may be in it", () => {
    const account = resolveAccount(
      config({ ...full, serverUrl: "https://a:geheim@x.example/?token=geheim" }),
    );
    expect(JSON.stringify(account)).not.toContain("geheim");
    expect(account.problem).toMatch(/user name or password/);
  });

  test("with a token that no header can carry says which", () => {
    const account = resolveAccount(config({ ...full, clientToken: "two words" }));
    expect(account).toMatchObject({ configured: false });
    expect(account.problem).toMatch(/clientToken contains blanks/);
  });

  test("is off when the channel is", () => {
    const cfg = config({ enabled: false, accounts: { ops: { ...full, enabled: true } } });
    expect(resolveAccount(cfg, "ops").enabled).toBe(false);
  });

  test.each([
    [undefined, undefined],
    [[], undefined],
    [["*"], undefined],
    [[" * ", 5], undefined],
    [[5, "app:6"], new Set([5, 6])],
    [["five"], new Set()],
  ])("knows whom inbound.applications %j watches", (applications, watched) => {
    const account = resolveAccount(config({ ...full, inbound: { applications } }));
    expect(account.inbound.applications).toEqual(watched);
  });

  test("without a client token only sends", () => {
    const account = resolveAccount(config({ serverUrl: full.serverUrl, appToken: "A1" }));
    expect(account).toMatchObject({ configured: true, inbound: { enabled: false } });
  });

  test("receives only when it may", () => {
    expect(resolveAccount(config({ ...full, inbound: { enabled: false } })).inbound.enabled).toBe(
      false,
    );
  });

  test.each([
    [{}, /channels\.gotify\.serverUrl/],
    [{ ...full, serverUrl: "push.example.com" }, /channels\.gotify\.serverUrl: .*URL/],
    [{ serverUrl: full.serverUrl }, /appToken and a client's into channels\.gotify\.clientToken/],
    [{ serverUrl: full.serverUrl, clientToken: "C1" }, /channels\.gotify\.appToken/],
    [{ accounts: { ops: {} } }, /channels\.gotify\.accounts\.ops\.serverUrl/],
  ])("says what is missing in %j", (gotify, expected) => {
    const cfg = config(gotify);
    const account = resolveAccount(cfg, listAccountIds(cfg)[0] ?? "default");
    expect(account.configured).toBe(false);
    expect(account.problem).toMatch(expected);
  });

  test("knows a secret that this process could not read from one that is not there", () => {
    const reference = { source: "env", provider: "default", id: "GOTIFY_APP_TOKEN" };
    expect(resolveAccount(config({ ...full, appToken: reference }))).toMatchObject({
      appToken: undefined,
      appTokenStatus: "configured_unavailable",
      tokenStatus: "available",
      configured: true,
      problem: expect.stringMatching(/channels\.gotify\.appToken could not be read/) as unknown,
    });
  });
});

describe("the state folder", () => {
  const stateDir = (): string => {
    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-state-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };

  test("is private, and no account id leads out of it", () => {
    const root = stateDir();
    const folder = accountFolder(root, "../../etc");
    expect(folder.startsWith(join(root, "gotify"))).toBe(true);
    expect(folder).not.toContain("..");
    expect(statSync(join(root, "gotify")).mode & 0o777).toBe(0o700);
  });

  test("holds one id, the same for every process", () => {
    const root = stateDir();
    const id = installId(root);
    expect(id).toMatch(/^[\w-]{16}$/);
    expect(installId(root)).toBe(id);
    expect(installId(stateDir())).not.toBe(id);
    expect(readFileSync(join(root, "gotify", "install-id"), "utf8")).toBe(id);
  });

  test("with a damaged id says so instead of making a new one", () => {
    const root = stateDir();
    installId(root);
    writeFileSync(join(root, "gotify", "install-id"), "");
    expect(() => installId(root)).toThrow(/install-id is damaged/);
  });
});

describe("account ids", () => {
  const office = { serverUrl: "https://push.example.com", appToken: "A0123456789abcd" };

  test("are the host's, however the operator wrote them", () => {
    const cfg = {
      channels: { gotify: { defaultAccount: "Office", accounts: { Office: office } } },
    };
    expect(listAccountIds(cfg)).toEqual(["office"]);
    expect(defaultAccountId(cfg)).toBe("office");
    for (const id of ["office", "Office", undefined]) {
      expect(resolveAccount(cfg, id)).toMatchObject({ accountId: "office", configured: true });
    }
  });

  test("that are one to the host stop the account, and say so", () => {
    const cfg = { channels: { gotify: { accounts: { Office: office, office } } } };
    expect(resolveAccount(cfg, "office").problem).toBe(
      'The accounts "Office" and "office" are one to OpenClaw, which writes ids in lower case. Rename one of them.',
    );
  });
});
