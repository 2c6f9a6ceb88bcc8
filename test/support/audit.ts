// Owns the security audit of an account in a unit test: asked as the host asks, its findings held to what each of them owes its reader.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect } from "vitest";
import { resolveAccount } from "../../src/config/accounts.ts";
import type { Finding } from "../../src/operate/security-config.ts";
import { securityFindings, type AuditWorld } from "../../src/operate/security-findings.ts";
import { tokensInConfig } from "../../src/operate/security-tokens.ts";

export const APP_TOKEN = "AgeheimGeheim01";
export const CLIENT_TOKEN = "CgeheimGeheim01";
export const APP_SECRET = { source: "env", provider: "default", id: "GOTIFY_APP_TOKEN" };
export const CLIENT_SECRET = { source: "env", provider: "default", id: "GOTIFY_CLIENT_TOKEN" };

/** Nothing to find fault with: TLS, references, one chat application that may also approve. */
export const good = {
  serverUrl: "https://push.example.com",
  appToken: APP_SECRET,
  clientToken: CLIENT_SECRET,
  dmPolicy: "allowlist",
  allowFrom: ["5", "app:6"],
  commandsFrom: ["5"],
  approvers: ["app:5"],
};
export const separate = {
  session: { dmScope: "per-account-channel-peer" },
} satisfies OpenClawConfig;

interface Case {
  readonly gotify?: Record<string, unknown>;
  readonly rest?: object;
  readonly accountId?: string;
  readonly world?: Partial<AuditWorld>;
  readonly env?: Record<string, string>;
}

/** As the host asks: with the inspected account, and the configuration before and after secrets were read. */
export async function findings(question: Case = {}): Promise<readonly Finding[]> {
  const { gotify = good, rest = separate, accountId, world, env = {} } = question;
  const sourceConfig: OpenClawConfig = { ...rest, channels: { gotify } };
  const resolved = Object.fromEntries(Object.entries(gotify).map(([key, v]) => [key, read(v)]));
  const cfg: OpenClawConfig = { ...rest, channels: { gotify: resolved } };
  // As `inspectAccount` hands it out: without its secrets.
  const account = {
    ...resolveAccount(cfg, accountId),
    appToken: undefined,
    clientToken: undefined,
  };
  return [
    ...tokensInConfig(sourceConfig, account, env),
    ...(await securityFindings({ cfg, account }, { readPaired: nobodyPaired, ...world })),
  ];
}

/** What stands behind a reference. */
function read(value: unknown): unknown {
  const isReference = typeof value === "object" && value !== null && "source" in value;
  return isReference ? (value === APP_SECRET ? APP_TOKEN : CLIENT_TOKEN) : value;
}

function nobodyPaired(): Promise<string[]> {
  return Promise.resolve([]);
}

/** The findings' ids without the common beginning. */
export async function ids(question: Case = {}): Promise<string[]> {
  const found = await findings(question);
  for (const finding of found) {
    // What every finding owes its reader.
    expect(finding.checkId).toMatch(/^channels\.gotify\.[a-z_]+$/);
    expect(finding.remediation ?? "").toMatch(/^\S.*\S$/);
    expect(finding.detail).not.toContain("\n");
    expect(JSON.stringify(finding)).not.toMatch(/geheim/i);
  }
  return found.map(
    ({ checkId, severity }) => `${checkId.replace("channels.gotify.", "")} ${severity}`,
  );
}

export const twoTokens = { ...good, appToken: APP_TOKEN, clientToken: CLIENT_TOKEN };
