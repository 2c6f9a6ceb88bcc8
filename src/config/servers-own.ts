// Owns which keys belong to a server: they name its applications, or prove to it who we are, and mean something else at another one.
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { IDENTITY_KEYS } from "./connection.ts";

export const APP_TOKEN_KEYS = ["appToken", "appTokenFile"] as const;
export const CLIENT_TOKEN_KEYS = ["clientToken", "clientTokenFile"] as const;
/** Every form: what is written anew must not lose to what was there before. */
export const ALL_TOKEN_KEYS = [...APP_TOKEN_KEYS, ...CLIENT_TOKEN_KEYS];
/** These name applications, which are somebody else's on another server. */
export const APPLICATION_KEYS = ["approvers", "applications", "defaultTo"];
const INBOUND_APPLICATION_KEYS = ["applications", "ignore", "peerIdFrom"];
/** What proves to a server, or to what stands in front of it, who we are, and what was allowed for that one. */
const PROOF_KEYS = [...IDENTITY_KEYS, "headers", "dangerouslyAllowCleartext"];

/** Without what `inbound` and `connection` say about one server; what is of use at any of them stays. */
export function withoutServersOwn(config: JsonObject): JsonObject {
  const inbound = asObject(config["inbound"]);
  const connection = asObject(config["connection"]);
  return {
    ...config,
    ...(inbound === undefined ? {} : { inbound: without(inbound, INBOUND_APPLICATION_KEYS) }),
    ...(connection === undefined ? {} : { connection: without(connection, PROOF_KEYS) }),
  };
}

export function without(config: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
}
