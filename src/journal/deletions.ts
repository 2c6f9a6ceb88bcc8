// Owns which handled messages are still to be deleted on the server; noted with their rows, so that a crash forgets none.
import { asInteger, asString } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

/** A handled message that is to be deleted now. */
export interface DueDeletion {
  /** Its row. */
  readonly rowId: string;
  /** The message's own id, in the counting that the row's id names. */
  readonly messageId: number;
  /** How often it has failed. */
  readonly tries: number;
}

export interface Deletions {
  /** Notes claimed rows, or takes that back. They are due when they are completed. */
  readonly note: (rowIds: readonly string[], wanted: boolean) => void;
  /** What is due, oldest first. @param prefix of the rows of this counting: another one's ids mean other messages. */
  readonly due: (prefix: string, now: number, limit: number) => readonly DueDeletion[];
  /** Deleted, gone, or given up. */
  readonly done: (rowId: string) => void;
  /** It failed, and is tried again from then on. */
  readonly postpone: (rowId: string, until: number) => void;
  /** Forgets what is noted: all of it, or all that is not of this counting. Returns how many messages stay. */
  readonly forget: (exceptPrefix?: string) => number;
}

export function createDeletions(journal: Journal): Deletions {
  return {
    note(rowIds, wanted) {
      journal
        .sql(
          `update inbox set delete_at = $at, delete_tries = 0
           where +state = 'claimed' and id in (select value from json_each($ids))`,
        )
        .run({ at: wanted ? 0 : null, ids: JSON.stringify(rowIds) });
    },
    due(prefix, now, limit) {
      return journal
        .sql(
          `select id, position, delete_tries from inbox
           where delete_at <= $now and state = 'completed' and substr(id, 1, length($prefix)) = $prefix
           order by position limit $limit`,
        )
        .all({ prefix, now, limit })
        .map((row) => ({
          rowId: asString(row["id"]) ?? "",
          messageId: asInteger(row["position"]) ?? 0,
          tries: asInteger(row["delete_tries"]) ?? 0,
        }));
    },
    done(rowId) {
      journal.sql("update inbox set delete_at = null where id = $rowId").run({ rowId });
    },
    postpone(rowId, until) {
      journal
        .sql(
          "update inbox set delete_at = $until, delete_tries = delete_tries + 1 where id = $rowId",
        )
        .run({ rowId, until });
    },
    forget(exceptPrefix) {
      return journal
        .sql(
          `update inbox set delete_at = null where delete_at is not null and state = 'completed'
           and ($prefix is null or substr(id, 1, length($prefix)) != $prefix)`,
        )
        .run({ prefix: exceptPrefix ?? null }).changes;
    },
  };
}
