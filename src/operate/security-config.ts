// Owns where in the configuration a setting of an account stands, for findings that have to name the place.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { applicationOf } from "../config/sender-id.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";

const ROOT = `channels.${CHANNEL_ID}`;
/** What an account with a server of its own does not inherit. */
const OF_ONE_SERVER: ReadonlySet<string> = new Set(["appToken", "clientToken"]);

export interface Written {
  readonly value: unknown;
  /** Where it stands, or where it would have to stand. */
  readonly path: string;
}

/** A setting as the operator wrote it: under the account's own key, or at the root that it inherits from. */
export function writtenAt(cfg: OpenClawConfig, accountId: string, key: string): Written {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const [id, own] = accountsOf(section).find(
    ([name]) => name.toLowerCase() === accountId.toLowerCase(),
  ) ?? [undefined, undefined];
  const isInherited =
    own === undefined ||
    (own[key] === undefined &&
      section?.[key] !== undefined &&
      !(OF_ONE_SERVER.has(key) && hasOwnServer(own)));
  return isInherited
    ? { value: section?.[key], path: `${ROOT}.${key}` }
    : { value: own[key], path: `${ROOT}.accounts.${id}.${key}` };
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

function accountsOf(section: JsonObject | undefined): readonly [id: string, own: JsonObject][] {
  return Object.entries(asObject(section?.["accounts"]) ?? {}).map(([id, own]) => [
    id,
    asObject(own) ?? {},
  ]);
}

function hasOwnServer(own: JsonObject): boolean {
  return (asString(own["serverUrl"])?.trim() ?? "") !== "";
}
