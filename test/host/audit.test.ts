// Owns what the real `openclaw security audit` says about a good and a bad configuration of the installed plugin.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { gatewayConfig } from "../support/gateway-config.ts";
import {
  createHome,
  runOpenClaw,
  writeConfig,
  type JsonObject,
  type OpenClawHome,
} from "../support/openclaw.ts";

const APP_TOKEN = "AgeheimGeheim01";
const CLIENT_TOKEN = "CgeheimGeheim01";
const AUDIT_TIMEOUT_MS = 110_000;

const Report = z.object({
  findings: z.array(
    z.object({
      checkId: z.string(),
      severity: z.string(),
      title: z.string(),
      detail: z.string(),
      remediation: z.string().optional(),
    }),
  ),
});

/** The channel's findings, by id and severity, and everything that was printed. */
async function audit(
  gotify: (tokenFile: (mode: number) => string) => JsonObject,
  sections: JsonObject,
  env: Record<string, string> = {},
) {
  const home: OpenClawHome = createHome({
    template: inject("installedState"),
    parent: inject("homesFolder"),
  });
  const tokenFile = (mode: number): string => {
    const path = join(home.dir, `token-${mode.toString(8)}`);
    writeFileSync(path, `${CLIENT_TOKEN}\n`);
    // Whatever the umask says.
    chmodSync(path, mode);
    return path;
  };
  try {
    const setup = { port: 18_789, token: "x".repeat(32), model: { url: "http://127.0.0.1:9" } };
    writeConfig(home, gatewayConfig(home, { ...setup, gotify: gotify(tokenFile), sections }));
    const options = { env, timeoutMs: AUDIT_TIMEOUT_MS };
    const { stdout, stderr } = await runOpenClaw(home, ["security", "audit", "--json"], options);
    const { findings } = Report.parse(JSON.parse(stdout));
    const own = findings.filter(({ checkId }) => checkId.startsWith("channels."));
    return { own, printed: stdout + stderr };
  } finally {
    home.remove();
  }
}

test("a good configuration has no finding", async () => {
  const { own, printed } = await audit(
    (tokenFile) => ({
      serverUrl: "https://push.example.com",
      appToken: "${GOTIFY_APP_TOKEN}",
      clientTokenFile: tokenFile(0o600),
      dmPolicy: "allowlist",
      allowFrom: ["5", "6"],
      commandsFrom: ["5"],
      approvers: ["5"],
    }),
    {
      session: { dmScope: "per-account-channel-peer" },
      commands: { ownerAllowFrom: ["gotify:default/5"] },
    },
    { GOTIFY_APP_TOKEN: APP_TOKEN },
  );
  expect(own).toEqual([]);
  expect(printed).not.toMatch(/geheim/i);
});

test("a bad one has a finding with a remedy for each fault, and none of them shows a token", async () => {
  const { own, printed } = await audit(
    (tokenFile) => ({
      allowFrom: ["5", "*"],
      dmPolicy: "open",
      approvers: ["6"],
      accounts: {
        home: {
          serverUrl: "http://push.example.com",
          connection: { dangerouslyAllowCleartext: true },
          appToken: APP_TOKEN,
          clientToken: CLIENT_TOKEN,
          allowFrom: ["*"],
          approvers: ["6"],
        },
        work: {
          serverUrl: "http://192.168.1.20",
          appToken: APP_TOKEN,
          clientTokenFile: tokenFile(0o644),
        },
        lost: {
          serverUrl: "https://lost.example.com",
          appToken: APP_TOKEN,
          clientTokenFile: "/nowhere/client-token",
        },
      },
    }),
    { commands: { ownerAllowFrom: ["gotify:home/7"] } },
  );
  const ids = new Set(own.map(({ checkId, severity }) => `${checkId} ${severity}`));
  for (const expected of [
    // The host's own.
    "channels.gotify.dm.open critical",
    "channels.gotify.token_in_config warn",
    "channels.gotify.token_file_open warn",
    "channels.gotify.token_file_unreadable warn",
    "channels.gotify.cleartext critical",
    "channels.gotify.cleartext_private warn",
    "channels.gotify.everyone_allowed critical",
    "channels.gotify.shared_main_session warn",
    "channels.gotify.machine_approver warn",
    "channels.gotify.machine_owner warn",
    "channels.gotify.ids_not_inherited info",
  ]) {
    expect(ids).toContain(expected);
  }
  for (const { checkId, remediation } of own) expect(remediation, checkId).toBeTruthy();
  expect(printed).not.toMatch(/geheim/i);
});
