// Owns which account a tool works on: one that has the tools switched on, and no other.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { listAccountIds, normalizeAccountId } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { openSession, type Session } from "./session.ts";
import { ToolRefusedError } from "./tools-request.ts";

/** @throws {ToolRefusedError} when the account has no tools, or several have and none is named; what opening a session throws. */
export async function openToolSession(
  cfg: OpenClawConfig,
  wanted: string | undefined,
): Promise<Session> {
  const usable = listAccountIds(cfg).filter((id) => {
    const { enabled, agentTools } = resolveAccount(cfg, id);
    return enabled && agentTools;
  });
  const named = wanted === undefined ? usable : [normalizeAccountId(wanted)];
  const [account, ...others] = named;
  if (account === undefined || !usable.includes(account)) {
    throw new ToolRefusedError(
      `The Gotify account ${wanted ?? "that is meant"} has no tools for agents. ${usable.length > 0 ? `Those that have: ${usable.join(", ")}.` : "Its operator can set tools.enabled."}`,
    );
  }
  if (others.length > 0) {
    throw new ToolRefusedError(`Name the account: ${usable.join(" or ")}.`);
  }
  return openSession({ account }, { config: async () => cfg });
}
