// Owns the journal file of one account: opening, setting a damaged one aside, transactions, closing. What is in it is owned by the modules that use it.
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { isSqliteError, JournalError, journalError } from "./journal-errors.ts";
import { migrate } from "./journal-schema.ts";

const FILE_NAME = "journal.sqlite";
/** The write-ahead log belongs to its file: left behind, it would be applied to the next one. */
const COMPANIONS = ["", "-wal", "-shm"];
const BUSY_TIMEOUT_MS = 5_000;

/** An open journal. Readers of the same file are welcome; there must be one consumer only. */
export interface Journal {
  readonly file: string;
  readonly db: DatabaseSync;
  /** A statement that is compiled once. */
  sql(text: string): StatementSync;
  /**
   * Runs `work` in one transaction: all of it is on disk afterwards, or none. Inside another one it joins that.
   *
   * @throws {JournalError} when the file does not take it; what `work` throws itself passes through.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** A journal, and where the damaged file went that stood in its place. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly setAside: string | undefined;
}

/**
 * Opens, and creates when needed, `journal.sqlite` in the account's folder. A damaged file is renamed,
 * never deleted, and a new one begun.
 *
 * @throws {JournalError} when a newer version wrote it, or it cannot be used at all.
 */
export function openJournal(folder: string, now: () => number = Date.now): OpenedJournal {
  const file = join(folder, FILE_NAME);
  try {
    return { journal: open(file), setAside: undefined };
  } catch (error) {
    if (!(error instanceof JournalError) || error.problem !== "corrupt") throw error;
    const setAside = moveAway(file, now());
    return { journal: open(file), setAside };
  }
}

function open(file: string): Journal {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    const opened = db;
    // Full: an answer that was given must not be forgotten by a power cut, or it is given again.
    db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;");
    assertSound(db, file);
    runTransaction(db, file, () => migrate(opened));
    return createJournal(db, file);
  } catch (error) {
    db?.close();
    throw journalError(file, error);
  }
}

/** Damage shows only in the pages that are read, so they are all read once. */
function assertSound(db: DatabaseSync, file: string): void {
  const finding = db.prepare("pragma quick_check(1)").get()?.["quick_check"];
  if (finding === "ok") return;
  throw new JournalError("corrupt", `The journal ${file} is damaged: ${String(finding)}.`);
}

/** A free name beside the file, e.g. `journal.sqlite.damaged-2026-11-23T10-20-30`. */
function moveAway(file: string, now: number): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  const name = `${file}.damaged-${stamp}`;
  let target = name;
  for (let count = 2; existsSync(target); count += 1) target = `${name}-${count}`;
  try {
    for (const suffix of COMPANIONS) {
      if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
    }
  } catch (error) {
    throw journalError(file, error);
  }
  return target;
}

function createJournal(db: DatabaseSync, file: string): Journal {
  const statements = new Map<string, StatementSync>();
  return {
    file,
    db,
    sql(text) {
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = db.prepare(text);
      statements.set(text, statement);
      return statement;
    },
    transaction: (work) => (db.isTransaction ? work() : runTransaction(db, file, work)),
    close() {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}

function runTransaction<T>(db: DatabaseSync, file: string, work: () => T): T {
  try {
    // Immediate: a transaction that reads first and writes later could otherwise fail in the middle.
    db.exec("begin immediate");
    const result = work();
    db.exec("commit");
    return result;
  } catch (error) {
    // A full disk can have rolled back already.
    if (db.isOpen && db.isTransaction) db.exec("rollback");
    throw isSqliteError(error) ? journalError(file, error) : error;
  }
}
