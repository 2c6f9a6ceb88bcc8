// Owns what the outbox is told of a reply: before each post, after a failure, and when somebody stopped it.
import { reportPost } from "../config/account-signals.ts";
import { GotifyConfigError, GotifyHttpError } from "../gotify/errors.ts";
import {
  BEING_POSTED,
  type OutboxEntry,
  type OutboxMessage,
  type OutboxNote,
} from "../journal/outbox.ts";
import { originOf, type Plan } from "./plan.ts";
import type { PostFailure } from "./post/post-part.ts";
import type { Posting } from "./posting.ts";
import type { SendRequest } from "./send.ts";

/** Which reply this is, as its stamp and its outbox entry say. */
export interface ReplyKey {
  readonly id: string;
  readonly payload: number;
  readonly payloads: number;
}

/** What an attempt to send found in the outbox, from inside the account's lane. */
export interface Seen {
  readonly entry: OutboxEntry | undefined;
  /** Whether it has noted since that a post begins. */
  isNoted: boolean;
}

/** Another process has the reply just now. Nothing was sent here, and nothing is to be noted. */
export class TakenError extends Error {
  override readonly name = "TakenError";
}

/**
 * Marks that a post of a reply that waits begins now.
 *
 * @throws {TakenError} when the entry is not as it was seen, or the mark cannot be made: a post that nobody
 * noted would be made again.
 */
export function claim(accountId: string, seen: OutboxEntry, { host }: Posting): void {
  const isOurs = host.unsettled.look(accountId, (outbox) => outbox.claim(seen));
  if (isOurs === true) return;
  throw new TakenError("It is being sent by another process, or could not be noted. It waits on.");
}

/** A reply whose sending failed, and what is known of it. */
export interface FailedReply {
  readonly plan: Plan;
  readonly key: ReplyKey;
  readonly request: SendRequest;
  readonly failure: PostFailure;
  readonly stored: ReadonlyMap<number, OutboxMessage>;
  /** `undefined` when its turn in the account's lane never came. */
  readonly seen: Seen | undefined;
}

export function noteFailure(failed: FailedReply, posting: Posting): void {
  const { plan, key, request, failure, stored, seen } = failed;
  const { accountId } = plan.destination.account;
  const { unsettled } = posting.host;
  const isUnbegun = failure.outcome === "not-sent" && stored.size === 0;
  const isStopped = isUnbegun && (failure.isHosts || request.signal?.aborted === true);
  if (!isStopped) reportFailure(accountId, key, failure, posting);
  // What the host does not keep, it does not try again: its caller hears of it at once.
  if (request.deliveryQueueId === undefined || failure.cause instanceof TakenError) return;
  // An answer to a message does not lose its point with the end of the process.
  const isWanted = !isStopped || seen?.entry !== undefined || isOwed(plan);
  if (seen === undefined || (isStopped && !seen.isNoted)) {
    // What is known of it by now is better than what is known here.
    if (isWanted) unsettled.write(accountId, (outbox) => outbox.adopt(noteOf(failed)));
  } else if (isWanted) {
    unsettled.write(accountId, (outbox) => outbox.note(noteOf(failed), !isStopped));
  } else {
    // Whoever stopped it knows, and nothing of it can have been sent.
    unsettled.look(accountId, (outbox) => outbox.forget(key));
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
 * Before each post, so that a kill leaves more behind than the host's own row: that one the host throws away
 * when the conversation goes on before it has looked at it.
 */
export function noteBegun(
  plan: Plan,
  key: ReplyKey,
  stored: ReadonlyMap<number, OutboxMessage>,
  { host }: Posting,
): void {
  const begun = { state: "unknown", reason: BEING_POSTED, startedAt: host.now() } as const;
  host.unsettled.begin(plan.destination.account.accountId, {
    ...outboxNote(plan, key, stored),
    ...begun,
  });
}

/** What an outbox entry says of a reply, whatever became of it. */
export function outboxNote(
  plan: Plan,
  key: ReplyKey,
  stored: ReadonlyMap<number, OutboxMessage>,
): Omit<OutboxNote, "state" | "reason"> {
  const { to, destination, parts, answers } = plan;
  return {
    ...key,
    target: to,
    appId: destination.appId,
    answeredApp: answers.appId,
    isOwed: isOwed(plan),
    origin: originOf(destination),
    parts,
    stored,
  };
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

function isOwed({ answers }: Plan): boolean {
  return answers.messageId !== undefined;
}
