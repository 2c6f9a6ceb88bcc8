import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { listAccountIds } from "./account-ids.ts";
import { accountsInOrder, resolveAccount } from "./accounts.ts";
import { configAdapter } from "./config-adapter.ts";
import { fromEnvironment, isConfiguredByEnvironment } from "./environment.ts";

const serverUrl = "https://push.example.com";
const other = "https://work.example.com";
const reference = { source: "env", provider: "default", id: "GOTIFY_CLIENT_TOKEN" };

function config(gotify: Record<string, unknown>): OpenClawConfig {
  return { channels: { gotify } };
}

beforeEach(() => {
  vi.stubEnv("GOTIFY_SERVER_URL", serverUrl);
  vi.stubEnv("GOTIFY_APP_TOKEN", "AfromEnv");
  vi.stubEnv("GOTIFY_CLIENT_TOKEN", " CfromEnv\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the account default", () => {
  test("works with the variables alone, in whatever the configuration leaves out", () => {
    for (const cfg of [{}, config({}), config({ dmPolicy: "open", accounts: {} })]) {
      expect(resolveAccount(cfg)).toMatchObject({
        accountId: "default",
        configured: true,
        problem: undefined,
        serverUrl,
        appToken: "AfromEnv",
        clientToken: "CfromEnv",
        appTokenSource: "env",
        inbound: { enabled: true },
      });
    }
    expect(resolveAccount(config({ appToken: "Aown" }))).toMatchObject({
      appToken: "Aown",
      appTokenSource: "config",
      clientToken: "CfromEnv",
    });
  });

  test("takes what the configuration says before any variable, also a secret that cannot be read", () => {
    const missing = { source: "file", provider: "files", id: "/gotify" };
    expect(resolveAccount(config({ appToken: missing }))).toMatchObject({
      appToken: undefined,
      appTokenStatus: "configured_unavailable",
    });
    expect(resolveAccount(config({ appTokenFile: "/nowhere/token" }))).toMatchObject({
      appToken: undefined,
      problem: expect.stringMatching(/nowhere/) as unknown,
    });
    // Without anything in it, it says nothing.
    expect(resolveAccount(config({ serverUrl: " ", appToken: "" }))).toMatchObject({
      serverUrl,
      appToken: "AfromEnv",
    });
  });

  test("sends the environment's tokens to no other server than the environment's", () => {
    expect(resolveAccount(config({ serverUrl: other }))).toMatchObject({
      serverUrl: other,
      appToken: undefined,
      clientToken: undefined,
      configured: false,
    });
    // The same one, written otherwise, or none that is named.
    expect(resolveAccount(config({ serverUrl: `${serverUrl}:443/` })).appToken).toBe("AfromEnv");
    vi.stubEnv("GOTIFY_SERVER_URL", "");
    expect(resolveAccount(config({ serverUrl: other })).appToken).toBe("AfromEnv");
  });

  test("is off with a line that names the variable which is wrong", () => {
    vi.stubEnv("GOTIFY_SERVER_URL", "ftp://push.example.com");
    expect(resolveAccount(config({})).problem).toMatch(/^GOTIFY_SERVER_URL: /);
    vi.stubEnv("GOTIFY_SERVER_URL", serverUrl);
    vi.stubEnv("GOTIFY_APP_TOKEN", "Atwo words");
    const { problem } = resolveAccount(config({}));
    expect(problem).toMatch(/GOTIFY_APP_TOKEN/);
    expect(problem).not.toContain("words");
  });

  test("takes nothing under accounts.default with a server of its own", () => {
    const cfg = config({ accounts: { default: { serverUrl } } });
    expect(resolveAccount(cfg, "default").appToken).toBeUndefined();
  });
});

describe("other accounts", () => {
  test("take nothing from the environment, and none is made by it beside them", () => {
    const cfg = config({ accounts: { ops: { serverUrl: other, appToken: "A1" }, lab: {} } });
    expect(listAccountIds(cfg)).toEqual(["lab", "ops"]);
    for (const { appToken, clientToken } of accountsInOrder(cfg)) {
      expect([appToken, clientToken]).not.toContain("AfromEnv");
      expect(clientToken).toBeUndefined();
    }
    expect(fromEnvironment({}, "ops", false)).toEqual({});
  });

  test("which name a variable in a reference are known to be the same user as the account that falls back to it", () => {
    const cfg = config({
      appToken: "A1",
      serverUrl,
      accounts: { ops: { appToken: "A2", clientToken: reference } },
    });
    // The Gateway has put the secret in place, a command has not.
    const resolved = config({
      appToken: "A1",
      serverUrl,
      accounts: { ops: { appToken: "A2", clientToken: "CfromEnv" } },
    });
    for (const one of [cfg, resolved]) {
      expect(resolveAccount(one, "default").problem).toBeUndefined();
      expect(resolveAccount(one, "ops").problem).toMatch(/receive the same messages/);
    }
  });
});

test("the host is told that the variables make an account where there is an address and a token", () => {
  expect(isConfiguredByEnvironment(process.env)).toBe(true);
  expect(isConfiguredByEnvironment({ GOTIFY_SERVER_URL: serverUrl })).toBe(false);
  expect(isConfiguredByEnvironment({ GOTIFY_APP_TOKEN: "A1", GOTIFY_CLIENT_TOKEN: "C1" })).toBe(
    false,
  );
  expect(configAdapter.hasConfiguredState?.({ cfg: {} })).toBe(true);
  vi.stubEnv("GOTIFY_SERVER_URL", "");
  expect(configAdapter.hasConfiguredState?.({ cfg: {} })).toBe(false);
  expect(configAdapter.hasConfiguredState?.({ cfg: config({}) })).toBe(true);
});
