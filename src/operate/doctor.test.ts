import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { accountFolder, pluginFolder } from "../config/state-folder.ts";
import { doctorAdapter } from "./doctor.ts";

const appToken = "AgeheimGeheim01";
const clientToken = "CgeheimGeheim01";

let stateDir: string;
let emulator: Awaited<ReturnType<typeof startEmulator>>;
let serverUrl: string;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-adapter-"));
  vi.stubEnv("OPENCLAW_STATE_DIR", stateDir);
  emulator = await startEmulator({ personality: "v2" });
  emulator.createApplication("OpenClaw", { token: appToken });
  emulator.createClient("OpenClaw", { token: clientToken });
  serverUrl = emulator.url;
});

afterEach(async () => {
  await emulator.stop();
  vi.unstubAllEnvs();
  rmSync(stateDir, { recursive: true });
});

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

test("the doctor has nothing to say about a good configuration, and opens no stream", async () => {
  expect(await warnings({ serverUrl, appToken, clientToken })).toEqual([]);
  const urls = emulator.store.requests().map(({ url }) => url);
  expect(urls).toContain("/current/user");
  expect(urls).not.toContain("/stream");
});

test("the doctor leaves tokens in plain text to the host, which finds them by the secret contract", async () => {
  const { token } = emulator.createClient("Ops", {
    userId: emulator.createUser("ops").id,
    token: "CgeheimGeheim02",
  });
  const ops = { appToken: "", clientToken: token, inbound: { enabled: false } };
  const found = await warnings({ serverUrl, appToken, clientToken, accounts: { ops } });
  expect(found.join("\n")).not.toMatch(/plain text/);
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

test("the doctor says what a quick look at server, tokens and files finds, with the remedy", async () => {
  accountFolder(stateDir, "default");
  chmodSync(pluginFolder(stateDir), 0o755);
  emulator.deleteClient(1);
  const found = await warnings({ serverUrl, appToken, clientToken, defaultPriority: 0 });
  expect(found).toHaveLength(3);
  expect(found[0]).toMatch(/^- channels\.gotify: .*\(mode 755\).* Run: chmod 700/);
  expect(found[1]).toMatch(/account default: .*client token \(401\)\. .*Create a client/);
  expect(found[2]).toMatch(/account default: .*priority 0, silent on phones/);
  await emulator.goDown();
  const down = await warnings({ serverUrl, appToken, clientToken });
  expect(down.join("\n")).toMatch(/account default: .*the connection was refused/);
});
