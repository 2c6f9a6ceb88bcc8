// Owns what `channels remove --delete` takes out of the configuration: one account with all that belongs to its server, and nothing that other accounts live on.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { findTwin, hasServerOfItsOwn, normalizeAccountId, writtenIds } from "./account-ids.ts";
import { isForAnyServer } from "./accounts.ts";
import { fileKeyOf, hasOwnToken, TOKEN_KEYS } from "./credential.ts";
import { readList } from "./lists.ts";
import { ALL_TOKEN_KEYS, APPLICATION_KEYS, without, withoutServersOwn } from "./servers-own.ts";
import { CHANNEL_ID } from "./types.ts";

/** Ids that the root gives to every account, and words for any server. */
const RIGHTS_KEYS = ["allowFrom", "commandsFrom"];

/**
 * The configuration without the account. The root is the account "default" and at the same time what the
 * others inherit from: as long as one of them is on its server, only the tokens go.
 *
 * @throws when another account uses the root's tokens: it would stop to work with them.
 */
export function deleteAccount(cfg: OpenClawConfig, accountId: string): OpenClawConfig {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  if (section === undefined) return cfg;
  const id = normalizeAccountId(accountId);
  const twin = findTwin(section, id);
  if (twin !== undefined) throw new Error(twin);

  const accounts = asObject(section["accounts"]) ?? {};
  const own = writtenIds(section).filter((written) => normalizeAccountId(written) === id);
  const others = without(accounts, own);
  if (id !== "default") return withAccounts(cfg, section, others);
  // Nothing is left that the other settings could be for.
  if (Object.keys(others).length === 0) return withSection(cfg, undefined);

  const heirs = Object.keys(others).filter((key) => !hasServerOfItsOwn(asObject(others[key])));
  assertTokensUnused(section);
  const root = without(section, ["name", ...ALL_TOKEN_KEYS]);
  return withAccounts(cfg, heirs.length > 0 ? root : withoutServer(root), others);
}

/** @throws when an account uses the tokens that stand at the root: it would stop to work with them. */
export function assertTokensUnused(section: JsonObject): void {
  const accounts = asObject(section["accounts"]) ?? {};
  const isUsed = (key: (typeof TOKEN_KEYS)[number]): boolean =>
    section[key] !== undefined || section[fileKeyOf(key)] !== undefined;
  const users = writtenIds(section).filter((id) => {
    const own = asObject(accounts[id]);
    if (normalizeAccountId(id) === "default" || hasServerOfItsOwn(own)) return false;
    return TOKEN_KEYS.some((key) => isUsed(key) && !hasOwnToken(own, key));
  });
  if (users.length === 0) return;
  throw new Error(
    `The accounts ${users.join(", ")} use tokens of "default", which stand at channels.${CHANNEL_ID}. Nothing was removed: write their own appToken and clientToken into them first, or switch "default" off alone with "openclaw channels remove --channel ${CHANNEL_ID}".`,
  );
}

/** What is left means the same whatever the server: the accounts have servers of their own and inherit it. */
function withoutServer(root: JsonObject): JsonObject {
  const rights = RIGHTS_KEYS.flatMap((key) => {
    const kept = readList(root[key]).filter(isForAnyServer);
    return kept.length === 0 ? [] : [[key, kept] as const];
  });
  return {
    ...withoutServersOwn(without(root, ["serverUrl", ...APPLICATION_KEYS, ...RIGHTS_KEYS])),
    ...Object.fromEntries(rights),
  };
}

function withAccounts(
  cfg: OpenClawConfig,
  section: JsonObject,
  accounts: JsonObject,
): OpenClawConfig {
  const rest = without(section, ["accounts"]);
  const isEmpty = Object.keys(accounts).length === 0;
  return withSection(cfg, isEmpty ? rest : { ...rest, accounts });
}

function withSection(cfg: OpenClawConfig, section: JsonObject | undefined): OpenClawConfig {
  const channels = without(asObject(cfg.channels) ?? {}, [CHANNEL_ID]);
  return {
    ...cfg,
    channels: section === undefined ? channels : { ...channels, [CHANNEL_ID]: section },
  };
}
