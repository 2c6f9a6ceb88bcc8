// Owns how a set-up is written into the configuration, and how a logout takes its secrets out again.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { normalizeAccountId, ownConfig, writtenIds } from "../config/account-ids.ts";
import { isForAnyServer, resolveAccount } from "../config/accounts.ts";
import { assertTokensUnused } from "../config/delete-account.ts";
import { ENVIRONMENT_VARIABLES, type Environment } from "../config/environment.ts";
import {
  ALL_TOKEN_KEYS,
  APP_TOKEN_KEYS,
  APPLICATION_KEYS,
  CLIENT_TOKEN_KEYS,
  without,
  withoutServersOwn,
} from "../config/servers-own.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { parseServerUrl } from "../gotify/url.ts";
import type { Outcome } from "./answers.ts";

export interface AccountChange {
  /** Left out: the server stays. */
  readonly serverUrl?: string | undefined;
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
  /** The application that a person writes with. It may talk and command from the start, so that machines which ask for a pairing cannot crowd the person out. */
  readonly chatAppId?: string | undefined;
  /** Address and tokens stay in the environment, and must not stand in the configuration, where they would win. */
  readonly isEnvironment?: boolean | undefined;
  /** What is given is all there is: the other of the two tokens could be another user's. */
  readonly replacesTokens?: boolean | undefined;
}

/** Whether the account will be on another server than the one it is on. */
function isMoved(
  { serverUrl }: ResolvedAccount,
  change: Pick<AccountChange, "serverUrl" | "isEnvironment">,
  env: Environment,
): boolean {
  const target =
    change.isEnvironment === true ? env[ENVIRONMENT_VARIABLES.serverUrl] : change.serverUrl;
  if (serverUrl === undefined || target === undefined) return false;
  return parseServerUrl(target).href !== serverUrl;
}

/** Why the root's server cannot be changed: others are on it, and their tokens and ids mean that one. */
export function moveProblem(
  cfg: OpenClawConfig,
  accountId: string,
  change: AccountChange,
  env: Environment = process.env,
): string | undefined {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const account = resolveAccount(cfg, accountId);
  if (!isAtRoot(section, accountId)) return undefined;
  if (!isMoved(account, change, env)) return undefined;
  const others = writtenIds(section).filter(
    (id) => asObject(asObject(section?.["accounts"])?.[id])?.["serverUrl"] === undefined,
  );
  if (others.length === 0) return undefined;
  return `The accounts ${others.join(", ")} are on the same server, at ${account.serverUrl}. Write it as serverUrl into each of them first.`;
}

/**
 * The configuration with the change. On another server, nothing stays that belongs to the one before: no
 * token, no application's id, and no header or certificate.
 */
export function changeAccount(
  cfg: OpenClawConfig,
  accountId: string,
  change: AccountChange,
  env: Environment = process.env,
): OpenClawConfig {
  const { serverUrl, appToken, clientToken, chatAppId, isEnvironment, replacesTokens } = change;
  const account = resolveAccount(cfg, accountId);
  const moved = isMoved(account, change, env);
  const added = chatAppId === undefined ? [] : [chatAppId];
  const after = (entries: readonly string[]): string[] => [
    ...new Set([...(moved ? entries.filter(isForAnyServer) : entries), ...added]),
  ];
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const own = isAtRoot(section, accountId) ? section : ownConfig(section, accountId);
  // What is only inherited is not written down: on a server of its own it is not inherited any more.
  const isWritten = (key: "allowFrom" | "commandsFrom"): boolean =>
    added.length > 0 || (moved && own?.[key] !== undefined);
  const rights = {
    ...(isWritten("allowFrom") ? { allowFrom: after(account.allowFrom) } : {}),
    ...(isWritten("commandsFrom") ? { commandsFrom: after(account.commandsFrom) } : {}),
  };
  const cleared = [
    ...(moved || isEnvironment === true || replacesTokens === true ? ALL_TOKEN_KEYS : []),
    ...(isEnvironment === true ? ["serverUrl"] : []),
    ...(appToken === undefined ? [] : APP_TOKEN_KEYS),
    ...(clientToken === undefined ? [] : CLIENT_TOKEN_KEYS),
    ...(moved ? APPLICATION_KEYS : []),
  ];
  // Written down, it would be a server of its own, on which the root's tokens, rights and headers mean nothing.
  const isInherited = !isAtRoot(section, accountId) && own?.["serverUrl"] === undefined && !moved;
  const isOnServer = account.serverUrl !== undefined;
  const patch = {
    ...(serverUrl === undefined || (isInherited && isOnServer) ? {} : { serverUrl }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(clientToken === undefined ? {} : { clientToken }),
    ...rights,
  };
  return patchAccount(cfg, accountId, (before) => ({
    ...without(moved ? withoutServersOwn(before) : before, cleared),
    ...patch,
  }));
}

export function writeOutcome(
  cfg: OpenClawConfig,
  accountId: string,
  { serverUrl, appToken, keepsAppToken, clientToken, chatAppId, keepApart }: Outcome,
): OpenClawConfig {
  const chat = chatAppId === undefined ? undefined : String(chatAppId);
  const patched = changeAccount(cfg, accountId, {
    serverUrl,
    appToken,
    clientToken,
    chatAppId: chat,
    replacesTokens: !keepsAppToken,
  });
  if (!keepApart) return patched;
  return { ...patched, session: { ...patched.session, dmScope: "per-account-channel-peer" } };
}

/**
 * Changes what stands under the account, where the operator wrote it: at the root of the channel for
 * `default`, unless it is written below `accounts`, and under an id in whatever case.
 */
export function patchAccount(
  cfg: OpenClawConfig,
  accountId: string,
  change: (own: JsonObject) => JsonObject,
): OpenClawConfig {
  const section = asObject(cfg.channels?.[CHANNEL_ID]) ?? {};
  if (isAtRoot(section, accountId)) {
    return withSection(cfg, { ...change(section), enabled: true });
  }
  const key = keyOf(section, accountId);
  const accounts = { ...withEnvironmentsAccount(cfg), ...asObject(section["accounts"]) };
  const own = { ...change(ownConfig(section, accountId) ?? {}), enabled: true };
  const changed = { ...accounts, [key ?? accountId]: own };
  return withSection(cfg, { ...section, enabled: true, accounts: changed });
}

/** Beside named accounts, the one that lives in the environment counts only where it is named as well. */
function withEnvironmentsAccount(cfg: OpenClawConfig): JsonObject {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const { appTokenSource, configured } = resolveAccount(cfg, "default");
  const isAlone = writtenIds(section).length === 0 && configured;
  return isAlone && appTokenSource === "env" ? { default: {} } : {};
}

/** Everything stays as it is written, and nothing of it runs. */
export function disableChannel(cfg: OpenClawConfig): OpenClawConfig {
  return withSection(cfg, { ...asObject(cfg.channels?.[CHANNEL_ID]), enabled: false });
}

/**
 * The same account without its tokens, in whichever form; `undefined` when the configuration has none.
 *
 * @throws when others use the tokens of the root, of which nobody has spoken.
 */
export function withoutTokens(cfg: OpenClawConfig, accountId: string): OpenClawConfig | undefined {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  if (section === undefined) return undefined;
  const key = keyOf(section, accountId);
  const own = ownConfig(section, accountId);
  const accounts =
    key === undefined || own === undefined
      ? {}
      : { accounts: { ...asObject(section["accounts"]), [key]: without(own, ALL_TOKEN_KEYS) } };
  if (accountId === "default") assertTokensUnused(section);
  const root = accountId === "default" ? without(section, ALL_TOKEN_KEYS) : section;
  const changed = { ...root, ...accounts };
  const isSame = JSON.stringify(changed) === JSON.stringify(section);
  return isSame ? undefined : withSection(cfg, changed);
}

/** The root of the channel is the default account, unless that is written below `accounts`. */
export function isAtRoot(section: JsonObject | undefined, accountId: string): boolean {
  return accountId === "default" && keyOf(section, accountId) === undefined;
}

/** As the operator wrote it; `undefined` when the account is not below `accounts`. */
function keyOf(section: JsonObject | undefined, accountId: string): string | undefined {
  return writtenIds(section).find((written) => normalizeAccountId(written) === accountId);
}

function withSection(cfg: OpenClawConfig, section: JsonObject): OpenClawConfig {
  return { ...cfg, channels: { ...cfg.channels, [CHANNEL_ID]: section } };
}
