// Owns what `openclaw doctor` says beside the security findings, which it asks for itself: accounts that are off or cannot answer as they are told to. Tokens in plain text it finds by the secret contract.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../config/accounts.ts";
import { replyToProblem } from "../config/reply-to.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";

type Doctor = NonNullable<ChannelPlugin<ResolvedAccount>["doctor"]>;

export const doctorAdapter: Doctor = {
  collectPreviewWarnings: ({ cfg }) =>
    accountsInOrder(cfg)
      .filter(({ enabled }) => enabled)
      .flatMap((account) => [...offWarnings(account), ...replyToWarnings(account)]),
};

/** The host asks nobody for the security findings of an account that is not configured, and says nothing of it itself. */
function offWarnings({ accountId, configured, problem }: ResolvedAccount): string[] {
  if (configured || problem === undefined) return [];
  return [`- channels.${CHANNEL_ID}: the account ${accountId} does not run. ${problem}`];
}

function replyToWarnings(account: ResolvedAccount): string[] {
  const problem = replyToProblem(account);
  return problem === undefined ? [] : [`- channels.${CHANNEL_ID}: ${problem}`];
}
