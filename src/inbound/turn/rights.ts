// Owns who may command and who may approve: rights of their own, which talking does not give.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { ownersOf } from "../../config/host-lists.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import { isListed, senderId } from "../../config/sender-id.ts";

const APPROVAL = /^\/approve(?:\s|$)/i;
/** Where the host looks for it. */
const EXEC = /(?<!\S)\/exec(?=$|\s|:)/i;

/** May have its text commands carried out. */
export function mayCommand(account: ResolvedAccount, appId: number): boolean {
  return isListed(account, account.commandsFrom, appId);
}

/** May answer approval requests: listed in `approvers`, or one of the host's owners. */
export function mayApprove(cfg: OpenClawConfig, account: ResolvedAccount, appId: number): boolean {
  return isListed(account, account.approvers, appId) || isOwner(cfg, account, appId);
}

/** One of the host's owners, whom it writes as `gotify:<account>/<application>`. */
function isOwner(cfg: OpenClawConfig, account: ResolvedAccount, appId: number): boolean {
  const owner = `${CHANNEL_ID}:${senderId(account.accountId, appId)}`;
  return ownersOf(cfg).some((entry) => entry === owner);
}

/** One line for an application that may not approve, and for whoever may change that. */
export function refusedApproval(account: ResolvedAccount, appId: number): string {
  return `Application ${appId} may not approve. Add it to approvers of the Gotify account ${account.accountId} to let it.`;
}

export function isApproval(text: string): boolean {
  return APPROVAL.test(text.trim());
}

/**
 * Whether a command says which commands the agent runs without asking, as `/exec ask=off` does, anywhere in it.
 * Whoever may not approve must not be able to make approvals needless.
 */
export function sparesApproval(command: string): boolean {
  return EXEC.test(command);
}

/** One line for an application whose command would have spared an approval. */
export function refusedExec(account: ResolvedAccount, appId: number): string {
  return `Not carried out: /exec decides what runs without an approval. ${refusedApproval(account, appId)}`;
}

/** Whether a command of this application may be carried out; to answer an approval request is a right of its own. */
export function mayRun(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  appId: number,
  answersApproval: boolean,
): boolean {
  return mayCommand(account, appId) || (answersApproval && mayApprove(cfg, account, appId));
}
