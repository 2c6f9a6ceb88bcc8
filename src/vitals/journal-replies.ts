// Owns what the outbox tells of an account's replies: which are given up, which are still tried, and whether any got through since.
import { asInteger, asString } from "../gotify/parse.ts";
import { isGivenUp } from "../journal/given-up.ts";
import type { Journal } from "../journal/journal.ts";
import { BEING_POSTED, DROPPED, type OutboxKey, type OutboxState } from "../journal/outbox.ts";
import type { Noted } from "./vitals.ts";

const HOUR_MS = 3_600_000;
/** As long as the numbers of the hours are kept: what was posted before that, nobody knows. */
const IN_VAIN_MS = 7 * 24 * HOUR_MS;
/** A first attempt in vain says little while the second is seconds away. */
const IN_VAIN_ATTEMPTS = 2;

export interface ReplyFacts {
  /** Replies that nobody but the operator tries again. */
  readonly deadReplies: number;
  readonly newestDeadReplyAt: number | undefined;
  /** Replies that are still tried. */
  readonly waitingReplies: number;
  readonly oldestWaitingReplyAt: number | undefined;
  /** Replies that were given up or tried more than once, since the last one that was posted. */
  readonly repliesInVain: number;
  /** Why the newest of all replies that did not arrive did not. */
  readonly replyError: Noted<string> | undefined;
  /** When the hour began in which the last post was counted. */
  readonly lastOutHour: number | undefined;
}

export interface ReplyQuestion {
  readonly now: number;
  /** When this run of the account began, where it runs in this process. */
  readonly startedAt: number | undefined;
  /** Its last post. */
  readonly lastOutAt: number | undefined;
}

interface Reply extends OutboxKey {
  readonly state: OutboxState;
  readonly attempts: number;
  readonly triedAt: number;
  readonly notedAt: number;
  readonly givenUpAt: number | undefined;
}

export function readReplies(journal: Journal, question: ReplyQuestion): ReplyFacts {
  const { now } = question;
  const replies = listReplies(journal);
  const dead = replies.filter((reply) => isGivenUp(reply, now));
  const waiting = replies.filter((reply) => !isGivenUp(reply, now));
  const lastOutHour = readLastOutHour(journal);
  const postedBy = lastPosted(journal, question, lastOutHour) ?? 0;
  const from = Math.max(postedBy, now - IN_VAIN_MS);
  const inVain = [...dead, ...waiting.filter(({ attempts }) => attempts >= IN_VAIN_ATTEMPTS)];
  return {
    deadReplies: dead.length,
    newestDeadReplyAt: dead.at(0)?.triedAt,
    waitingReplies: waiting.length,
    oldestWaitingReplyAt: waiting.reduce<number | undefined>(
      (oldest, { notedAt }) => Math.min(oldest ?? notedAt, notedAt),
      undefined,
    ),
    repliesInVain: inVain.filter(({ triedAt }) => triedAt > from).length,
    replyError: newestError(journal, replies, now),
    lastOutHour,
  };
}

/** Those that are not known to have arrived, the newest first; by the index alone, because a text may be long. */
function listReplies(journal: Journal): Reply[] {
  return journal
    .sql(
      `select id, payload, state, attempts, tried_at, noted_at, given_up_at
       from outbox indexed by outbox_by_state where state in ('waiting', 'unknown', 'refused')`,
    )
    .all()
    .map((row) => ({
      id: asString(row["id"]) ?? "",
      payload: asInteger(row["payload"]) ?? 0,
      state: replyState(row["state"]),
      attempts: asInteger(row["attempts"]) ?? 0,
      triedAt: asInteger(row["tried_at"]) ?? 0,
      notedAt: asInteger(row["noted_at"]) ?? 0,
      givenUpAt: asInteger(row["given_up_at"]),
    }))
    .toSorted((one, other) => other.triedAt - one.triedAt);
}

function replyState(value: unknown): OutboxState {
  return value === "refused" || value === "unknown" ? value : "waiting";
}

/** What is noted before a post says what is to be read after a kill: while the post may be under way, it is no error. */
function newestError(
  journal: Journal,
  replies: readonly Reply[],
  now: number,
): Noted<string> | undefined {
  for (const reply of replies) {
    const row = journal
      .sql("select reason from outbox where id = $id and payload = $payload")
      .get({ id: reply.id, payload: reply.payload });
    const reason = asString(row?.["reason"]) ?? "";
    const isUnderWay = reason === BEING_POSTED && !isGivenUp(reply, now);
    if (reason !== "" && !isUnderWay) return { value: reason, at: reply.triedAt };
  }
  return undefined;
}

/** No later than this was the last post: late rather than early, so that no reply is called in vain that was not. */
function lastPosted(
  journal: Journal,
  { startedAt, lastOutAt, now }: ReplyQuestion,
  lastOutHour: number | undefined,
): number | undefined {
  const counted = lastOutHour === undefined ? undefined : lastOutHour + HOUR_MS;
  // What was posted before this run was posted before it began.
  const inHour = counted === undefined ? undefined : Math.min(counted, startedAt ?? now);
  const times = [lastOutAt ?? inHour, sentByHand(journal)].filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** By a process that counts nothing. */
function sentByHand(journal: Journal): number | undefined {
  const row = journal
    .sql(
      "select max(tried_at) as newest from outbox where state = 'arrived' and reason != $dropped",
    )
    .get({ dropped: DROPPED });
  return asInteger(row?.["newest"]);
}

function readLastOutHour(journal: Journal): number | undefined {
  const row = journal
    .sql("select hour from tally where counter = 'out' and count > 0 order by hour desc limit 1")
    .get();
  return asInteger(row?.["hour"]);
}
