import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, test } from "vitest";
import { legacyConfigRules, normalizeCompatibilityConfig } from "./doctor-contract-api.ts";
import { asObject } from "./gotify/parse.ts";
import { resolveAccount } from "./config/accounts.ts";
import { channelConfigSchema } from "./config/schema.zod.ts";

type Section = Record<string, unknown>;

const HOME = { serverUrl: "https://push.example.com", appToken: "A1", clientToken: "C1" };
const AWAY = { serverUrl: "https://away.example.com", appToken: "A2", clientToken: "C2" };

/** Repaired, and repaired again: the second time must find nothing to do. */
function repair(before: object): { config: OpenClawConfig; changes: string[] } {
  const untouched = structuredClone(before);
  const { config, changes } = normalizeCompatibilityConfig({ cfg: before });
  expect(before, "the configuration that was handed in").toEqual(untouched);
  const again = normalizeCompatibilityConfig({ cfg: config });
  expect(again.changes, "changes of a second run").toEqual([]);
  expect(again.config).toEqual(config);
  expect(told(config), "rules that still match").toEqual([]);
  return { config, changes };
}

function repairSection(gotify: Section): { section: unknown; changes: string[] } {
  const { config, changes } = repair({ channels: { gotify } });
  const section: unknown = config.channels?.["gotify"];
  expect(channelConfigSchema.safeParse(section).error).toBeUndefined();
  return { section, changes };
}

/** What the host tells before the fix: where, and with which words. */
function told(config: object): string[] {
  return legacyConfigRules
    .filter(({ path, match }) => {
      let value: unknown = config;
      for (const key of path) value = asObject(value)?.[key];
      return value !== undefined && (match === undefined || match(value, { ...config }));
    })
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("configuration of earlier releases", () => {
  test("that deleted what was answered goes on deleting, also where the account says otherwise", () => {
    const { section, changes } = repairSection({
      ...HOME,
      inbound: { enabled: true, deleteAfterConsume: true },
      accounts: { ops: { ...AWAY, inbound: { deleteAfterConsume: false } } },
    });
    expect(section).toEqual({
      ...HOME,
      inbound: { enabled: true, afterHandled: "delete" },
      accounts: { ops: { ...AWAY, inbound: { afterHandled: "keep" } } },
    });
    expect(changes).toEqual([
      'Moved channels.gotify.inbound.deleteAfterConsume to inbound.afterHandled: "delete".',
      'Moved channels.gotify.accounts.ops.inbound.deleteAfterConsume to inbound.afterHandled: "keep".',
    ]);
  });

  test.each([5, "5", " 5 "])("that took one application (%j) in watches that one", (appId) => {
    const { section } = repairSection({ ...HOME, inbound: { allowedAppId: appId } });
    expect(section).toEqual({ ...HOME, inbound: { applications: [5] } });
  });

  test.each<[string, Section]>([
    ["nothing is said of who may talk", {}],
    ["everybody may talk", { dmPolicy: "open", allowFrom: ["*"] }],
    ["some may talk", { dmPolicy: "allowlist", allowFrom: ["7"] }],
  ])("gives nobody a right where %s", (_what, access) => {
    const { section } = repairSection({ ...HOME, ...access, inbound: { allowedAppId: 5 } });
    expect(section).toEqual({ ...HOME, ...access, inbound: { applications: [5] } });
  });

  test("an account with a server of its own goes on watching the one application it inherited", () => {
    const gotify = {
      dmPolicy: "open",
      allowFrom: ["*"],
      inbound: { allowedAppId: 5 },
      accounts: { home: { ...HOME, serverUrl: " " }, away: AWAY, own: { ...AWAY, inbound: {} } },
    };
    const { section, changes } = repairSection(gotify);
    expect(section).toEqual({
      ...gotify,
      inbound: { applications: [5] },
      accounts: {
        // Without an address of its own it inherits the list.
        home: { ...HOME, serverUrl: " " },
        away: { ...AWAY, inbound: { applications: [5] } },
        own: { ...AWAY, inbound: { applications: [5] } },
      },
    });
    expect(changes).toContain(
      "Wrote channels.gotify.accounts.away.inbound.applications: [5], which the account inherited as allowedAppId. Check the id: ids begin at 1 on every server.",
    );
    const { config } = repair({ channels: { gotify } });
    expect(resolveAccount(config, "away").inbound.applications).toEqual(new Set([5]));
  });

  test("an account's own application wins over the root's", () => {
    const { section } = repairSection({
      inbound: { allowedAppId: 5 },
      accounts: { away: { ...AWAY, inbound: { allowedAppId: "6" } } },
    });
    expect(section).toMatchObject({ accounts: { away: { inbound: { applications: [6] } } } });
  });

  test("what is said in today's keys already stays, and the old key goes", () => {
    const { section, changes } = repairSection({
      inbound: {
        allowedAppId: 5,
        applications: [7],
        deleteAfterConsume: true,
        afterHandled: "keep",
      },
      accounts: { away: AWAY },
    });
    expect(section).toEqual({
      inbound: { applications: [7], afterHandled: "keep" },
      accounts: { away: AWAY },
    });
    expect(changes).toEqual([
      "Removed channels.gotify.inbound.deleteAfterConsume, because inbound.afterHandled is set already.",
      "Removed channels.gotify.inbound.allowedAppId, because inbound.applications is set already.",
    ]);
  });

  test("keys without a successor go, each with its reason", () => {
    const inbound = {
      enabled: true,
      reconnectJitterRatio: 0.2,
      maxBufferedMessages: 1000,
      maxDispatchAttempts: 5,
      dispatchRetryDelayMs: 1000,
      maxDispatchRetryDelayMs: 30_000,
    };
    const bootstrap = { enabled: true, applicationName: "openclaw-default" };
    const account = { ...AWAY, bootstrap, inbound };
    const { section, changes } = repairSection({
      ...HOME,
      bootstrap,
      inbound,
      accounts: { account },
    });
    expect(section).toEqual({
      ...HOME,
      inbound: { enabled: true },
      accounts: { account: { ...AWAY, inbound: { enabled: true } } },
    });
    expect(changes).toHaveLength(12);
    expect(changes[0]).toBe(
      "Removed channels.gotify.bootstrap: `openclaw channels login --channel gotify` creates the application and the client.",
    );
  });

  test("the configuration that earlier releases described is valid as it is", () => {
    const account = { ...HOME, defaultPriority: 5, inbound: { enabled: true } };
    const inbound = {
      enabled: true,
      reconnectDelayMs: 2000,
      maxReconnectDelayMs: 30_000,
      maxReconnectAttempts: 10,
    };
    const gotify = { defaultAccount: "ops", inbound, accounts: { ops: account } };
    expect(repairSection(gotify)).toEqual({ section: gotify, changes: [] });
  });

  test("what means nothing is left for the operator, who is told of it", () => {
    for (const inbound of [{ allowedAppId: 0 }, { allowedAppId: "all" }, { allowedAppId: null }]) {
      const cfg = { channels: { gotify: { ...HOME, inbound, accounts: { away: AWAY } } } };
      expect(normalizeCompatibilityConfig({ cfg })).toEqual({ config: cfg, changes: [] });
      expect(told(cfg)).toEqual([
        "channels.gotify.inbound.allowedAppId: allowedAppId is no application's id. Set inbound.applications to a list of the applications that are watched, and remove it.",
      ]);
    }
    const accounts = {
      away: { ...AWAY, inbound: { allowedAppId: "", deleteAfterConsume: "yes" } },
    };
    const cfg = { channels: { gotify: { ...HOME, accounts } } };
    expect(normalizeCompatibilityConfig({ cfg })).toEqual({ config: cfg, changes: [] });
    expect(told(cfg)).toEqual([
      'channels.gotify.accounts: <account>.inbound.deleteAfterConsume is neither true nor false. Set inbound.afterHandled to "keep" or "delete", and remove it.',
      "channels.gotify.accounts: <account>.inbound.allowedAppId is no application's id. Set inbound.applications to a list of the applications that are watched, and remove it.",
    ]);
  });

  test.each<object>([
    {},
    { channels: {} },
    { channels: { gotify: "off" } },
    { channels: { gotify: { inbound: [1], accounts: ["ops"] } } },
    { channels: { gotify: { accounts: { ops: null, home: { inbound: "x" } } } } },
    { channels: { other: { inbound: { allowedAppId: 5 } } }, agents: { a: 1 }, bindings: [1] },
    {
      agents: { a: { channels: { gotify: { accounts: "ops" } } } },
      plugins: { allow: ["gotify"] },
    },
  ])("nothing else is touched: %j", (cfg) => {
    expect(normalizeCompatibilityConfig({ cfg })).toEqual({ config: cfg, changes: [] });
  });

  test("a nested key named like an old one is not one", () => {
    const cfg = {
      channels: { gotify: { ...HOME, allowedAppId: 5, accounts: { bootstrap: AWAY } } },
    };
    expect(normalizeCompatibilityConfig({ cfg }).changes).toEqual([]);
    expect(told(cfg)).toEqual([]);
  });
});

describe("accounts that were given to an agent under agents", () => {
  const wish = { channels: { gotify: { accounts: ["ops", "alert"] } } };

  test("become bindings of an agent that exists", () => {
    const { config, changes } = repair({
      agents: { entries: { main: {}, "ops-agent": { name: "Ops" } }, "Ops-Agent": wish },
      bindings: [
        { agentId: "main", match: { channel: "gotify", accountId: "alert" } },
        {
          agentId: "main",
          match: { channel: "gotify", accountId: "ops", peer: { kind: "direct" } },
        },
        { agentId: "main", match: { channel: "telegram", accountId: "ops" } },
      ],
    });
    expect(config.agents).toEqual({ entries: { main: {}, "ops-agent": { name: "Ops" } } });
    expect(config.bindings).toHaveLength(4);
    expect(config.bindings?.at(-1)).toEqual({
      agentId: "ops-agent",
      match: { channel: "gotify", accountId: "ops" },
    });
    expect(changes).toEqual([
      "Moved agents.Ops-Agent.channels.gotify to bindings: the agent ops-agent answers the account ops.",
      "Removed agents.Ops-Agent.channels.gotify: a binding gives the account alert to the agent main already.",
    ]);
  });

  test("also of one in the list that agents stood in before", () => {
    const { config } = repair({ agents: { list: [{ id: "ops-agent" }], "ops-agent": wish } });
    expect(config.agents).toEqual({ list: [{ id: "ops-agent" }] });
    expect(config.bindings).toHaveLength(2);
  });

  test("make no agent: the operator is told how", () => {
    const { config, changes } = repair({ agents: { defaults: {}, "ops-agent": wish } });
    expect(config).toEqual({ agents: { defaults: {} } });
    expect(changes).toEqual([
      'Removed agents.ops-agent.channels.gotify: OpenClaw has no agent "ops-agent". To let it answer these accounts: openclaw agents add ops-agent, then openclaw agents bind --agent ops-agent --bind gotify:ops --bind gotify:alert.',
    ]);
  });

  test("leave what stands around them", () => {
    const around = { name: "Ops", channels: { telegram: { accounts: ["x"] } } };
    const { config } = repair({
      agents: { ops: { ...around, channels: { ...around.channels, ...wish.channels } } },
    });
    expect(config.agents).toEqual({ ops: around });
  });
});

describe("the plugin's id of earlier releases", () => {
  test("becomes today's in entries and lists", () => {
    const { config, changes } = repair({
      plugins: {
        allow: ["telegram", "openclaw-gotify"],
        deny: ["openclaw-gotify"],
        entries: { "openclaw-gotify": { enabled: true }, other: { enabled: false } },
      },
    });
    expect(config.plugins).toEqual({
      allow: ["telegram", "gotify"],
      deny: ["gotify"],
      entries: { gotify: { enabled: true }, other: { enabled: false } },
    });
    expect(changes).toHaveLength(3);
  });

  test("gives way where today's stands already", () => {
    const { config } = repair({
      plugins: {
        allow: ["gotify", "openclaw-gotify"],
        entries: { "openclaw-gotify": { enabled: true }, gotify: { enabled: false } },
      },
    });
    expect(config.plugins).toEqual({
      allow: ["gotify"],
      entries: { gotify: { enabled: false } },
    });
  });
});

test("before the fix everything old is named, with the way out", () => {
  const inbound = { deleteAfterConsume: true, allowedAppId: 5, maxBufferedMessages: 1 };
  const messages = told({
    channels: { gotify: { inbound, bootstrap: {}, accounts: { ops: { inbound } } } },
    agents: { "ops-agent": { channels: { gotify: { accounts: ["ops"] } } } },
    plugins: { allow: ["openclaw-gotify"] },
  });
  expect(messages).toHaveLength(9);
  for (const message of messages) expect(message).toMatch(/Run `openclaw doctor --fix`\.$/);
  expect(messages).toContain(
    'channels.gotify.accounts: <account>.inbound.deleteAfterConsume is inbound.afterHandled now: "delete" for true, "keep" for false. Run `openclaw doctor --fix`.',
  );
});
