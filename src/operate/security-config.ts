// Owns where in the configuration a setting of an account stands, for findings that have to name the place.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { fileKeyOf, hasOwnToken, TOKEN_KEYS } from "../config/credential.ts";
import { applicationOf } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";

type Security = NonNullable<ChannelPlugin<ResolvedAccount>["security"]>;
type Audit = NonNullable<Security["collectAuditFindings"]>;
/** What is risky, and one line that mends it. It names no secret. */
export type Finding = Awaited<ReturnType<Audit>>[number];

const ROOT = `channels.${CHANNEL_ID}`;

export interface Written {
  readonly value: unknown;
  /** Where it stands, or where it would have to stand. */
  readonly path: string;
}

/** A setting as the operator wrote it: under the account's own key, or at the root that it inherits from. */
export function writtenAt(cfg: OpenClawConfig, accountId: string, key: string): Written {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const [id, own] = ownOf(section, accountId);
  const isInherited = own === undefined || (section?.[key] !== undefined && mayInherit(own, key));
  return isInherited
    ? { value: section?.[key], path: `${ROOT}.${key}` }
    : { value: own[key], path: `${ROOT}.accounts.${id}.${key}` };
}

/** The same for a key of the group `connection`, which is inherited key by key. */
export function connectionPath(cfg: OpenClawConfig, accountId: string, key: string): string {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const [id, own] = ownOf(section, accountId);
  const isOwn = asObject(own?.["connection"])?.[key] !== undefined;
  return `${isOwn ? `${ROOT}.accounts.${id}` : ROOT}.connection.${key}`;
}

/** Ids at the root that accounts with a server of their own would seem to inherit, and do not. */
export function idsNotInherited(
  cfg: OpenClawConfig,
): { ids: readonly number[]; accounts: readonly string[] } | undefined {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const entries: unknown = section?.["allowFrom"];
  const ids = (Array.isArray(entries) ? entries : [])
    .map((entry) => applicationOf(String(entry)))
    .filter((id) => id !== undefined);
  const accounts = accountsOf(section)
    .filter(([, own]) => hasOwnServer(own) && own["allowFrom"] === undefined)
    .map(([id]) => id);
  return ids.length === 0 || accounts.length === 0 ? undefined : { ids, accounts };
}

/** Tokens belong to one server, and an account's own one replaces the inherited one in both its forms. */
function mayInherit(own: JsonObject, key: string): boolean {
  const token = TOKEN_KEYS.find((name) => key === name || key === fileKeyOf(name));
  return token === undefined
    ? own[key] === undefined
    : !hasOwnServer(own) && !hasOwnToken(own, token);
}

function ownOf(
  section: JsonObject | undefined,
  accountId: string,
): readonly [id: string, own: JsonObject] | readonly [undefined, undefined] {
  return (
    accountsOf(section).find(([name]) => name.toLowerCase() === accountId.toLowerCase()) ?? [
      undefined,
      undefined,
    ]
  );
}

function accountsOf(section: JsonObject | undefined): readonly [id: string, own: JsonObject][] {
  return Object.entries(asObject(section?.["accounts"]) ?? {}).map(([id, own]) => [
    id,
    asObject(own) ?? {},
  ]);
}

function hasOwnServer(own: JsonObject): boolean {
  return (asString(own["serverUrl"])?.trim() ?? "") !== "";
}
