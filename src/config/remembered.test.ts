import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { afterEach, expect, test, vi } from "vitest";
import { resolveAccount } from "./accounts.ts";
import { accountClient } from "./client.ts";

afterEach(() => vi.unstubAllEnvs());

function configOf(more: object = {}): OpenClawConfig {
  return {
    channels: {
      gotify: {
        serverUrl: "https://push.example.com",
        appToken: "Aabcdefghijklmn",
        clientToken: "Cabcdefghijklmn",
        ...more,
      },
    },
  };
}

test("the same configuration is one account and one client, also in another object", () => {
  const account = resolveAccount(configOf());
  expect(resolveAccount(configOf())).toBe(account);
  expect(accountClient(resolveAccount(configOf()))).toBe(accountClient(account));
});

test("each of many accounts is remembered", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `a${index}`);
  const accounts = Object.fromEntries(ids.map((id) => [id, { appToken: `A${id}` }]));
  const cfg = configOf({ accounts });
  const first = ids.map((id) => resolveAccount(cfg, id));
  expect(ids.every((id, index) => resolveAccount(cfg, id) === first[index])).toBe(true);
});

test("a configuration that was changed in place counts at once", () => {
  const cfg = configOf();
  expect(resolveAccount(cfg).dmPolicy).toBe("pairing");
  Object.assign(cfg.channels?.["gotify"] ?? {}, { dmPolicy: "disabled" });
  expect(resolveAccount(cfg).dmPolicy).toBe("disabled");
});

test("accounts of one configuration are told apart", () => {
  const cfg = configOf({ accounts: { other: { name: "Other", appToken: "Bother" } } });
  expect(resolveAccount(cfg, "other").name).toBe("Other");
  expect(resolveAccount(cfg, "default").name).toBeUndefined();
});

test("what the environment says counts at once", () => {
  const cfg = configOf({ appToken: undefined });
  vi.stubEnv("GOTIFY_APP_TOKEN", "Afirst");
  expect(resolveAccount(cfg).appToken).toBe("Afirst");
  vi.stubEnv("GOTIFY_APP_TOKEN", "Asecond");
  expect(resolveAccount(cfg).appToken).toBe("Asecond");
});

test("how large a picture may be counts at once, where the host says it for every channel", () => {
  expect(resolveAccount(configOf()).common.mediaMaxBytes).toBeUndefined();
  const limited = { ...configOf(), agents: { defaults: { mediaMaxMb: 3 } } };
  expect(resolveAccount(limited).common.mediaMaxBytes).toBe(3 * 1024 * 1024);
});

test.each([
  ["a token", { clientToken: undefined, clientTokenFile: "/nowhere" }],
  ["a certificate", { connection: { caFile: "/nowhere" } }],
])("%s in a file is looked at each time", (_what, more) => {
  const cfg = configOf(more);
  expect(resolveAccount(cfg)).not.toBe(resolveAccount(cfg));
});
