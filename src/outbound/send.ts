// Owns sending one reply: plan, lane, post by post, and what a failure means for the host's queue.
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { reportPost } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import { GotifyConfigError, GotifyHttpError } from "../gotify/errors.ts";
import type { OutboxEntry, OutboxMessage, OutboxNote } from "../journal/outbox.ts";
import { UnsendableMediaError } from "./media/media.ts";
import { planReply, type Plan, type PlanRequest } from "./plan.ts";
import { inOrder } from "./post/in-order.ts";
import { PostFailure, postPart } from "./post/post-part.ts";
import { createPostingGuard, type PostingGuard } from "./post/posting-guard.ts";
import { postingHost, type PostingHost } from "./post/posting-host.ts";
import { createSigns, type Signs } from "./post/signs.ts";
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

/** Which reply this is, as its stamp and its outbox entry say. */
export interface ReplyKey {
  readonly id: string;
  readonly payload: number;
  readonly payloads: number;
}

/** What a post needs: the process, and what it knows of servers and of its own posts. */
export interface Posting {
  readonly host: PostingHost;
  readonly guard: PostingGuard;
  readonly signs: Signs;
}

let shared: Posting | undefined;

/** The one of this process, so that all its posts share what is known. */
export function sharedPosting(): Posting {
  shared ??= createPosting(postingHost());
  return shared;
}

export function createPosting(host: PostingHost): Posting {
  return { host, guard: createPostingGuard(host), signs: createSigns(host) };
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
  const stored = new Map<number, OutboxMessage>();
  let plan: Plan | undefined;
  let entry: OutboxEntry | undefined;
  let isNoted = false;
  try {
    const planned = await planReply(request);
    plan = planned;
    const { account, peerId, notice } = planned.destination;
    if (notice !== undefined) host.warn(notice);
    if (planned.parts.length === 0) return { messages: [], peerId };
    await inOrder(account.accountId, request.signal, async () => {
      // Only now: while it waited for its turn, it may have been sent from the outbox.
      entry = entryOf(request, account.accountId, key, posting);
      for (const [part, message] of entry?.stored ?? []) stored.set(part, message);
      if (entry?.state === "arrived") return;
      // What was begun is what goes on: a change of the configuration must not split it anew.
      const begun = entry === undefined ? planned : { ...planned, parts: entry.parts };
      plan = begun;
      const isKept = request.deliveryQueueId !== undefined;
      const onBegin = (): void => {
        isNoted = true;
        noteBegun(begun, key, stored, posting);
      };
      const order = { ...request, onBegin: isKept ? onBegin : undefined, sinceAt: entry?.notedAt };
      await postParts(begun, key, stored, order, posting);
      if (isKept) host.unsettled.look(account.accountId, (outbox) => outbox.forget(key));
    });
    return { messages: [...stored.values()], peerId };
  } catch (error) {
    if (error instanceof PlatformMessageNotDispatchedError) throw error;
    const failure = asFailure(error);
    if (plan !== undefined) {
      noteFailure({ plan, key, request, failure, stored, entry, isNoted }, posting);
    }
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

/**
 * What is known of the reply from before.
 *
 * @throws {PlatformMessageNotDispatchedError} when a post of it began that the host does not know of, by hand
 * for example, and nobody knows whether it arrived.
 */
function entryOf(
  { deliveryQueueId }: SendRequest,
  accountId: string,
  key: ReplyKey,
  { host }: Posting,
): OutboxEntry | undefined {
  if (deliveryQueueId === undefined) return undefined;
  const entry = host.unsettled.look(accountId, (outbox) => outbox.find(key));
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

interface FailedReply {
  readonly plan: Plan;
  readonly key: ReplyKey;
  readonly request: SendRequest;
  readonly failure: PostFailure;
  readonly stored: ReadonlyMap<number, OutboxMessage>;
  /** What was known of it before. */
  readonly entry: OutboxEntry | undefined;
  /** Whether this attempt has noted that a post begins. */
  readonly isNoted: boolean;
}

function noteFailure(failed: FailedReply, posting: Posting): void {
  const { plan, key, request, failure, stored } = failed;
  const { accountId } = plan.destination.account;
  const isUnbegun = failure.outcome === "not-sent" && stored.size === 0;
  const isStopped = isUnbegun && (failure.isHosts || request.signal?.aborted === true);
  if (!isStopped) reportFailure(accountId, key, failure, posting);
  // What the host does not keep, it does not try again: its caller hears of it at once.
  if (request.deliveryQueueId === undefined) return;
  if (isStopped) {
    noteStopped(failed, posting);
    return;
  }
  posting.host.unsettled.write(accountId, (outbox) => outbox.note(noteOf(failed), true));
}

/** Nothing of it can have been sent: what was known of it before is what is known now. */
function noteStopped(failed: FailedReply, { host }: Posting): void {
  const { plan, key, request, failure, entry, isNoted } = failed;
  const { accountId } = plan.destination.account;
  const isWanted = entry !== undefined || isOwed(request, failure);
  if (isNoted) {
    host.unsettled.write(accountId, (outbox) => {
      if (isWanted) outbox.note(noteOf(failed), false);
      else outbox.forget(key);
    });
  } else if (isWanted) {
    host.unsettled.write(accountId, (outbox) => outbox.adopt(noteOf(failed)));
  }
}

function noteOf({ plan, key, failure, stored }: FailedReply): OutboxNote {
  const progress = `${stored.size} of ${plan.parts.length} messages are stored. `;
  return {
    ...outboxNote(plan, key, stored),
    state: failure.outcome === "not-sent" ? "waiting" : failure.outcome,
    reason: `${stored.size === 0 ? "" : progress}${failure.message}`,
    startedAt: failure.startedAt,
    answeredAt: failure.answeredAt,
  };
}

/**
 * Whether somebody waits for it although it was stopped: an answer to a message does not lose its point with
 * the end of the process, nor because its conversation has gone on, for which the host withdraws it.
 */
function isOwed({ reply }: SendRequest, { cause }: PostFailure): boolean {
  const isWithdrawn = cause instanceof Error && cause.name === "SessionWriterDeliveryRevokedError";
  return reply.answers.messageId !== undefined || isWithdrawn;
}

/**
 * Before each post, so that a kill leaves more behind than the host's own row: that one the host throws away
 * when the conversation goes on before it has looked at it.
 */
export function noteBegun(
  plan: Plan,
  key: ReplyKey,
  stored: ReadonlyMap<number, OutboxMessage>,
  { host }: Posting,
): void {
  host.unsettled.write(plan.destination.account.accountId, (outbox) => {
    const reason = "It was being posted when OpenClaw ended.";
    const begun = { state: "unknown", reason, startedAt: host.now() } as const;
    outbox.note({ ...outboxNote(plan, key, stored), ...begun }, false);
  });
}

/** What an outbox entry says of a reply, whatever became of it. */
export function outboxNote(
  { to, destination, parts }: Plan,
  key: ReplyKey,
  stored: ReadonlyMap<number, OutboxMessage>,
): Omit<OutboxNote, "state" | "reason"> {
  return { ...key, target: to, appId: destination.appId, parts, stored };
}

/** Tells the way in of this account what it can do something about, and remembers a doubt. */
export function reportFailure(
  accountId: string,
  { id }: ReplyKey,
  failure: PostFailure,
  { signs }: Posting,
): void {
  if (failure.outcome === "unknown") signs.noteDoubt(accountId, id);
  if (failure.isHosts) return;
  if (failure.outcome === "unknown") reportPost(accountId, { kind: "unknown" });
  // A refused text says nothing of the next one; a refused token does.
  const concernsEveryPost = failure.outcome === "not-sent" || isAboutToken(failure.cause);
  if (concernsEveryPost && !(failure.cause instanceof GotifyConfigError)) {
    reportPost(accountId, { kind: "refused", reason: failure.message });
  }
}

function isAboutToken(error: unknown): boolean {
  return error instanceof GotifyHttpError && (error.status === 401 || error.status === 403);
}
