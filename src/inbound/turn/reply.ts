// Owns how the host hands a turn's answer back: finals through its own queue, everything else posted at once.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { ChannelInboundTurnPlan } from "openclaw/plugin-sdk/channel-inbound";
import type { AccountLog } from "../account-log.ts";

/** Posts for a conversation; the way out belongs to another room, so it is handed in. */
export type PostReply = (post: {
  cfg: OpenClawConfig;
  accountId: string;
  to: string;
  text: string;
  mediaUrls?: readonly string[];
  signal: AbortSignal;
}) => Promise<{ messageIds: string[] }>;

export function replyDelivery(options: {
  readonly cfg: OpenClawConfig;
  readonly accountId: string;
  readonly to: string;
  readonly messageId: number;
  readonly post: PostReply;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
}): ChannelInboundTurnPlan["delivery"] {
  const { cfg, accountId, to, post, log, signal } = options;
  return {
    observeMessageSent: true,
    // Finals go through the host's own queue: they survive a restart between answer and post.
    durable: () => ({ to }),
    // What the queue does not take (an interim block, say) is posted at once.
    deliver: async (payload) => {
      const text = payload.text ?? "";
      const mediaUrls = [payload.mediaUrl, ...(payload.mediaUrls ?? [])]
        .filter((url) => url !== undefined)
        .filter((url, index, all) => all.indexOf(url) === index);
      if (text.trim() === "" && mediaUrls.length === 0) return { visibleReplySent: false };
      const { messageIds } = await post({ cfg, accountId, to, text, mediaUrls, signal });
      return { visibleReplySent: true, messageIds };
    },
    onError: (error, { kind }) =>
      log.warn(
        `Could not deliver the ${kind} reply to message ${options.messageId}: ${String(error)}`,
      ),
  };
}
