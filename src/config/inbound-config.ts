// Owns what an account receives and how: the keys below `inbound`, and the loop guard, with their defaults.
import { asInteger, type JsonObject } from "../gotify/parse.ts";
import { readHosts, readList } from "./lists.ts";
import { applicationOf } from "./sender-id.ts";
import type { BotLoopConfig, CredentialStatus, ResolvedCatchUp, ResolvedInbound } from "./types.ts";

const DEFAULT_RECONNECT_DELAY_MS = 2_000;
const DEFAULT_MAX_RECONNECT_DELAY_MS = 30_000;
const DEFAULT_CATCH_UP_MESSAGES = 2_000;
const MINUTE_MS = 60_000;
const DEFAULT_CATCH_UP_MINUTES = 24 * 60;

export function readInbound(
  inbound: JsonObject | undefined,
  catchUp: JsonObject,
  token: CredentialStatus,
): ResolvedInbound {
  const reconnectDelayMs = asInteger(inbound?.["reconnectDelayMs"]) ?? DEFAULT_RECONNECT_DELAY_MS;
  return {
    enabled: inbound?.["enabled"] !== false && token !== "missing",
    reconnectDelayMs,
    maxReconnectDelayMs: Math.max(
      reconnectDelayMs,
      asInteger(inbound?.["maxReconnectDelayMs"]) ?? DEFAULT_MAX_RECONNECT_DELAY_MS,
    ),
    maxReconnectAttempts: asInteger(inbound?.["maxReconnectAttempts"]) ?? 0,
    catchUp: readCatchUp(catchUp),
    applications: readWatched(inbound?.["applications"]),
    deleteHandled: inbound?.["afterHandled"] === "delete",
    minPriority: asInteger(inbound?.["minPriority"]),
    imageHosts: readHosts(inbound?.["imageHosts"]),
    ignore: readList(inbound?.["ignore"]),
    peerIdFrom: Array.isArray(inbound?.["peerIdFrom"])
      ? readList(inbound["peerIdFrom"])
      : undefined,
  };
}

function readCatchUp(catchUp: JsonObject): ResolvedCatchUp {
  return {
    firstStart: asInteger(catchUp["firstStart"]) ?? 0,
    maxMessages: asInteger(catchUp["maxMessages"]) ?? DEFAULT_CATCH_UP_MESSAGES,
    maxAgeMs: (asInteger(catchUp["maxAgeMinutes"]) ?? DEFAULT_CATCH_UP_MINUTES) * MINUTE_MS,
  };
}

/** All of them where nothing is listed, and where `"*"` is: it says so in the other lists, too. */
function readWatched(value: unknown): ReadonlySet<number> | undefined {
  const entries = readList(value);
  if (entries.length === 0 || entries.includes("*")) return undefined;
  return new Set(entries.map(applicationOf).filter((appId) => appId !== undefined));
}

export function readBotLoop(config: JsonObject | undefined): BotLoopConfig {
  return {
    ...(typeof config?.["enabled"] === "boolean" ? { enabled: config["enabled"] } : {}),
    ...integers(config, "maxEventsPerWindow", "windowSeconds", "cooldownSeconds"),
  };
}

function integers<Key extends string>(
  config: JsonObject | undefined,
  ...keys: readonly Key[]
): { [K in Key]?: number } {
  const found: { [K in Key]?: number } = {};
  for (const key of keys) {
    const value = asInteger(config?.[key]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}
