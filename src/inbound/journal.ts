// Owns the journal file of one account: opening, its tables, transactions, closing. What is in it is owned by the modules that use it.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 5_000;

const SCHEMA = `
  create table inbox (
    seq           integer primary key autoincrement,
    id            text not null unique,
    state         text not null check (state in ('pending', 'claimed', 'completed', 'failed')),
    lane          text,
    payload       text,
    metadata      text,
    received_at   integer not null,
    updated_at    integer not null,
    attempts      integer not null default 0,
    attempted_at  integer,
    last_error    text,
    claim_token   text,
    claim_owner   text,
    claimed_at    integer,
    reason        text,
    reason_text   text
  ) strict;
  create index inbox_by_state on inbox (state, received_at, seq);
  pragma user_version = ${SCHEMA_VERSION};
`;

/** An open journal. Readers of the same file are welcome; there must be one consumer only. */
export interface Journal {
  readonly db: DatabaseSync;
  /** Runs `work` in one transaction: all of it is on disk afterwards, or none. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens, and creates when needed, `journal.sqlite` in the account's folder. */
export function openJournal(folder: string): Journal {
  const file = join(folder, "journal.sqlite");
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw cannotUse(file, error);
  }
  try {
    db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;");
    prepareSchema(db);
  } catch (error) {
    db.close();
    throw cannotUse(file, error);
  }
  return {
    db,
    transaction: (work) => transaction(db, work),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

function cannotUse(file: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
  return new Error(
    `The journal ${file} cannot be used: ${reason}. Check disk and permissions; a damaged file may be moved away, which forgets what was answered.`,
    { cause },
  );
}

function prepareSchema(db: DatabaseSync): void {
  transaction(db, () => {
    const version = Number(db.prepare("pragma user_version").get()?.["user_version"] ?? 0);
    if (version === 0) db.exec(SCHEMA);
    else if (version > SCHEMA_VERSION) {
      throw new Error(
        `it was written by a newer version of this plugin (format ${version}, this one knows ${SCHEMA_VERSION}), so update the plugin`,
      );
    }
  });
}

function transaction<T>(db: DatabaseSync, work: () => T): T {
  // Immediate: a transaction that reads first and writes later could otherwise fail in the middle.
  db.exec("begin immediate");
  try {
    const result = work();
    db.exec("commit");
    return result;
  } catch (error) {
    // A full disk can have rolled back already.
    if (db.isTransaction) db.exec("rollback");
    throw error;
  }
}
