// Owns how the end of a set-up is written into the configuration, and how a logout takes its secrets out again.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { patchScopedAccountConfig } from "openclaw/plugin-sdk/setup";
import { resolveAccount } from "../config/accounts.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import type { Outcome } from "./answers.ts";

/** Both forms: what is written anew must not lose to what was there before. */
const TOKEN_KEYS = ["appToken", "appTokenFile", "clientToken", "clientTokenFile"] as const;

/**
 * Who may talk and command once this is written. The application that a person writes with may from the
 * start, so that machines which ask for a pairing cannot crowd the person out. On another server the ids
 * that were there mean somebody else, so they go.
 */
export function rightsAfter(
  cfg: OpenClawConfig,
  accountId: string,
  change: { readonly serverUrl?: string | undefined; readonly chatAppId?: string | undefined },
): JsonObject {
  const { serverUrl, allowFrom, commandsFrom } = resolveAccount(cfg, accountId);
  const isMoved =
    serverUrl !== undefined &&
    change.serverUrl !== undefined &&
    parseServerUrl(change.serverUrl).href !== serverUrl;
  if (!isMoved && change.chatAppId === undefined) return {};
  const added = change.chatAppId === undefined ? [] : [change.chatAppId];
  const after = (entries: readonly string[]): string[] => [
    ...new Set([...entries.filter((entry) => !isMoved || !/\d$/.test(entry)), ...added]),
  ];
  return { allowFrom: after(allowFrom), commandsFrom: after(commandsFrom) };
}

/** `default` is written at the root of the channel, every other account below `accounts`. */
export function patchAccount(
  cfg: OpenClawConfig,
  accountId: string,
  patch: JsonObject,
  clearFields: readonly string[] = [],
): OpenClawConfig {
  return patchScopedAccountConfig({
    cfg,
    channelKey: CHANNEL_ID,
    accountId,
    patch,
    clearFields,
    ensureChannelEnabled: true,
    ensureAccountEnabled: accountId !== "default",
  });
}

export function writeOutcome(
  cfg: OpenClawConfig,
  accountId: string,
  { serverUrl, appToken, clientToken, chatAppId, keepApart }: Outcome,
): OpenClawConfig {
  const tokens = {
    ...(appToken === undefined ? {} : { appToken }),
    ...(clientToken === undefined ? {} : { clientToken }),
  };
  const chat = chatAppId === undefined ? undefined : String(chatAppId);
  const rights = rightsAfter(cfg, accountId, { serverUrl, chatAppId: chat });
  const patched = patchAccount(cfg, accountId, { serverUrl, ...tokens, ...rights }, TOKEN_KEYS);
  if (!keepApart) return patched;
  return { ...patched, session: { ...patched.session, dmScope: "per-account-channel-peer" } };
}

/** Everything stays as it is written, and nothing of it runs. */
export function disableChannel(cfg: OpenClawConfig): OpenClawConfig {
  const section = { ...asObject(cfg.channels?.[CHANNEL_ID]), enabled: false };
  return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: section } };
}

/** The same account without its tokens, in whichever form; `undefined` when the configuration has none. */
export function withoutTokens(cfg: OpenClawConfig, accountId: string): OpenClawConfig | undefined {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  if (section === undefined) return undefined;
  if (accountId === "default" && TOKEN_KEYS.some((key) => section[key] !== undefined)) {
    return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: without(section) } };
  }
  const accounts = asObject(section["accounts"]);
  const own = asObject(accounts?.[accountId]);
  if (own === undefined || TOKEN_KEYS.every((key) => own[key] === undefined)) return undefined;
  const changed = { ...section, accounts: { ...accounts, [accountId]: without(own) } };
  return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: changed } };
}

function without(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !TOKEN_KEYS.some((token) => token === key)),
  );
}
