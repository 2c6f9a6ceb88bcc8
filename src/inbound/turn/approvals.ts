// Owns whose `/approve` counts, for the host: nobody's, unless the operator says so.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../../config/accounts.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { mayApprove, refusedApproval } from "./rights.ts";

type Capability = NonNullable<ChannelPlugin<ResolvedAccount>["approvalCapability"]>;

/**
 * Asked for each decision. The host's own helper lets everybody in the chat approve while no approver is
 * named, and here the chat is whatever may push: an alert that quotes a stranger's text must not approve.
 */
export const approvalCapability: Capability = {
  authorizeActorAction: ({ cfg, accountId, senderId }) => {
    const account = resolveAccount(cfg, accountId ?? null);
    const appId = applicationOf(account, senderId);
    if (appId !== undefined && mayApprove(cfg, account, appId)) return { authorized: true };
    const reason =
      appId === undefined ? "This sender may not approve." : refusedApproval(account, appId);
    return { authorized: false, reason };
  },
};

/** From `<account>/<application>`, which is what turns call their sender. */
function applicationOf(
  account: ResolvedAccount,
  sender: string | null | undefined,
): number | undefined {
  const prefix = `${account.accountId}/`;
  if (typeof sender !== "string" || !sender.startsWith(prefix)) return undefined;
  const id = sender.slice(prefix.length);
  return /^\d+$/.test(id) ? Number(id) : undefined;
}
