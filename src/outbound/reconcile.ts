// Owns the host's question what became of a reply whose sending was cut short: read back, complete, or say that nobody knows.
import {
  createMessageReceiptFromOutboundResults,
  type ChannelMessageUnknownSendContext,
  type ChannelMessageUnknownSendReconciliationResult,
} from "openclaw/plugin-sdk/channel-outbound";
import { listAccountIds } from "../config/account-ids.ts";
import { CHANNEL_ID } from "../config/types.ts";
import type { OutboxMessage } from "../journal/outbox.ts";
import { completeReply } from "./completion.ts";
import { replyOf } from "./controls/native.ts";
import { addressed, planReply } from "./plan.ts";
import { sharedPosting, type Posting } from "./posting.ts";
import { resolveDestination, type Destination } from "./target/destination.ts";

/**
 * Whatever is missing and proven not to be stored is posted here and now: after a send of unknown outcome
 * the host itself never sends again.
 */
export async function reconcileUnknownSend(
  ctx: ChannelMessageUnknownSendContext,
  posting: Posting = sharedPosting(),
): Promise<ChannelMessageUnknownSendReconciliationResult> {
  const [payload, ...others] = ctx.payloads;
  if (payload === undefined || others.length > 0) {
    return unresolved(`The delivery has ${ctx.payloads.length} payloads, not one.`, false);
  }
  const reply = replyOf(payload, { silent: ctx.silent === true });
  const { cfg, to, accountId: named } = ctx;
  const destination = await resolveDestination({
    cfg,
    to,
    accountId: named,
    answers: reply.answers,
  });
  const { accountId } = destination.account;
  const key = { id: ctx.queueId, payload: 0, payloads: 1 };
  const entry = posting.host.unsettled.look(accountId, (outbox) => outbox.find(key));
  if (entry?.state === "refused") return unresolved(entry.reason, false);
  if (entry?.state === "arrived") {
    // With nothing stored, somebody dropped it.
    if (entry.stored.size === 0) return unresolved(entry.reason, false);
    return sent([...entry.stored.values()], destination);
  }
  // What was noted is what was begun: a change of the configuration, or a file that is gone, must not split
  // it anew.
  const plan =
    entry === undefined
      ? await planReply({ cfg, to, accountId: named, reply })
      : { ...addressed(to, destination, reply.answers), parts: entry.parts };
  const outcome = await completeReply(
    {
      plan,
      key,
      sinceAt: Math.min(ctx.enqueuedAt, entry?.notedAt ?? ctx.enqueuedAt),
      startedAt: entry?.startedAt ?? ctx.platformSendStartedAt ?? ctx.enqueuedAt,
      answeredAt: entry?.answeredAt,
      stored: entry?.stored ?? new Map(),
      isCertain: entry?.state === "waiting",
    },
    posting,
  );
  if (outcome.kind === "arrived") return sent(outcome.messages, destination);
  return unresolved(outcome.reason, outcome.kind === "doubtful");
}

/** The host has given up: the reply stays in the outbox, from where it can be sent again by hand. */
export function noteGivenUp(
  { cfg, queueId }: Pick<ChannelMessageUnknownSendContext, "cfg" | "queueId">,
  { host }: Posting = sharedPosting(),
): void {
  // A target can name an account of its own, so the delivery is looked for in all of them.
  for (const accountId of listAccountIds(cfg)) {
    host.unsettled.look(accountId, (outbox) => outbox.noteGivenUp(queueId));
  }
}

function unresolved(
  error: string,
  retryable: boolean,
): ChannelMessageUnknownSendReconciliationResult {
  return { status: "unresolved", error, retryable };
}

function sent(
  messages: readonly OutboxMessage[],
  { peerId }: Destination,
): ChannelMessageUnknownSendReconciliationResult {
  const results = messages.map(({ id }) => ({
    channel: CHANNEL_ID,
    messageId: String(id),
    conversationId: peerId,
  }));
  const [first] = results;
  return {
    status: "sent",
    receipt: createMessageReceiptFromOutboundResults({ kind: "text", results }),
    ...(first === undefined ? {} : { messageId: first.messageId }),
  };
}
