// Owns what an account's journal tells of its state: who consumes it, what waits, what was given up. Counts by index only, because a monitor may ask every few seconds.
import { accountPath } from "../config/state-folder.ts";
import { asInteger, asString } from "../gotify/parse.ts";
import { visitJournal, type Journal } from "../journal/journal.ts";
import { consumerOf, type Consumer } from "../journal/lease.ts";
import { serverKey } from "../journal/wire.ts";
import { readReplies, type ReplyFacts } from "./journal-replies.ts";
import { OTHERS_DONE_MS } from "./known.ts";
import { createTally, type TalliedHour } from "./tally.ts";
import type { Noted, RunningTurn } from "./vitals.ts";

/** How many of the newest messages are looked at to tell whether everything is given up. */
const NEWEST_SETTLED = 5;
/** In a flood the newest rows are all waiting, and nobody should read through it. */
const MAX_LOOKED_AT = 2_000;

/** How many hours are told of, with the running one. */
export const HOURS_TOLD = 24;

/** All times in ms since 1970. */
export interface JournalFacts extends ReplyFacts {
  /** The living process that takes messages in; `undefined` when there is none. */
  readonly consumer: Consumer | undefined;
  /** Messages that wait for their turn. */
  readonly waiting: number;
  readonly oldestWaitingAt: number | undefined;
  /** Those of them in whose conversation nothing runs, and nothing failed before. */
  readonly unexplained: number;
  readonly oldestUnexplainedAt: number | undefined;
  /** Messages in turns that run now, or that the host has in its own queue behind one. */
  readonly inTurns: number;
  readonly oldestTurnAt: number | undefined;
  /** Messages that wait behind the turns that began before `stuckBefore`. */
  readonly waitingBehind: number;
  /** Messages that failed before and are tried again, or that are being tried again just now. */
  readonly retrying: Retrying;
  /** Messages that were given up. */
  readonly failed: number;
  readonly newestFailedAt: number | undefined;
  /** Of the newest messages that are settled: how many there are, at most five, and how many of them were given up. */
  readonly settled: { readonly count: number; readonly failed: number };
  readonly lastTakenInAt: number | undefined;
  /** Ids of applications that are shut out. */
  readonly suspended: readonly number[];
  /** The newest message of the account's server that was dealt with. */
  readonly newestTaken: number | undefined;
  /** Why the newest message that was given up was. */
  readonly failedError: Noted<string> | undefined;
  /** The newest of the errors that stand in the journal. */
  readonly lastError: Noted<string> | undefined;
  /** Oldest first, the running one last. */
  readonly hours: readonly TalliedHour[];
}

export interface Retrying {
  readonly count: number;
  readonly oldestAt: number | undefined;
  /** Of the newest try. */
  readonly error: Noted<string> | undefined;
  /** Whether a message that came after the oldest of them was handled of late. */
  readonly othersGetThrough: boolean;
}

export interface JournalQuestion {
  readonly stateDir: string;
  readonly accountId: string;
  readonly serverUrl: string | undefined;
  readonly now: number;
  /** Turns that began earlier are stuck. */
  readonly stuckBefore: number;
  /** What runs in this process; the journal alone does not know a turn that the host has in writing. */
  readonly turns: readonly RunningTurn[];
  /** Of the account's run in this process: when it began, and when it posted something last. */
  readonly startedAt: number | undefined;
  readonly lastOutAt: number | undefined;
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
    const replies = readReplies(journal, question);
    const retrying = readRetrying(journal, question.now);
    const failedError = readFailedError(journal);
    return {
      consumer: consumerOf(journal),
      ...readQueue(journal, question),
      retrying,
      ...readFailed(journal),
      ...replies,
      suspended: readSuspended(journal),
      newestTaken: readNewestTaken(journal, question.serverUrl),
      failedError,
      lastError: newest(newest(failedError, replies.replyError), retrying.error),
      hours: createTally(journal).hours(question.now, HOURS_TOLD),
    };
  } finally {
    journal.close();
  }
}

function readQueue(
  journal: Journal,
  { stuckBefore, turns }: Pick<JournalQuestion, "stuckBefore" | "turns">,
) {
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
             and coalesce(lane, '') not in
               (select coalesce(lane, '') from inbox indexed by inbox_retrying where ${RETRYING})
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
    inTurns: turns.reduce(
      (sum, { tickedOff }) => sum + tickedOff,
      asInteger(claimed?.["count"]) ?? 0,
    ),
    oldestTurnAt: lowest(
      [...turns.map(({ at }) => at), asInteger(claimed?.["oldest"])].filter(
        (at) => at !== undefined,
      ),
    ),
    waitingBehind: turns
      .filter(({ at }) => at < stuckBefore)
      .reduce((sum, turn) => sum + countBehind(journal, turn), asInteger(behind?.["count"]) ?? 0),
    // By row and not by time: the newest row is found without looking at the others.
    lastTakenInAt: asInteger(
      journal.sql("select received_at from inbox order by seq desc limit 1").get()?.["received_at"],
    ),
  };
}

/** What came after the turn began is claimed as well, and waits in the host's own queue. */
function countBehind(journal: Journal, { at, lane }: RunningTurn): number {
  const row = journal
    .sql(
      `select count(*) as count from inbox
       where lane = $lane and (state = 'pending' or (state = 'claimed' and received_at > $at))`,
    )
    .get({ lane, at });
  return asInteger(row?.["count"]) ?? 0;
}

function readFailed(journal: Journal) {
  const failed = journal
    .sql(
      "select count(*) as count, max(updated_at) as newest from inbox indexed by inbox_failed where state = 'failed'",
    )
    .get();
  // What was set aside when the account was pointed elsewhere says nothing of the messages of today. A row is
  // read up to its state, which stands before its body.
  const newestSettled = journal
    .sql(
      `select state from inbox
       where seq > (select max(seq) from inbox) - ${MAX_LOOKED_AT} and state in ('completed', 'failed')
         and seq not in (select seq from inbox indexed by inbox_failed
                         where state = 'failed' and reason is 'other-server')
       order by seq desc limit ${NEWEST_SETTLED}`,
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

/** As the index has it. */
const RETRYING = "attempts > 0 and state in ('pending', 'claimed')";

function readRetrying(journal: Journal, now: number): Retrying {
  const tried = journal
    .sql(
      `select count(*) as count, min(received_at) as oldest, min(seq) as first
       from inbox indexed by inbox_retrying where ${RETRYING}`,
    )
    .get();
  const number = asInteger(tried?.["count"]) ?? 0;
  if (number === 0) {
    return { count: 0, oldestAt: undefined, error: undefined, othersGetThrough: false };
  }
  const last = journal
    .sql(
      `select last_error, attempted_at from inbox where seq =
         (select seq from inbox indexed by inbox_retrying where ${RETRYING}
          order by attempted_at desc limit 1)`,
    )
    .get();
  // A row that is done has no body any more, so that nothing is read through.
  const done = journal
    .sql(
      `select 1 from inbox not indexed
       where seq > max($first, (select max(seq) from inbox) - ${MAX_LOOKED_AT})
         and state = 'completed' and updated_at > $since limit 1`,
    )
    .get({ first: asInteger(tried?.["first"]) ?? 0, since: now - OTHERS_DONE_MS });
  return {
    count: number,
    oldestAt: asInteger(tried?.["oldest"]),
    error: noted(asString(last?.["last_error"]), asInteger(last?.["attempted_at"])),
    othersGetThrough: done !== undefined,
  };
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

function readFailedError(journal: Journal): Noted<string> | undefined {
  const row = journal
    .sql(
      `select reason_text, last_error, reason, updated_at from inbox where seq =
         (select seq from inbox indexed by inbox_failed where state = 'failed'
          order by updated_at desc, seq desc limit 1)`,
    )
    .get();
  const text = [row?.["reason_text"], row?.["last_error"], row?.["reason"]].find(
    (value) => asString(value) !== undefined,
  );
  return noted(asString(text), asInteger(row?.["updated_at"]));
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
