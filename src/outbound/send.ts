// Owns sending one reply: plan, lane, post by post, and what a failure means for the host's queue.
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { reportPost } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import type { OutboxEntry, OutboxMessage } from "../journal/outbox.ts";
import { UnsendableMediaError } from "./media/media.ts";
import { claim, noteBegun, noteFailure, type ReplyKey, type Seen } from "./noting.ts";
import { planReply, type Plan, type PlanRequest } from "./plan.ts";
import { inOrder } from "./post/in-order.ts";
import { PostFailure, postPart } from "./post/post-part.ts";
import { sharedPosting, type Posting } from "./posting.ts";
import type { Part } from "./reply.ts";
import { otherDestination } from "./target/destination.ts";
import { learnOwnApplication } from "./target/own-application.ts";

/** A reply and what the host says about its delivery; a subset of the host's send contexts. */
export interface SendRequest extends PlanRequest {
  /** The host's id of the delivery; the same when it tries again. */
  readonly deliveryQueueId?: string | undefined;
  readonly deliveryPartIndex?: number | undefined;
  readonly deliveryPartCount?: number | undefined;
  readonly onPlatformSendDispatch?: (() => Promise<void>) | undefined;
  readonly assertDirectAdapterHandoff?: (() => void) | undefined;
  /** Called after each message of the reply is stored. */
  readonly onPosted?: ((message: OutboxMessage) => Promise<void> | void) | undefined;
}

export interface SentReply {
  /** As stored, in order; `[]` when there was nothing to be seen. */
  readonly messages: readonly OutboxMessage[];
  readonly peerId: string;
}

/**
 * Sends a reply: all its messages, in order, each once.
 *
 * @throws {PlatformMessageNotDispatchedError} when nothing can have been stored: retryable when waiting
 * may help, not retryable when the server or the configuration says no. Any other error means that a part
 * of it is stored or may be.
 */
export async function sendReply(
  request: SendRequest,
  posting: Posting = sharedPosting(),
): Promise<SentReply> {
  const { host } = posting;
  const key: ReplyKey = {
    id: request.deliveryQueueId ?? host.newDeliveryId(),
    payload: request.deliveryPartIndex ?? 0,
    payloads: request.deliveryPartCount ?? 1,
  };
  const isKept = request.deliveryQueueId !== undefined;
  const stored = new Map<number, OutboxMessage>();
  let plan: Plan | undefined;
  let seen: Seen | undefined;
  try {
    const planned = await planReply(request);
    plan = planned;
    const { account, peerId, notice } = planned.destination;
    if (notice !== undefined) host.warn(notice);
    if (planned.parts.length === 0) return { messages: [], peerId };
    await inOrder(account.accountId, request.signal, async () => {
      // Only now: while it waited for its turn, it may have been sent from the outbox.
      const entry = isKept ? entryOf(account.accountId, key, posting) : undefined;
      const looked: Seen = { entry, isNoted: false };
      seen = looked;
      for (const [part, message] of entry?.stored ?? []) stored.set(part, message);
      if (entry?.state === "arrived") return;
      // What was begun is what goes on: a change of the configuration must not split it anew.
      const begun = entry === undefined ? planned : { ...planned, parts: entry.parts };
      plan = begun;
      const onBegin = (): void => {
        if (entry !== undefined && !looked.isNoted) claim(account.accountId, entry, posting);
        else noteBegun(begun, key, stored, posting);
        looked.isNoted = true;
      };
      const order = { ...request, onBegin: isKept ? onBegin : undefined, sinceAt: entry?.notedAt };
      await postParts(begun, key, stored, order, posting);
      if (isKept) host.unsettled.forgetSoon(account.accountId, key);
    });
    return { messages: [...stored.values()], peerId };
  } catch (error) {
    if (error instanceof PlatformMessageNotDispatchedError) throw error;
    const failure = asFailure(error);
    plan ??= await planOffline(request, failure);
    if (plan !== undefined) noteFailure({ plan, key, request, failure, stored, seen }, posting);
    // With a part of it stored, only reading back can say what is left to do.
    if (stored.size > 0 || failure.outcome === "unknown") {
      throw request.signal?.aborted === true ? failure.cause : failure;
    }
    throw new PlatformMessageNotDispatchedError(failure.message, {
      cause: failure.cause,
      retryable: failure.outcome === "not-sent",
    });
  }
}

/** An answer whose place could not be asked for waits all the same: where it goes is asked again before it is sent. */
async function planOffline(
  request: SendRequest,
  { outcome }: PostFailure,
): Promise<Plan | undefined> {
  const isAnswer = request.reply.answers.messageId !== undefined;
  if (!isAnswer || request.deliveryQueueId === undefined || outcome !== "not-sent")
    return undefined;
  return planReply({ ...request, isOffline: true, signal: undefined }).catch(() => undefined);
}

/**
 * What is known of the reply from before.
 *
 * @throws {PlatformMessageNotDispatchedError} when a post of it began that the host does not know of, by hand
 * for example, and nobody knows whether it arrived.
 */
function entryOf(accountId: string, key: ReplyKey, { host }: Posting): OutboxEntry | undefined {
  const entry = host.unsettled.find(accountId, key);
  if (entry?.state !== "unknown") return entry;
  throw new PlatformMessageNotDispatchedError(
    `It was begun before, or sent by hand, and may have arrived. Look for it in Gotify, or run openclaw gotify dead-letters resubmit ${key.id}.`,
    { cause: undefined, retryable: false },
  );
}

/** How a reply's messages are posted. */
export interface PostOrder extends Pick<
  SendRequest,
  "signal" | "onPlatformSendDispatch" | "assertDirectAdapterHandoff" | "onPosted"
> {
  /** Called right before each post, after the host's own mark. */
  readonly onBegin?: (() => void) | undefined;
  /** When the first post of the reply can have begun; left out: with this one. */
  readonly sinceAt?: number | undefined;
}

/**
 * Posts the parts that are not there yet, in order, and adds them to `stored`. To be called in the account's lane.
 *
 * @throws {PostFailure}
 */
export async function postParts(
  plan: Plan,
  key: ReplyKey,
  stored: Map<number, OutboxMessage>,
  order: PostOrder,
  { host, guard, signs }: Posting,
): Promise<void> {
  const { parts, reader, seesPosts } = plan;
  const { accountId } = plan.destination.account;
  const { signal, sinceAt } = order;
  let { destination } = plan;
  const beforePost = async (): Promise<void> => {
    await order.onPlatformSendDispatch?.();
    signal?.throwIfAborted();
    order.assertDirectAdapterHandoff?.();
    order.onBegin?.();
  };
  const post = async (part: Part, index: number): Promise<OutboxMessage> => {
    const { client, appId } = destination;
    const stamp = { by: host.installId(), ...key, part: index, parts: parts.length };
    try {
      return await postPart(
        { client, reader, seesPosts, sinceAt, appId, part, stamp, signal, beforePost },
        host,
        guard,
      );
    } catch (error) {
      const other = otherDestination(destination, error);
      if (other === undefined) throw error;
      if (other.notice !== undefined) host.warn(other.notice);
      destination = other;
      return post(part, index);
    }
  };
  for (const [index, part] of parts.entries()) {
    if (stored.has(index)) continue;
    const { id, appId } = await post(part, index);
    stored.set(index, { id, appId });
    signs.noteTaken(accountId);
    host.recordActivity(accountId);
    reportPost(accountId, { kind: "posted" });
    if (destination.appId === undefined) learnOwnApplication(destination.account, appId);
    await order.onPosted?.({ id, appId });
  }
}

/** Whatever else is thrown before a post begins is proof that nothing was sent, an abort included. */
function asFailure(error: unknown): PostFailure {
  if (error instanceof PostFailure) return error;
  const isForGood = error instanceof GotifyConfigError || error instanceof UnsendableMediaError;
  return new PostFailure(errorText(error), {
    outcome: isForGood ? "refused" : "not-sent",
    cause: error,
  });
}
