// Owns how far the feed has come, in the journal: the mark up to which nothing is missing, and the messages above it.
import type { GotifyMessage } from "../../gotify/message.ts";
import { asInteger } from "../../gotify/parse.ts";
import type { Journal } from "../../journal/journal.ts";
import { DATE_TOLERANCE_MS, digestOf, isSame, readSeen, type SeenRow } from "./seen.ts";

/** How many ids below the mark are remembered, to notice that a server has begun to count anew. */
const REMEMBERED_BELOW_MARK = 2_000;
/** And for how long more of them are, because a slow proxy may push what has long been listed. */
const REMEMBERED_MS = 3_600_000;
const REMEMBERED_RECENT = 50_000;
/** How many ids above the mark are remembered. Only a server whose lists never answer gets there. */
const MAX_ABOVE_MARK = 200_000;

/** What became of a message. */
export type Verdict =
  /** On its way to the agent. */
  | "admitted"
  /** Another account, which received the same at that time, has it. */
  | "elsewhere"
  /** Was there before the account was. */
  | "history"
  /** Older than the account wants to catch up with. */
  | "skipped"
  /** Posted by this bridge itself. */
  | "echo"
  /** Of an application that is not watched. */
  | "unwatched"
  /** Below the account's lowest priority. */
  | "unimportant";

export interface ProgressState {
  /** Counts how often the server began to number its messages anew. */
  readonly epoch: number;
  /** Every stored message up to this id has been dealt with; `undefined` before the first start is through. */
  readonly mark: number | undefined;
  /** The newest date that was seen, in milliseconds of the server's clock. */
  readonly newestAt: number | undefined;
  /** After the server began anew: what is dated earlier was dealt with so long ago that it is not remembered. */
  readonly floorAt: number | undefined;
}

/** `restarted`: the id stands for another message than it did before, so the server has begun to count anew. */
export type Acquaintance = "known" | "new" | "restarted";

/** What is read once and written once for many messages. Only within one transaction. */
export interface ProgressBatch {
  readonly epoch: number;
  /** Whether the message was dealt with already. `stream`: it was pushed just now, and pushes are never repeated. */
  look(message: GotifyMessage, source: "stream" | "history"): Acquaintance;
  note(message: GotifyMessage, verdict: Verdict): void;
  /** See `Progress.restart`. */
  restart(): void;
  /** Writes what the batch has learnt. */
  end(): void;
}

export interface Progress {
  state(): ProgressState;
  /** @param ids of the messages that will be looked at; of others nothing is known in this batch. */
  begin(ids: readonly number[]): ProgressBatch;
  /** Moves the mark up, never down, and forgets what that makes superfluous. */
  advance(mark: number): void;
  /**
   * Keeps the journal small where lists never answer, and so no backfill ever ends: raises the mark, as if
   * everything below it had been seen.
   */
  bound(): void;
  /**
   * The server counts anew. What was remembered stays so under its old number: after a restore it is still
   * there, and what came between the new beginning and its discovery was taken in under a number of both.
   */
  restart(): void;
  /** True when this very message was dealt with in this counting, and that is still remembered. */
  remembers(message: GotifyMessage): boolean;
  /** How many messages above the mark have been seen. */
  countAboveMark(): number;
  /** The lowest id that the stream has brought; `undefined` when it has brought none. */
  firstPushed(): number | undefined;
}

/** Loads, or begins, the progress of one user of one server. */
export function loadProgress(journal: Journal, server: string, user: number): Progress {
  journal
    .sql("insert into feed (server, user) values ($server, $user) on conflict do nothing")
    .run({ server, user });
  const state = (): ProgressState & { feed: number } => {
    const row = journal
      .sql("select * from feed where server = $server and user = $user")
      .get({ server, user });
    return {
      feed: asInteger(row?.["id"]) ?? 0,
      epoch: asInteger(row?.["epoch"]) ?? 0,
      mark: asInteger(row?.["mark"]),
      newestAt: asInteger(row?.["newest_at"]),
      floorAt: asInteger(row?.["floor_at"]),
    };
  };
  const change = (set: string, values: Record<string, number | null>): void => {
    journal
      .sql(`update feed set ${set} where server = $server and user = $user`)
      .run({ ...values, server, user });
  };

  const restart = (): void => {
    const { feed, epoch, newestAt } = state();
    journal.sql("delete from seen where feed = $feed and epoch < $epoch").run({ feed, epoch });
    const row = journal
      .sql("select min(at) as oldest from seen where feed = $feed and epoch = $epoch")
      .get({ feed, epoch });
    const floor = asInteger(row?.["oldest"]) ?? newestAt ?? null;
    change("epoch = epoch + 1, mark = 0, floor_at = $floor", { floor });
  };

  const advance = (mark: number): void => {
    const { feed, epoch, mark: before, newestAt } = state();
    if (before !== undefined && mark <= before) return;
    change("mark = $mark", { mark });
    journal
      .sql(
        `delete from seen where feed = $feed and epoch = $epoch and id <= $mark and id not in (
           select id from seen where feed = $feed and epoch = $epoch and id <= $mark
           order by id desc limit ${REMEMBERED_BELOW_MARK})
         and (coalesce(at, 0) < $recent or id not in (
           select id from seen where feed = $feed and epoch = $epoch and id <= $mark
           order by id desc limit ${REMEMBERED_RECENT}))`,
      )
      .run({ feed, epoch, mark, recent: (newestAt ?? 0) - REMEMBERED_MS });
  };

  return {
    state,

    begin(ids) {
      const wanted = JSON.stringify(ids);
      let { feed, epoch, mark, newestAt, floorAt } = state();
      let isNewer = false;
      const read = (ofEpoch: number): Map<number, SeenRow> => {
        const rows = journal
          .sql(
            `select id, app, at, digest, verdict from seen
             where feed = $feed and epoch = $epoch and id in (select value from json_each($wanted))`,
          )
          .all({ feed, epoch: ofEpoch, wanted });
        return new Map(rows.map((row) => [asInteger(row["id"]) ?? 0, readSeen(row)]));
      };
      let seen = read(epoch);
      let seenBefore = epoch === 0 ? new Map<number, SeenRow>() : read(epoch - 1);
      /** What `end` has to write: all of it with one statement, which costs less than one for each. */
      let noted: (readonly [
        id: number,
        app: number,
        at: number | null,
        digest: string,
        verdict: Verdict,
      ])[] = [];
      const write = (): void => {
        if (noted.length > 0) {
          journal
            .sql(
              `insert into seen (feed, epoch, id, app, at, digest, verdict)
               select $feed, $epoch, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
                 from json_each($noted) where true
               on conflict (feed, epoch, id) do update set verdict = excluded.verdict`,
            )
            .run({ feed, epoch, noted: JSON.stringify(noted) });
        }
        noted = [];
        if (isNewer && newestAt !== undefined) change("newest_at = $at", { at: newestAt });
        isNewer = false;
      };
      return {
        get epoch() {
          return epoch;
        },

        look(message, source) {
          const row = seen.get(message.id);
          if (row !== undefined) {
            if (!isSame(row, message)) return "restarted";
            // What is pushed was posted after the account was there, whatever a reading made of it.
            const wasLeftOut = row.verdict === "history" || row.verdict === "skipped";
            return source === "stream" && wasLeftOut ? "new" : "known";
          }
          const before = seenBefore.get(message.id);
          if (before !== undefined && isSame(before, message)) return "known";
          const at = message.date?.getTime();
          const isBelow = mark !== undefined && message.id <= mark;
          if (source === "stream") {
            const isLater =
              at !== undefined && newestAt !== undefined && at > newestAt + DATE_TOLERANCE_MS;
            return isBelow && isLater ? "restarted" : "new";
          }
          if (isBelow) return "known";
          return floorAt !== undefined && (at ?? 0) < floorAt ? "known" : "new";
        },

        note(message, verdict) {
          const at = message.date?.getTime();
          const row = seen.get(message.id) ?? {
            app: message.appId,
            at,
            digest: digestOf(message),
          };
          noted.push([message.id, row.app, row.at ?? null, row.digest, verdict]);
          seen.set(message.id, { ...row, verdict });
          if (at === undefined || at <= (newestAt ?? 0)) return;
          newestAt = at;
          isNewer = true;
        },

        restart() {
          write();
          restart();
          ({ feed, epoch, mark, newestAt, floorAt } = state());
          seenBefore = seen;
          seen = new Map();
        },

        end: write,
      };
    },

    advance,

    bound() {
      const { feed, epoch, mark } = state();
      const row = journal
        .sql(
          `select id from seen where feed = $feed and epoch = $epoch and id > $mark
           order by id desc limit 1 offset ${MAX_ABOVE_MARK}`,
        )
        .get({ feed, epoch, mark: mark ?? 0 });
      const raised = asInteger(row?.["id"]);
      if (raised !== undefined) advance(raised);
    },

    restart,

    remembers(message) {
      const { feed, epoch } = state();
      const row = journal
        .sql(
          "select app, at, digest, verdict from seen where feed = $feed and epoch = $epoch and id = $id",
        )
        .get({ feed, epoch, id: message.id });
      return row !== undefined && isSame(readSeen(row), message);
    },

    firstPushed() {
      const { feed, epoch } = state();
      const row = journal
        .sql(
          `select min(id) as first from seen
           where feed = $feed and epoch = $epoch and verdict != 'history'`,
        )
        .get({ feed, epoch });
      return asInteger(row?.["first"]);
    },

    countAboveMark() {
      const { feed, epoch, mark } = state();
      const row = journal
        .sql(
          "select count(*) as count from seen where feed = $feed and epoch = $epoch and id > $mark",
        )
        .get({ feed, epoch, mark: mark ?? 0 });
      return asInteger(row?.["count"]) ?? 0;
    },
  };
}
