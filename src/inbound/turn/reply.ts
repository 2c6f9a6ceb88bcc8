// Owns how the host hands a turn's answer back: finals through its own queue, everything else posted at once.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { ChannelInboundTurnPlan } from "openclaw/plugin-sdk/channel-inbound";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import type { AccountLog } from "../account-log.ts";

/** What a reply says about the turn that it answers. */
export interface TurnFacts {
  readonly agentId: string;
  readonly agentName: string | undefined;
  /** The newest message of the turn, and the application that it came from. */
  readonly messageId: number;
  readonly appId: number;
  readonly appName: string;
}

/** The way out. It belongs to another room, so it is handed in. */
export interface WayOut {
  /** Posts for a conversation, once. */
  readonly post: (post: {
    cfg: OpenClawConfig;
    accountId: string;
    to: string;
    payload: ReplyPayload;
    signal: AbortSignal;
  }) => Promise<{ messageIds: string[] }>;
  /** Completes the replies that an earlier process was posting when it died; ends when none is left. */
  readonly settleLeftovers: (request: {
    currentConfig: () => OpenClawConfig;
    accountId: string;
    signal: AbortSignal;
  }) => Promise<void>;
  /** Notes in a reply which turn it answers. It stays there in the host's queue, also over a restart. */
  readonly answering: (payload: ReplyPayload, turn: TurnFacts) => ReplyPayload;
}

export function replyDelivery(options: {
  readonly cfg: OpenClawConfig;
  readonly accountId: string;
  readonly to: string;
  readonly turn: TurnFacts;
  readonly wayOut: WayOut;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
}): ChannelInboundTurnPlan["delivery"] {
  const { cfg, accountId, to, turn, wayOut, log, signal } = options;
  return {
    observeMessageSent: true,
    // What the agent thinks is not what it says, whatever the host shows elsewhere.
    preparePayload: (payload) =>
      payload.isReasoning === true || payload.isCommentary === true
        ? null
        : wayOut.answering(payload, turn),
    // Finals go through the host's own queue: they survive a restart between answer and post.
    durable: () => ({ to }),
    // What the queue does not take (an interim block, say) is posted at once.
    deliver: async (payload) => {
      const { messageIds } = await wayOut.post({ cfg, accountId, to, payload, signal });
      return { visibleReplySent: messageIds.length > 0, messageIds };
    },
    onError: (error, { kind }) =>
      log.warn(
        `Could not deliver the ${kind} reply to message ${turn.messageId}: ${String(error)}`,
      ),
  };
}
