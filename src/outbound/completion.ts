// Owns completing a reply of which nobody knows what arrived: reading the server back, and posting only what is missing.
import { errorText } from "../config/error-text.ts";
import type { OutboxEntry, OutboxMessage, OutboxNote } from "../journal/outbox.ts";
import {
  claim,
  noteBegun,
  outboxNote,
  reportFailure,
  TakenError,
  type ReplyKey,
} from "./noting.ts";
import type { Plan } from "./plan.ts";
import { inOrder } from "./post/in-order.ts";
import { PostFailure } from "./post/post-part.ts";
import { isProvenAbsent, readBack, type ReadBack } from "./post/read-back.ts";
import type { Posting } from "./posting.ts";
import { postParts } from "./send.ts";

/**
 * - `arrived`: all of it is stored, now at the latest.
 * - `doubtful`: something is missing and could still come; ask again.
 * - `failed`: something is missing and will not be sent by itself; `reason` says why.
 */
export type Completion =
  | { readonly kind: "arrived"; readonly messages: readonly OutboxMessage[] }
  | {
      readonly kind: "doubtful";
      readonly reason: string;
      /** True when a post did not get through: the next one would fare no better. */
      readonly isServers?: boolean;
    }
  | { readonly kind: "failed"; readonly reason: string };

export interface CompletionRequest {
  readonly plan: Plan;
  readonly key: ReplyKey;
  /** When its very first post can have begun: so far back the server is read. In ms since 1970, as all here. */
  readonly sinceAt: number;
  /** When the post began whose fate is not known. */
  readonly startedAt: number;
  /** When the server answered it, if it did. */
  readonly answeredAt: number | undefined;
  /** Parts that are known to be stored, also when they cannot be found any more. */
  readonly stored: ReadonlyMap<number, OutboxMessage>;
  /** True when every post of it that began has led to a stored message: what is not there was never sent. */
  readonly isCertain: boolean;
  /** It is sent from the outbox: the host may still have it too, and has to find out that it arrived. */
  readonly isFromOutbox?: boolean | undefined;
  /** An operator's word that what is not there shall be posted, doubt or not. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Never rejects for anything the server does: the outcome says it. */
export async function completeReply(
  asked: CompletionRequest,
  posting: Posting,
): Promise<Completion> {
  const { accountId } = asked.plan.destination.account;
  const stored = new Map(asked.stored);
  let request = asked;
  let isOurTurn = false;
  try {
    const outcome = await inOrder(accountId, asked.signal, () => {
      isOurTurn = true;
      // What was known when it was asked for may be long over: somebody else had a turn since.
      const entry = posting.host.unsettled.look(accountId, (outbox) => outbox.find(asked.key));
      request = withEntry(asked, entry);
      for (const [part, message] of entry?.stored ?? []) stored.set(part, message);
      return complete(request, entry, stored, posting);
    });
    // A doubt that only the host knew of would be gone with the host's patience.
    if (outcome.kind !== "arrived") noteOpen(request, stored, outcome.reason, posting);
    return outcome;
  } catch (error) {
    const reason = errorText(error);
    if (!(error instanceof PostFailure)) {
      if (isOurTurn) noteOpen(request, stored, reason, posting);
      return { kind: "doubtful", reason };
    }
    if (error.cause instanceof TakenError) return { kind: "doubtful", reason };
    reportFailure(accountId, request.key, error, posting);
    const { outcome, startedAt, answeredAt } = error;
    // A failure that sent nothing proves nothing of the doubt before it, which an operator may have overruled.
    const isOldDoubt = outcome === "not-sent" && request.force === true && !request.isCertain;
    const state = isOldDoubt ? "unknown" : outcome === "not-sent" ? "waiting" : outcome;
    const times = isOldDoubt ? {} : { startedAt, answeredAt };
    note(request, stored, { state, reason, ...times }, posting);
    return outcome === "refused"
      ? { kind: "failed", reason }
      : { kind: "doubtful", reason, isServers: true };
  }
}

function withEntry(asked: CompletionRequest, entry: OutboxEntry | undefined): CompletionRequest {
  if (entry === undefined || entry.state === "arrived") return asked;
  return {
    ...asked,
    isCertain: entry.state !== "unknown",
    startedAt: entry.startedAt ?? asked.startedAt,
    answeredAt: entry.answeredAt,
  };
}

async function complete(
  request: CompletionRequest,
  entry: OutboxEntry | undefined,
  stored: Map<number, OutboxMessage>,
  posting: Posting,
): Promise<Completion> {
  const { plan, key, signal } = request;
  const { accountId } = plan.destination.account;
  const { unsettled } = posting.host;
  if (entry?.state === "arrived") return { kind: "arrived", messages: [...entry.stored.values()] };
  if (entry === undefined && request.isFromOutbox === true)
    return { kind: "arrived", messages: [] };
  const read = await lookFor(request, posting);
  if (read === undefined && request.force !== true && !request.isCertain) {
    return {
      kind: "failed",
      reason:
        "Without clientToken the server cannot be asked whether the message arrived. Look for it in Gotify.",
    };
  }
  const differs = read === undefined ? undefined : differenceOf(plan, read);
  if (differs !== undefined) return { kind: "failed", reason: differs };
  for (const [part, { id, appId }] of read?.found ?? []) stored.set(part, { id, appId });
  const isMissing = plan.parts.some((_part, index) => !stored.has(index));
  if (isMissing && request.force !== true && !(await isSafe(request, read, posting))) {
    return {
      kind: "doubtful",
      reason: `${stored.size} of ${plan.parts.length} messages are stored, and the rest may still come: the server did not answer the post, and has taken none of ours since.`,
    };
  }
  let isNoted = false;
  const onBegin = (): void => {
    if (entry !== undefined && !isNoted) claim(accountId, entry, posting);
    else noteBegun(plan, key, stored, posting);
    isNoted = true;
  };
  const order = { signal, onBegin, sinceAt: request.sinceAt };
  await postParts(plan, key, stored, order, posting);
  const ordered = new Map([...stored].toSorted(([one], [other]) => one - other));
  posting.signs.forget(accountId, key.id);
  unsettled.look(accountId, (outbox) => {
    if (request.isFromOutbox === true) outbox.noteArrived(key, ordered);
    else outbox.forget(key);
  });
  return { kind: "arrived", messages: [...ordered.values()] };
}

/** Whether what is missing cannot come any more. */
async function isSafe(
  { plan, key, isCertain, ...request }: CompletionRequest,
  read: ReadBack | undefined,
  { signs }: Posting,
): Promise<boolean> {
  // What was posted is known from before; a reading only shows more of it.
  if (isCertain) return read === undefined || read.isComplete;
  if (read === undefined) return false;
  const { accountId } = plan.destination.account;
  const takenAt = signs.takenSince(accountId, key.id, request.startedAt);
  if (!isProvenAbsent(read, { answeredAt: request.answeredAt, takenAt })) return false;
  return plan.seesPosts();
}

/** What is stored has to be what would be completed: another configuration may split or write it differently. */
function differenceOf({ parts }: Plan, { found, parts: total }: ReadBack): string | undefined {
  if (total !== undefined && total !== parts.length) {
    return `${found.size} of ${total} messages are stored, and today the reply would be split into ${parts.length}. Look at it in Gotify.`;
  }
  for (const [index, { message }] of found) {
    const planned = parts[index]?.message ?? "";
    // The bytes of a picture depend on the file, which may be gone by now.
    const hasPicture = message.includes("](data:") || planned.includes("](data:");
    if (planned !== message && !hasPicture) {
      return `Message ${index + 1} of ${parts.length} is stored, and today it would read differently. Look at it in Gotify.`;
    }
  }
  return undefined;
}

/** Nothing was posted, and nothing more is certain or in doubt than before. */
function noteOpen(
  request: CompletionRequest,
  stored: ReadonlyMap<number, OutboxMessage>,
  reason: string,
  posting: Posting,
): void {
  note(request, stored, { state: request.isCertain ? "waiting" : "unknown", reason }, posting);
}

/** Keeps what is known; times that are not told anew stay as they were. */
function note(
  request: CompletionRequest,
  stored: ReadonlyMap<number, OutboxMessage>,
  what: Pick<OutboxNote, "state" | "reason" | "startedAt" | "answeredAt">,
  { host }: Posting,
): void {
  const { plan, key, startedAt, answeredAt } = request;
  host.unsettled.write(plan.destination.account.accountId, (outbox) => {
    outbox.note({ ...outboxNote(plan, key, stored), startedAt, answeredAt, ...what }, false);
  });
}

async function lookFor(
  { plan, key, sinceAt, signal }: CompletionRequest,
  { host }: Posting,
): Promise<ReadBack | undefined> {
  if (plan.reader === undefined) return undefined;
  const sought = { by: host.installId(), id: key.id, payload: key.payload, sinceAt };
  return readBack(plan.reader, sought, host, signal);
}
