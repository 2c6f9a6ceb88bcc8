// Owns the host's two outbound contracts: the adapter that plans a reply, and the message adapter that posts it.
import {
  createMessageReceiptFromOutboundResults,
  defineChannelMessageAdapter,
} from "openclaw/plugin-sdk/channel-outbound";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { chunkMarkdownTextWithMode } from "openclaw/plugin-sdk/reply-chunking";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { sendText, type SendRequest } from "./send.ts";
import { parseTarget } from "./target.ts";

/** Characters per message: what is still readable on a phone. */
const TEXT_LIMIT_CHARS = 3_500;

type Outbound = NonNullable<ChannelPlugin<ResolvedAccount>["outbound"]>;

export const outboundAdapter: Outbound = {
  deliveryMode: "direct",
  chunker: (text, limit, ctx) =>
    chunkMarkdownTextWithMode(text, limit, ctx?.formatting?.chunkMode ?? "length"),
  chunkerMode: "markdown",
  textChunkLimit: TEXT_LIMIT_CHARS,
  deliveryCapabilities: {
    durableFinal: { text: true, media: true, silent: true, messageSendingHooks: true },
  },
  resolveTarget: ({ to }) => {
    const target = parseTarget(to ?? "");
    return target === undefined
      ? { ok: false, error: new Error("Name a Gotify conversation, e.g. gotify:5.") }
      : { ok: true, to: target.peerId };
  },
  sendText: async (ctx) => {
    const { message, peerId } = await sendText(ctx);
    return {
      channel: CHANNEL_ID,
      messageId: String(message.id),
      conversationId: peerId,
      timestamp: message.date?.getTime() ?? Date.now(),
    };
  },
};

export const messageAdapter = defineChannelMessageAdapter({
  id: CHANNEL_ID,
  durableFinal: {
    capabilities: { text: true, media: true, silent: true, messageSendingHooks: true },
  },
  send: {
    text: (ctx) => deliver(ctx, "text"),
    // Gotify stores no files: what is on the web is linked, and a local file cannot be sent at all.
    media: (ctx) => deliver({ ...ctx, text: withLink(ctx.text, ctx.mediaUrl) }, "media"),
  },
  receive: {
    defaultAckPolicy: "after_receive_record",
    supportedAckPolicies: ["after_receive_record"],
  },
});

/** Posts a reply outside the host's queue, for what has no place in it. */
export async function postReply(
  request: SendRequest & { readonly mediaUrls?: readonly string[] },
): Promise<{ messageIds: string[] }> {
  const text = (request.mediaUrls ?? []).reduce(withLink, request.text);
  const { message } = await sendText({ ...request, text });
  return { messageIds: [String(message.id)] };
}

async function deliver(request: SendRequest, kind: "text" | "media") {
  const { message, peerId } = await sendText(request);
  const messageId = String(message.id);
  return {
    messageId,
    receipt: createMessageReceiptFromOutboundResults({
      kind,
      results: [{ channel: CHANNEL_ID, messageId, conversationId: peerId }],
    }),
  };
}

function withLink(text: string, mediaUrl: string): string {
  const url = URL.parse(mediaUrl);
  const isOnTheWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:");
  const link = isOnTheWeb ? `<${url.href}>` : "(a file that cannot be sent over Gotify)";
  return text.trim() === "" ? link : `${text}\n\n${link}`;
}
