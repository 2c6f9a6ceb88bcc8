// Owns what an account's journal tells of its state: who consumes it, what waits, what was given up. Counts by index only, because a monitor may ask every few seconds.
import { accountPath } from "../config/state-folder.ts";
import { asInteger, asString } from "../gotify/parse.ts";
import { isGivenUp } from "../journal/given-up.ts";
import { visitJournal, type Journal } from "../journal/journal.ts";
import { consumerOf, type Consumer } from "../journal/lease.ts";
import type { OutboxState } from "../journal/outbox.ts";
import { serverKey } from "../journal/wire.ts";
import { createTally, type TalliedHour } from "./tally.ts";
import type { Noted } from "./vitals.ts";

/** How many of the newest messages are looked at to tell whether everything is given up. */
const NEWEST_SETTLED = 5;
/** In a flood the newest rows are all waiting, and nobody should read through it. */
const MAX_LOOKED_AT = 2_000;

/** How many hours are told of, with the running one. */
export const HOURS_TOLD = 24;

/** All times in ms since 1970. */
export interface JournalFacts {
  /** The living process that takes messages in; `undefined` when there is none. */
  readonly consumer: Consumer | undefined;
  /** Messages that wait for their turn. */
  readonly waiting: number;
  readonly oldestWaitingAt: number | undefined;
  /** Those of them that neither failed before nor have one of their conversation before them that runs. */
  readonly unexplained: number;
  readonly oldestUnexplainedAt: number | undefined;
  /** Messages in turns that run now. */
  readonly inTurns: number;
  readonly oldestTurnAt: number | undefined;
  /** Messages that wait behind the turns that began before `stuckBefore`. */
  readonly waitingBehind: number;
  /** Messages that were given up. */
  readonly failed: number;
  readonly newestFailedAt: number | undefined;
  /** Of the newest messages that are settled: how many there are, at most five, and how many of them were given up. */
  readonly settled: { readonly count: number; readonly failed: number };
  readonly lastTakenInAt: number | undefined;
  /** Replies that nobody but the operator tries again. */
  readonly deadReplies: number;
  readonly newestDeadReplyAt: number | undefined;
  /** Replies that are still tried. */
  readonly waitingReplies: number;
  readonly oldestWaitingReplyAt: number | undefined;
  /** Ids of applications that are shut out. */
  readonly suspended: readonly number[];
  /** The newest message of the account's server that was dealt with. */
  readonly newestTaken: number | undefined;
  /** The newest thing that was given up, and why. */
  readonly lastError: Noted<string> | undefined;
  /** Oldest first, the running one last. */
  readonly hours: readonly TalliedHour[];
}

export interface JournalQuestion {
  readonly stateDir: string;
  readonly accountId: string;
  readonly serverUrl: string | undefined;
  readonly now: number;
  /** Turns that began earlier are stuck. */
  readonly stuckBefore: number;
}

/**
 * What stands in the journal now; `undefined` when there is none yet. It is opened for reading and closed again.
 *
 * @throws {JournalError} when it cannot be read.
 */
export function readJournalFacts(question: JournalQuestion): JournalFacts | undefined {
  const { stateDir, accountId } = question;
  const journal = visitJournal(accountPath(stateDir, accountId), "read");
  if (journal === undefined) return undefined;
  try {
    return {
      consumer: consumerOf(journal),
      ...readQueue(journal, question.stuckBefore),
      ...readFailed(journal),
      ...readReplies(journal, question.now),
      suspended: readSuspended(journal),
      newestTaken: readNewestTaken(journal, question.serverUrl),
      lastError: newest(failedError(journal), refusedError(journal)),
      hours: createTally(journal).hours(question.now, HOURS_TOLD),
    };
  } finally {
    journal.close();
  }
}

function readQueue(journal: Journal, stuckBefore: number) {
  const waiting = journal
    .sql("select count(*) as count, min(received_at) as oldest from inbox where state = 'pending'")
    .get();
  const claimed = journal
    .sql("select count(*) as count, min(claimed_at) as oldest from inbox where state = 'claimed'")
    .get();
  const isWaiting = (asInteger(waiting?.["count"]) ?? 0) > 0;
  // What waits may be thousands, and is counted by the index alone; what is claimed is a handful.
  const unexplained = isWaiting
    ? journal
        .sql(
          `select count(*) as count, min(received_at) as oldest from inbox indexed by inbox_by_lane
           where state = 'pending'
             and seq not in
               (select seq from inbox indexed by inbox_tried where state = 'pending' and attempts > 0)
             and coalesce(lane, '') not in
               (select coalesce(lane, '') from inbox where state = 'claimed')`,
        )
        .get()
    : undefined;
  const behind = isWaiting
    ? journal
        .sql(
          `select count(*) as count from inbox
           where state = 'pending'
             and lane in (select lane from inbox where state = 'claimed' and claimed_at < $stuckBefore)`,
        )
        .get({ stuckBefore })
    : undefined;
  return {
    waiting: asInteger(waiting?.["count"]) ?? 0,
    oldestWaitingAt: asInteger(waiting?.["oldest"]),
    unexplained: asInteger(unexplained?.["count"]) ?? 0,
    oldestUnexplainedAt: asInteger(unexplained?.["oldest"]),
    inTurns: asInteger(claimed?.["count"]) ?? 0,
    oldestTurnAt: asInteger(claimed?.["oldest"]),
    waitingBehind: asInteger(behind?.["count"]) ?? 0,
    // By row and not by time: the newest row is found without looking at the others.
    lastTakenInAt: asInteger(
      journal.sql("select received_at from inbox order by seq desc limit 1").get()?.["received_at"],
    ),
  };
}

function readFailed(journal: Journal) {
  const failed = journal
    .sql("select count(*) as count, max(updated_at) as newest from inbox where state = 'failed'")
    .get();
  // What was set aside when the account was pointed elsewhere says nothing of the messages of today.
  const newestSettled = journal
    .sql(
      `select state from (select state, reason from inbox order by seq desc limit ${MAX_LOOKED_AT})
       where state in ('completed', 'failed') and reason is not 'other-server'
       limit ${NEWEST_SETTLED}`,
    )
    .all();
  return {
    failed: asInteger(failed?.["count"]) ?? 0,
    newestFailedAt: asInteger(failed?.["newest"]),
    settled: {
      count: newestSettled.length,
      failed: newestSettled.filter((row) => row["state"] === "failed").length,
    },
  };
}

function readReplies(journal: Journal, now: number) {
  const replies = journal
    .sql(
      "select state, attempts, tried_at, noted_at, given_up_at from outbox where state != 'arrived'",
    )
    .all()
    .map((row) => ({
      state: replyState(row["state"]),
      attempts: asInteger(row["attempts"]) ?? 0,
      triedAt: asInteger(row["tried_at"]) ?? 0,
      notedAt: asInteger(row["noted_at"]) ?? 0,
      givenUpAt: asInteger(row["given_up_at"]),
    }));
  const dead = replies.filter((reply) => isGivenUp(reply, now));
  const waiting = replies.filter((reply) => !isGivenUp(reply, now));
  return {
    deadReplies: dead.length,
    newestDeadReplyAt: highest(dead.map(({ triedAt }) => triedAt)),
    waitingReplies: waiting.length,
    oldestWaitingReplyAt: lowest(waiting.map(({ notedAt }) => notedAt)),
  };
}

function replyState(value: unknown): OutboxState {
  return value === "refused" || value === "unknown" ? value : "waiting";
}

function readSuspended(journal: Journal): number[] {
  return journal
    .sql("select app from grants where suspended_at is not null order by app")
    .all()
    .map((row) => asInteger(row["app"]))
    .filter((app) => app !== undefined);
}

/** Of the user of this server that was heard last: a token may have been replaced by another user's. */
function readNewestTaken(journal: Journal, serverUrl: string | undefined): number | undefined {
  if (serverUrl === undefined) return undefined;
  const feed = journal
    .sql("select id, epoch, mark from feed where server = $server order by newest_at desc limit 1")
    .get({ server: serverKey(serverUrl) });
  if (feed === undefined) return undefined;
  const row = journal
    .sql("select max(id) as newest from seen where feed = $feed and epoch = $epoch")
    .get({ feed: asInteger(feed["id"]) ?? 0, epoch: asInteger(feed["epoch"]) ?? 0 });
  return highest(
    [asInteger(feed["mark"]), asInteger(row?.["newest"])].filter((id) => id !== undefined),
  );
}

function failedError(journal: Journal): Noted<string> | undefined {
  const row = journal
    .sql(
      "select reason_text, last_error, reason, updated_at from inbox where state = 'failed' order by updated_at desc, seq desc limit 1",
    )
    .get();
  const text = [row?.["reason_text"], row?.["last_error"], row?.["reason"]].find(
    (value) => asString(value) !== undefined,
  );
  return noted(asString(text), asInteger(row?.["updated_at"]));
}

function refusedError(journal: Journal): Noted<string> | undefined {
  const row = journal
    .sql(
      "select reason, tried_at from outbox where state != 'arrived' order by tried_at desc limit 1",
    )
    .get();
  return noted(asString(row?.["reason"]), asInteger(row?.["tried_at"]));
}

function noted(value: string | undefined, at: number | undefined): Noted<string> | undefined {
  return value === undefined || value === "" || at === undefined ? undefined : { value, at };
}

/** The later one of what is known. */
export function newest<T>(
  one: Noted<T> | undefined,
  other: Noted<T> | undefined,
): Noted<T> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.at > one.at ? other : one;
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

function lowest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
