// Owns the host's two outbound contracts: the adapter that plans a reply, and the message adapter that sends it.
// What sends is loaded with the first reply: every start of the command line loads this.
import {
  createMessageReceiptFromOutboundResults,
  defineChannelMessageAdapter,
  type ChannelMessageSendMediaContext,
  type ChannelMessageSendPayloadContext,
  type ChannelMessageSendResult,
  type ChannelMessageSendTextContext,
} from "openclaw/plugin-sdk/channel-outbound";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { sanitizeAssistantVisibleText } from "openclaw/plugin-sdk/text-chunking";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import type { OutboxMessage } from "../journal/outbox.ts";
import type { LeftoversRequest } from "./leftovers.ts";
import { replyOf, withChannelData } from "./controls/native.ts";
import { presentationCapabilities, renderPresentation } from "./controls/presentation.ts";
import type { AnsweredTurn, Reply } from "./reply.ts";
import type { Posting } from "./posting.ts";
import { resolveTarget } from "./target/messaging.ts";

type Outbound = NonNullable<ChannelPlugin<ResolvedAccount>["outbound"]>;

/** What a final may need, and this channel does; each has a proof in the tests. */
export const DURABLE_CAPABILITIES = {
  text: true,
  media: true,
  payload: true,
  silent: true,
  messageSendingHooks: true,
  reconcileUnknownSend: true,
} as const;

export const outboundAdapter: Outbound = {
  deliveryMode: "direct",
  // The host must not split: only what splits a reply knows which of its messages are missing after a crash.
  chunker: null,
  sanitizeText: ({ text }) => sanitizeAssistantVisibleText(text),
  // What the agent thinks is not what it says, whatever the host shows elsewhere.
  normalizePayload: ({ payload }) => (isInnerVoice(payload) ? null : payload),
  // One reply, one call, however many pictures it has and whatever kind it is.
  sendPayloadGroupsMedia: true,
  sendTextOnlyErrorPayloads: true,
  presentationCapabilities,
  renderPresentation: ({ payload, presentation }) => renderPresentation(payload, presentation),
  deliveryCapabilities: { durableFinal: DURABLE_CAPABILITIES },
  resolveTarget,
};

/** @param posting what posts go through; the one of the process when it is left out. */
export function createMessageAdapter(posting?: () => Posting) {
  return defineChannelMessageAdapter({
    id: CHANNEL_ID,
    durableFinal: {
      capabilities: DURABLE_CAPABILITIES,
      automaticUnknownSendReconciliation: true,
      reconcileUnknownSendKinds: { text: true, media: true, payload: true },
      reconcileUnknownSend: async (ctx) => {
        const { reconcileUnknownSend } = await import("./reconcile.ts");
        return reconcileUnknownSend(ctx, posting?.());
      },
      afterUnknownSendTerminal: async (ctx) => {
        const { noteGivenUp } = await import("./reconcile.ts");
        noteGivenUp(ctx, posting?.());
      },
    },
    send: {
      text: (ctx) =>
        send(
          ctx,
          replyOf({ text: ctx.text }, { silent: ctx.silent === true }),
          "text",
          posting?.(),
        ),
      media: (ctx) =>
        send(
          ctx,
          replyOf({ text: ctx.text, mediaUrl: ctx.mediaUrl }, { silent: ctx.silent === true }),
          "media",
          posting?.(),
        ),
      payload: (ctx) =>
        send(ctx, replyOf(ctx.payload, { silent: ctx.silent === true }), "card", posting?.()),
    },
  });
}

export const messageAdapter = createMessageAdapter();

/** The way out, for the way in: it knows nothing of this room. */
export const wayOut = {
  /** Sends what has no place in the host's queue, such as an interim block: at once, and tried once. */
  async post(request: {
    readonly cfg: OpenClawConfig;
    readonly accountId: string;
    readonly to: string;
    readonly payload: ReplyPayload;
    readonly signal: AbortSignal;
  }): Promise<{ messageIds: string[] }> {
    const { payload, ...where } = request;
    const written = replyOf(payload, { silent: false });
    const reply = { ...written, text: sanitizeAssistantVisibleText(written.text) };
    const { agentId } = reply.answers;
    // Without the host's send context nobody else says what files the agent may send.
    const { filesOfAgent } = await import("./media/media.ts");
    const media =
      reply.mediaUrls.length === 0 || agentId === undefined
        ? undefined
        : await filesOfAgent(request.cfg, agentId);
    const { sendReply } = await import("./send.ts");
    const { messages } = await sendReply({ ...where, reply, media });
    return { messageIds: messages.map(({ id }) => String(id)) };
  },
  /** Completes what an earlier process left behind. Rejects with the signal's reason. */
  settleLeftovers: async (request: LeftoversRequest): Promise<void> => {
    const { settleLeftovers } = await import("./leftovers.ts");
    return settleLeftovers(request);
  },
  answering: (payload: ReplyPayload, answers: AnsweredTurn): ReplyPayload =>
    withChannelData(payload, { answers }),
};

function isInnerVoice({ isReasoning, isCommentary }: ReplyPayload): boolean {
  return isReasoning === true || isCommentary === true;
}

type SendContext =
  | ChannelMessageSendTextContext
  | ChannelMessageSendMediaContext
  | ChannelMessageSendPayloadContext;

async function send(
  ctx: SendContext,
  reply: Reply,
  kind: "text" | "media" | "card",
  posting: Posting | undefined,
): Promise<ChannelMessageSendResult> {
  const { sendReply } = await import("./send.ts");
  const { messages, peerId } = await sendReply(
    {
      cfg: ctx.cfg,
      to: ctx.to,
      accountId: ctx.accountId,
      reply,
      media: "mediaUrl" in ctx ? mediaOf(ctx) : undefined,
      signal: ctx.signal,
      deliveryQueueId: ctx.deliveryQueueId,
      deliveryPartIndex: ctx.deliveryPartIndex,
      deliveryPartCount: ctx.deliveryPartCount,
      onPlatformSendDispatch: ctx.onPlatformSendDispatch,
      assertDirectAdapterHandoff: ctx.assertDirectAdapterHandoff,
      onPosted: async (message) => ctx.onDeliveryResult?.(resultOf([message], kind, ctx.to)),
    },
    posting,
  );
  return resultOf(messages, kind, peerId);
}

function mediaOf(ctx: ChannelMessageSendMediaContext | ChannelMessageSendPayloadContext) {
  const { mediaAccess, mediaLocalRoots, mediaReadFile } = ctx;
  return { mediaAccess, mediaLocalRoots, mediaReadFile };
}

function resultOf(
  messages: readonly OutboxMessage[],
  kind: "text" | "media" | "card",
  conversationId: string,
): ChannelMessageSendResult {
  const [first] = messages;
  const receipt = createMessageReceiptFromOutboundResults({
    kind,
    results: messages.map((message) => ({
      channel: CHANNEL_ID,
      messageId: String(message.id),
      conversationId,
    })),
  });
  return first === undefined
    ? { outcome: "not_sent", receipt }
    : { receipt, messageId: String(first.id) };
}
