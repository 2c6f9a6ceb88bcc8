// Owns the way from `channels.gotify` to accounts: which there are, what each inherits, and whether it can work.
import { createAccountListHelpers } from "openclaw/plugin-sdk/account-helpers";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asInteger, asObject, asString, type JsonObject } from "../gotify/parse.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { CHANNEL_ID } from "./types.ts";
import type { CredentialStatus, DmPolicy, ResolvedAccount, ResolvedInbound } from "./types.ts";

const DEFAULT_PRIORITY = 5;
const DEFAULT_RECONNECT_DELAY_MS = 2_000;
const DEFAULT_MAX_RECONNECT_DELAY_MS = 30_000;
const DM_POLICIES: readonly DmPolicy[] = ["pairing", "allowlist", "open", "disabled"];

const helpers = createAccountListHelpers(CHANNEL_ID, {
  nestedObjectKeys: ["inbound"],
  implicitDefaultAccount: { channelKeys: ["serverUrl", "appToken", "clientToken"] },
});

export const listAccountIds = helpers.listAccountIds;
export const defaultAccountId = helpers.resolveDefaultAccountId;

/** The account with inheritance and defaults applied. Pure: no secret is read, nothing is opened. */
export function resolveAccount(cfg: OpenClawConfig, accountId?: string | null): ResolvedAccount {
  const id = accountId ?? defaultAccountId(cfg);
  const config: JsonObject = helpers.resolveAccountConfig(cfg, id);
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const serverUrl = trimmed(config["serverUrl"]);
  const appToken = trimmed(config["appToken"]);
  const clientToken = trimmed(config["clientToken"]);
  const tokenStatus = credentialStatus(config["clientToken"]);
  const appTokenStatus = credentialStatus(config["appToken"]);
  const problem = findProblem({ id, serverUrl, tokenStatus, appTokenStatus });

  return {
    accountId: id,
    name: trimmed(config["name"]),
    // The root's switch turns off every account, an account's own only itself.
    enabled: section?.["enabled"] !== false && config["enabled"] !== false,
    configured: problem === undefined,
    problem,
    serverUrl,
    appToken,
    clientToken,
    tokenStatus,
    appTokenStatus,
    defaultPriority: asInteger(config["defaultPriority"]) ?? DEFAULT_PRIORITY,
    dmPolicy: DM_POLICIES.find((policy) => policy === config["dmPolicy"]) ?? "pairing",
    allowFrom: readList(config["allowFrom"]),
    inbound: readInbound(asObject(config["inbound"]), tokenStatus),
  };
}

function readInbound(inbound: JsonObject | undefined, token: CredentialStatus): ResolvedInbound {
  const reconnectDelayMs = asInteger(inbound?.["reconnectDelayMs"]) ?? DEFAULT_RECONNECT_DELAY_MS;
  return {
    enabled: inbound?.["enabled"] !== false && token !== "missing",
    reconnectDelayMs,
    maxReconnectDelayMs: Math.max(
      reconnectDelayMs,
      asInteger(inbound?.["maxReconnectDelayMs"]) ?? DEFAULT_MAX_RECONNECT_DELAY_MS,
    ),
    maxReconnectAttempts: asInteger(inbound?.["maxReconnectAttempts"]) ?? 0,
  };
}

function findProblem(facts: {
  id: string;
  serverUrl: string | undefined;
  tokenStatus: CredentialStatus;
  appTokenStatus: CredentialStatus;
}): string | undefined {
  const at = `channels.gotify${facts.id === "default" ? "" : `.accounts.${facts.id}`}`;
  if (facts.serverUrl === undefined) {
    return `No server is set: write the address of your Gotify into ${at}.serverUrl.`;
  }
  try {
    parseServerUrl(facts.serverUrl);
  } catch (error) {
    if (error instanceof GotifyConfigError) return `${at}.serverUrl: ${error.message}`;
    throw error;
  }
  if (facts.appTokenStatus === "missing" && facts.tokenStatus === "missing") {
    return `No token is set: write an application's token into ${at}.appToken and a client's into ${at}.clientToken.`;
  }
  if (facts.appTokenStatus === "missing") {
    return `No application is set to answer with: write its token into ${at}.appToken.`;
  }
  return undefined;
}

/** A secret that is still a reference was not resolved for this process; its account stays off. */
function credentialStatus(value: unknown): CredentialStatus {
  if (trimmed(value) !== undefined) return "available";
  return asObject(value) === undefined ? "missing" : "configured_unavailable";
}

function trimmed(value: unknown): string | undefined {
  const text = asString(value)?.trim();
  return text === "" ? undefined : text;
}

function readList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const entries: unknown[] = value;
  return entries
    .filter((entry) => typeof entry === "string" || typeof entry === "number")
    .map((entry) => String(entry).trim())
    .filter((entry) => entry !== "");
}
