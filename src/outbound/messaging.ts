// Owns the grammar of targets for the host: prefixes, normal form, what looks like an id, and the session a target belongs to.
import {
  buildChannelOutboundSessionRoute,
  type ChannelPlugin,
} from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../config/types.ts";
import { normalizeTarget, parseTarget } from "./target.ts";

export const messagingAdapter: NonNullable<ChannelPlugin["messaging"]> = {
  targetPrefixes: [CHANNEL_ID],
  targetIdComparison: "lowercase",
  normalizeTarget,
  inferTargetChatType: () => "direct",
  targetResolver: {
    hint: "<application id>, e.g. gotify:5",
    looksLikeId: (raw) => parseTarget(raw) !== undefined,
    resolveTarget: async ({ input }) => {
      const target = parseTarget(input);
      return target === undefined
        ? null
        : { to: target.peerId, kind: "user", source: "normalized" };
    },
  },
  // The same peer id that inbound messages have, so that both directions share one session.
  resolveOutboundSessionRoute: ({ cfg, agentId, accountId, target }) => {
    const parsed = parseTarget(target);
    if (parsed === undefined) return null;
    return buildChannelOutboundSessionRoute({
      cfg,
      agentId,
      channel: CHANNEL_ID,
      ...(accountId === undefined ? {} : { accountId }),
      recipientSessionExact: true,
      peer: { kind: "direct", id: parsed.peerId },
      chatType: "direct",
      from: `${CHANNEL_ID}:${parsed.peerId}`,
      to: `${CHANNEL_ID}:${parsed.peerId}`,
    });
  },
};
