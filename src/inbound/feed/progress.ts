// Owns how far the feed has come, in the journal: the mark up to which nothing is missing, and the messages above it.
import { createHash } from "node:crypto";
import type { GotifyMessage } from "../../gotify/message.ts";
import { asInteger, asString } from "../../gotify/parse.ts";
import type { Journal } from "../journal/journal.ts";

/** Dates of one message differ between stream and list by what the database rounds. */
const DATE_TOLERANCE_MS = 2_000;
/** Time zones lie whole quarters of an hour apart, at most a day and two hours. */
const TIME_ZONE_STEP_MS = 15 * 60_000;
const MAX_TIME_ZONE_SHIFT_MS = 26 * 3_600_000;
/** How many ids below the mark are remembered, to notice that a server has begun to count anew. */
const REMEMBERED_BELOW_MARK = 2_000;
/** And for how long more of them are, because a slow proxy may push what has long been listed. */
const REMEMBERED_MS = 3_600_000;
const REMEMBERED_RECENT = 50_000;
/** How many ids above the mark are remembered. Only a server whose lists never answer gets there. */
const MAX_ABOVE_MARK = 200_000;
const DIGEST_LENGTH = 16;

/** What became of a message. */
export type Verdict =
  /** On its way to the agent. */
  | "admitted"
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
  begin(): ProgressBatch;
  /** Moves the mark up, never down, and forgets what that makes superfluous. */
  advance(mark: number): void;
  /**
   * Keeps the journal small where lists never answer, and so no backfill ever ends: raises the mark, as if
   * everything below it had been seen. Returns that mark, and `undefined` when there was no need.
   */
  bound(): number | undefined;
  /**
   * The server counts anew. What was remembered stays so under its old number: after a restore it is still
   * there, and what came between the new beginning and its discovery was taken in under a number of both.
   */
  restart(): void;
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

  return {
    state,

    begin() {
      let { feed, epoch, mark, newestAt, floorAt } = state();
      let isNewer = false;
      const find = journal.sql(
        "select app, at, digest, verdict from seen where feed = $feed and epoch = $epoch and id = $id",
      );
      const insert = journal.sql(
        `insert into seen (feed, epoch, id, app, at, digest, verdict)
         values ($feed, $epoch, $id, $app, $at, $digest, $verdict)
         on conflict (feed, epoch, id) do update set verdict = $verdict`,
      );
      return {
        get epoch() {
          return epoch;
        },

        look(message, source) {
          const row = find.get({ feed, epoch, id: message.id });
          if (row !== undefined) {
            if (!isSame(row, message)) return "restarted";
            // What is pushed was posted after the account was there, whatever a reading made of it.
            const wasLeftOut = row["verdict"] === "history" || row["verdict"] === "skipped";
            return source === "stream" && wasLeftOut ? "new" : "known";
          }
          const before =
            epoch === 0 ? undefined : find.get({ feed, epoch: epoch - 1, id: message.id });
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
          const at = message.date?.getTime() ?? null;
          const digest = digestOf(message);
          insert.run({ feed, epoch, id: message.id, app: message.appId, at, digest, verdict });
          if (at === null || at <= (newestAt ?? 0)) return;
          newestAt = at;
          isNewer = true;
        },

        restart() {
          this.end();
          restart();
          ({ feed, epoch, mark, newestAt, floorAt } = state());
        },

        end() {
          if (isNewer && newestAt !== undefined) change("newest_at = $at", { at: newestAt });
          isNewer = false;
        },
      };
    },

    advance(mark) {
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
    },

    bound() {
      const { feed, epoch, mark } = state();
      const row = journal
        .sql(
          `select id from seen where feed = $feed and epoch = $epoch and id > $mark
           order by id desc limit 1 offset ${MAX_ABOVE_MARK}`,
        )
        .get({ feed, epoch, mark: mark ?? 0 });
      const raised = asInteger(row?.["id"]);
      if (raised !== undefined) this.advance(raised);
      return raised;
    },

    restart,

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

/**
 * An id stands for one message: of one application, at one time. Databases round that time, and one whose
 * time zone was changed shifts it, but then the text is still the same. A text alone proves nothing:
 * machines repeat themselves.
 */
function isSame(row: Readonly<Record<string, unknown>>, message: GotifyMessage): boolean {
  if (row["app"] !== message.appId) return false;
  const hasSameText = asString(row["digest"]) === digestOf(message);
  const before = asInteger(row["at"]);
  const at = message.date?.getTime();
  if (before === undefined || at === undefined) return hasSameText;
  const apart = Math.abs(at - before);
  if (apart <= DATE_TOLERANCE_MS) return true;
  const beyondZone = apart % TIME_ZONE_STEP_MS;
  const isShifted = Math.min(beyondZone, TIME_ZONE_STEP_MS - beyondZone) <= DATE_TOLERANCE_MS;
  return hasSameText && isShifted && apart <= MAX_TIME_ZONE_SHIFT_MS;
}

function digestOf(message: GotifyMessage): string {
  return createHash("sha256")
    .update(`${message.title}\u0000${message.message}`)
    .digest("hex")
    .slice(0, DIGEST_LENGTH);
}
