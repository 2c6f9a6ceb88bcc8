import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, test } from "vitest";
import { doctorAdapter } from "./doctor.ts";

const appToken = "AgeheimGeheim01";
const clientToken = "CgeheimGeheim01";
const serverUrl = "https://push.example.com";

async function warnings(gotify: Record<string, unknown>): Promise<readonly string[]> {
  const cfg: OpenClawConfig = { channels: { gotify } };
  const found = await doctorAdapter.collectPreviewWarnings?.({
    cfg,
    doctorFixCommand: "openclaw doctor --fix",
    env: {},
  });
  expect(JSON.stringify(found)).not.toMatch(/geheim/i);
  // What the host's own output is made of: one bullet each.
  for (const warning of found ?? []) expect(warning).toMatch(/^- channels\.gotify[^\n]*$/);
  return found ?? [];
}

test("the doctor has nothing to say about a good configuration", async () => {
  expect(await warnings({ serverUrl, appToken, clientToken })).toEqual([]);
});

test("the doctor leaves tokens in plain text to the host, which finds them by the secret contract", async () => {
  const gotify = { serverUrl, appToken, clientToken, accounts: { ops: { clientToken: "C2" } } };
  expect(await warnings(gotify)).toEqual([]);
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
