// Owns the host's own say over commands: whether it will carry one out, and what to tell the sender when it will not.
import { resolveCommandAuthorization } from "openclaw/plugin-sdk/command-auth";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { senderId } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import { isApproval, mayApprove, refusedApproval, refusedExec, sparesApproval } from "./rights.ts";

type CommandContext = Parameters<typeof resolveCommandAuthorization>[0]["ctx"];

/** Commands that the host carries out for everybody who may talk. */
const FOR_EVERYBODY = /^\/(?:new|reset)(?:\s|$)/i;

/**
 * `undefined` when the host will carry it out. Otherwise the line for the sender: once the host knows an
 * owner, on whatever channel, it drops the commands of everybody else and says nothing.
 */
export function refusedByHost(params: {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly appId: number;
  readonly ctx: CommandContext;
  readonly command: string;
}): string | undefined {
  const { cfg, account, appId, ctx, command } = params;
  if (isApproval(command)) {
    return mayApprove(cfg, account, appId) ? undefined : refusedApproval(account, appId);
  }
  if (sparesApproval(command) && !mayApprove(cfg, account, appId)) {
    return refusedExec(account, appId);
  }
  if (FOR_EVERYBODY.test(command)) return undefined;
  const { isAuthorizedSender } = resolveCommandAuthorization({ cfg, ctx, commandAuthorized: true });
  if (isAuthorizedSender) return undefined;
  return (
    `Not carried out: OpenClaw takes commands from its owners only (commands.ownerAllowFrom, commands.allowFrom). ` +
    `To let this application give them, add "${CHANNEL_ID}:${senderId(account.accountId, appId)}" to commands.ownerAllowFrom; it may then approve as well.`
  );
}
