// Owns the journal file of one account: opening, setting a damaged one aside, transactions, closing. What is in it is owned by the modules that use it.
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { isSqliteError, JournalError, journalError } from "./journal-errors.ts";
import { assertSameFormat, migrate } from "./journal-schema.ts";

export const JOURNAL_FILE_NAME = "journal.sqlite";
/** The write-ahead log belongs to its file: left behind, it would be applied to the next one. */
const COMPANIONS = ["-wal", "-shm", ""];
/** Nothing else happens in the process while it waits for another's lock. */
const BUSY_TIMEOUT_MS = 250;

/** An open journal. Readers of the same file are welcome; there must be one consumer only. */
export interface Journal {
  readonly file: string;
  readonly db: DatabaseSync;
  /** A statement that is compiled once. What it throws is a {@link JournalError}. */
  sql(text: string): Statement;
  /**
   * Runs `work` in one transaction: all of it is on disk afterwards, or none. Inside another one it joins that.
   *
   * @throws {JournalError} when the file does not take it; what `work` throws itself passes through.
   */
  transaction<T>(work: () => T): T;
  /**
   * The same, and it survives a power cut. The others may be undone by one, all from some moment on:
   * what was taken in is then read from the server again. An answer that was given is not given again.
   */
  readonly durably: <T>(work: () => T) => T;
  close(): void;
}

type Values = Readonly<Record<string, SQLInputValue>>;
type Row = Readonly<Record<string, unknown>>;

/** What the modules use of a SQLite statement. */
export interface Statement {
  readonly get: (values?: Values) => Row | undefined;
  readonly all: (values?: Values) => Row[];
  readonly run: (values?: Values) => { readonly changes: number };
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
  const file = join(folder, JOURNAL_FILE_NAME);
  try {
    return { journal: open(file), setAside: undefined };
  } catch (error) {
    if (!(error instanceof JournalError) || error.problem !== "corrupt") throw error;
    const setAside = moveAway(file, now());
    return { journal: open(file), setAside };
  }
}

/** A commit survives the end of the process; what is deleted is gone from the file as well. */
const WRITING = "pragma synchronous = normal; pragma secure_delete = on;";

/**
 * Opens an account's journal to look into it or to change a row, beside whoever consumes it: nothing is
 * created, migrated, checked or set aside. `undefined` when there is none yet.
 *
 * @throws {JournalError} when it is damaged, or of another version than this one.
 */
export function visitJournal(folder: string, mode: "read" | "write"): Journal | undefined {
  const file = join(folder, JOURNAL_FILE_NAME);
  if (!existsSync(file)) return undefined;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: mode === "read" });
    assertSameFormat(db);
    if (mode === "write") db.exec(WRITING);
    return createJournal(db, file);
  } catch (error) {
    db?.close();
    throw journalError(file, error);
  }
}

function open(file: string): Journal {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    const opened = db;
    db.exec(`pragma journal_mode = wal; ${WRITING}`);
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
  const statements = new Map<string, Statement>();
  const compile = (text: string): Statement => {
    const statement = guarded(file, () => db.prepare(text));
    return {
      get: (values = {}) => guarded(file, () => statement.get(values)),
      all: (values = {}) => guarded(file, () => statement.all(values)),
      run: (values = {}) =>
        guarded(file, () => ({ changes: Number(statement.run(values).changes) })),
    };
  };
  const transaction = <T>(work: () => T): T =>
    db.isTransaction ? work() : runTransaction(db, file, work);
  return {
    file,
    db,
    sql(text) {
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = compile(text);
      statements.set(text, statement);
      return statement;
    },
    transaction,
    durably(work) {
      if (db.isTransaction) throw new Error("A transaction cannot become durable halfway.");
      db.exec("pragma synchronous = full");
      try {
        return transaction(work);
      } finally {
        if (db.isOpen) db.exec("pragma synchronous = normal");
      }
    },
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
    throw explained(file, error);
  }
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explained(file, error);
  }
}

function explained(file: string, error: unknown): unknown {
  return isSqliteError(error) ? journalError(file, error) : error;
}
