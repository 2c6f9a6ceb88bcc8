import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, test } from "vitest";
import { doctorAdapter } from "./doctor.ts";

const appToken = "AgeheimGeheim01";
const clientToken = "CgeheimGeheim01";
const serverUrl = "https://push.example.com";
const env = { GOTIFY_APP_TOKEN: appToken, GOTIFY_CLIENT_TOKEN: clientToken };

async function warnings(
  gotify: Record<string, unknown>,
  environment: Record<string, string> = env,
): Promise<readonly string[]> {
  const cfg: OpenClawConfig = { channels: { gotify } };
  const found = await doctorAdapter.collectPreviewWarnings?.({
    cfg,
    doctorFixCommand: "openclaw doctor --fix",
    env: environment,
  });
  expect(JSON.stringify(found)).not.toMatch(/geheim/i);
  // What the host's own output is made of: one bullet each.
  for (const warning of found ?? []) expect(warning).toMatch(/^- channels\.gotify[^\n]*$/);
  return found ?? [];
}

test("the doctor has nothing to say about a good configuration", async () => {
  expect(await warnings({ serverUrl, appToken, clientToken })).toEqual([]);
});

test("the doctor names each token in plain text once, however many accounts inherit it", async () => {
  const gotify = { serverUrl, appToken, accounts: { ops: {}, lab: {} } };
  const found = await warnings(gotify, {});
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^- channels\.gotify\.appToken is a token in plain text: /);
  expect(found[0]).toContain('"${GOTIFY_APP_TOKEN}"');
});

test("the doctor says which accounts do not run, and why", async () => {
  const home = { serverUrl, appToken, clientToken };
  const accounts = { home, twin: home, bare: { serverUrl }, off: { enabled: false } };
  const found = await warnings({ accounts });
  expect(found).toHaveLength(2);
  expect(found[0]).toMatch(/the account twin does not run\. .*receive the same messages/);
  expect(found[1]).toMatch(/the account bare does not run\. No token is set/);
});

test("the doctor leaves a file without a token to the security findings, which name it already", async () => {
  expect(await warnings({ serverUrl, appToken, clientTokenFile: "/nowhere/client" })).toEqual([]);
});

test("the doctor says when answers cannot go where they are told to", async () => {
  const found = await warnings({ serverUrl, appToken, replyTo: "origin" });
  expect(found).toEqual([expect.stringMatching(/replyTo "origin", but no client token/)]);
});
