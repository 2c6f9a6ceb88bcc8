// Owns where secrets may stand in `channels.gotify`, and which accounts use the one that stands in a place.
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { hasServerOfItsOwn, normalizeAccountId, ownConfig } from "./account-ids.ts";
import { IDENTITY_KEYS } from "./connection.ts";
import { hasOwnToken, TOKEN_KEYS } from "./credential.ts";

/** The keys below the root or an account, from the outside in; `*` stands for any name. */
export const SECRET_KEYS: readonly (readonly string[])[] = [
  ["appToken"],
  ["clientToken"],
  ["connection", "clientKey"],
  ["connection", "headers", "*"],
];

/** Stands at the root alone, and belongs to no account: what a monitor shows to the health route. */
export const HEALTH_TOKEN_KEY = "healthToken";

export interface SecretPlace {
  /** The account's key as it is written; `undefined` for what stands at the root. */
  readonly account: string | undefined;
  readonly keys: readonly string[];
  readonly value: unknown;
  /** The accounts that work with it. */
  readonly users: readonly string[];
}

/**
 * Every place that holds a value, with the accounts that use it. It follows the rules by which accounts are
 * resolved, and not the host's general ones: an account with a server of its own uses nothing of the root,
 * and the root may be an account beside those that are written. A secret that fails blocks its users only.
 *
 * @param ids the accounts there are.
 */
export function secretPlaces(section: JsonObject, ids: readonly string[]): SecretPlace[] {
  const accounts = asObject(section["accounts"]) ?? {};
  const atRoot = placesIn(section).map((keys) => ({
    account: undefined,
    keys,
    value: valueAt(section, keys),
    users: ids.filter((id) => inheritsSecret(ownConfig(section, id), keys)),
  }));
  const atAccounts = Object.entries(accounts).flatMap(([account, value]) => {
    const own = asObject(value) ?? {};
    return placesIn(own).map((keys) => ({
      account,
      keys,
      value: valueAt(own, keys),
      users: [normalizeAccountId(account)],
    }));
  });
  return [...atRoot, ...atAccounts];
}

/** False for an account that says it itself, and for one with a server that the root's secret is not meant for. */
function inheritsSecret(own: JsonObject | undefined, keys: readonly string[]): boolean {
  if (hasServerOfItsOwn(own)) return false;
  const token = TOKEN_KEYS.find((key) => key === keys[0]);
  if (token !== undefined) return !hasOwnToken(own, token);
  const connection = asObject(own?.["connection"]);
  const [, key, name = ""] = keys;
  if (key !== "headers") return IDENTITY_KEYS.every((one) => connection?.[one] === undefined);
  const ownNames = Object.keys(asObject(connection?.["headers"]) ?? {});
  return !ownNames.some((one) => one.toLowerCase() === name.toLowerCase());
}

function placesIn(section: JsonObject): (readonly string[])[] {
  return SECRET_KEYS.flatMap((keys) => {
    const names = keys.at(-1) === "*" ? keysAt(section, keys.slice(0, -1)) : undefined;
    return names === undefined ? [keys] : names.map((name) => [...keys.slice(0, -1), name]);
  }).filter((keys) => valueAt(section, keys) !== undefined);
}

function keysAt(section: JsonObject, keys: readonly string[]): readonly string[] {
  return Object.keys(asObject(valueAt(section, keys)) ?? {});
}

function valueAt(section: JsonObject, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => asObject(value)?.[key], section);
}
