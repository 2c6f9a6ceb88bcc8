// Owns the security adapter: who may talk, in the words of the host's own audit, and where our findings come from.
import { createScopedDmSecurityResolver } from "openclaw/plugin-sdk/channel-config-helpers";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { peerOfSender } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { tokensInConfig } from "./security-tokens.ts";

/** The audit and `openclaw doctor` load the light entry only, so this belongs to the channel's base. */
export const securityAdapter: NonNullable<ChannelPlugin<ResolvedAccount>["security"]> = {
  resolveDmPolicy: createScopedDmSecurityResolver<ResolvedAccount>({
    channelKey: CHANNEL_ID,
    resolvePolicy: (account) => account.dmPolicy,
    resolveAllowFrom: (account) => [...account.allowFrom],
    defaultPolicy: "pairing",
    policyPathSuffix: "dmPolicy",
    // The audit routes each sender the way a message of it would be routed.
    normalizeEntry: peerOfSender,
  }),
  // For the audit and the doctor. What the audit alone may find needs the configuration before secrets were read.
  collectWarnings: async (ctx) => (await import("./security-findings.ts")).securityFindings(ctx),
  collectAuditFindings: ({ sourceConfig, account }) => tokensInConfig(sourceConfig, account),
};
