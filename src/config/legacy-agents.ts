// Owns the repair of `agents.<id>.channels.gotify.accounts`, which earlier releases described and OpenClaw refuses: bindings say it today.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";
import { CHANNEL_ID } from "./types.ts";

/** Who was to answer which accounts, as it stands under `agents`. */
interface Wish {
  /** The key under `agents`. */
  readonly agent: string;
  readonly accounts: readonly string[];
}

export interface AgentsRepair {
  readonly config: OpenClawConfig;
  readonly changes: readonly string[];
}

/**
 * Turns them into bindings, where the agent exists. No agent is created: the first one of a roster takes
 * the place of the one that OpenClaw has without any, with its sessions. Doctor removes what is under
 * `agents` anyway, so the lines say what was meant.
 */
export function repairLegacyAgents(config: OpenClawConfig): AgentsRepair {
  const wishes = legacyWishes(config.agents);
  if (wishes.length === 0) return { config, changes: [] };
  const agents = structuredClone(config.agents);
  const bindings: unknown[] = [...(config.bindings ?? [])];
  const changes: string[] = [];
  for (const wish of wishes) {
    removeWish(asObject(agents), wish.agent);
    const at = `agents.${wish.agent}.channels.${CHANNEL_ID}`;
    const agentId = existingAgent(asObject(config.agents), wish.agent);
    if (agentId === undefined) {
      changes.push(`Removed ${at}: ${howToBind(wish)}`);
      continue;
    }
    for (const accountId of wish.accounts) {
      const bound = boundAgent(bindings, accountId);
      changes.push(
        bound === undefined
          ? `Moved ${at} to bindings: the agent ${agentId} answers the account ${accountId}.`
          : `Removed ${at}: a binding gives the account ${accountId} to the agent ${bound} already.`,
      );
      if (bound === undefined) {
        bindings.push({ agentId, match: { channel: CHANNEL_ID, accountId } });
      }
    }
  }
  const repaired = { ...config, ...(agents ? { agents } : {}) };
  // The host's type leaves its ordinary bindings out where optional properties are exact.
  if (bindings.length > 0) Reflect.set(repaired, "bindings", bindings);
  return { config: repaired, changes };
}

/** Whether anything of it stands under `agents`. */
export function hasLegacyAgents(agents: unknown): boolean {
  return legacyWishes(agents).length > 0;
}

function legacyWishes(agents: unknown): readonly Wish[] {
  return Object.entries(asObject(agents) ?? {}).flatMap(([agent, value]) => {
    const channel = asObject(asObject(asObject(value)?.["channels"])?.[CHANNEL_ID]);
    const accounts: unknown = channel?.["accounts"];
    if (!Array.isArray(accounts)) return [];
    const entries: unknown[] = accounts;
    const ids = entries.map((entry) => asString(entry)?.trim() ?? "").filter((id) => id !== "");
    return [{ agent, accounts: ids }];
  });
}

/** Of what stands around it only what it leaves empty goes, too. */
function removeWish(agents: JsonObject | undefined, agent: string): void {
  const entry = asObject(agents?.[agent]);
  const channels = asObject(entry?.["channels"]);
  if (agents === undefined || entry === undefined || channels === undefined) return;
  Reflect.deleteProperty(channels, CHANNEL_ID);
  if (Object.keys(channels).length === 0) Reflect.deleteProperty(entry, "channels");
  if (Object.keys(entry).length === 0) Reflect.deleteProperty(agents, agent);
}

/** The agent's id as the roster writes it, in the form of today or in the one before. */
function existingAgent(agents: JsonObject | undefined, wanted: string): string | undefined {
  const list: unknown = agents?.["list"];
  const listed: unknown[] = Array.isArray(list) ? list : [];
  const ids = [
    ...Object.keys(asObject(agents?.["entries"]) ?? {}),
    ...listed.map((entry) => asString(asObject(entry)?.["id"])).filter((id) => id !== undefined),
  ];
  return ids.find((id) => id.trim().toLowerCase() === wanted.trim().toLowerCase());
}

/** The agent that a whole account is bound to. */
function boundAgent(bindings: readonly unknown[], accountId: string): string | undefined {
  const binding = bindings.map(asObject).find((entry) => {
    const match = asObject(entry?.["match"]);
    return (
      match?.["channel"] === CHANNEL_ID &&
      asString(match["accountId"])?.trim().toLowerCase() === accountId.toLowerCase() &&
      match["peer"] === undefined
    );
  });
  return asString(binding?.["agentId"]);
}

function howToBind({ agent, accounts }: Wish): string {
  const binds = accounts.map((id) => ` --bind ${CHANNEL_ID}:${id}`).join("");
  return `OpenClaw has no agent "${agent}". To let it answer these accounts: openclaw agents add ${agent}, then openclaw agents bind --agent ${agent}${binds}.`;
}
