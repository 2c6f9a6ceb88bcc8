// Owns what can be wrong with a journal: from SQLite's numbers to what a person should do about it.

/** - `full`: no room on the disk; heals by itself once there is some.
 *  - `busy`: another program holds the file for long; heals by itself.
 *  - `corrupt`: the file is damaged.
 *  - `newer`: a newer version of the plugin wrote it.
 *  - `lost`: another process has become the consumer.
 *  - `unusable`: anything else, such as missing rights. */
export type JournalProblem = "full" | "busy" | "corrupt" | "newer" | "lost" | "unusable";

/** The journal cannot be used. The message says which file and what to do. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: `GOTIFY_JOURNAL_${Uppercase<JournalProblem>}`;
  readonly problem: JournalProblem;

  constructor(problem: JournalProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
    this.code = CODES[problem];
  }
}

const CODES = {
  full: "GOTIFY_JOURNAL_FULL",
  busy: "GOTIFY_JOURNAL_BUSY",
  corrupt: "GOTIFY_JOURNAL_CORRUPT",
  newer: "GOTIFY_JOURNAL_NEWER",
  lost: "GOTIFY_JOURNAL_LOST",
  unusable: "GOTIFY_JOURNAL_UNUSABLE",
} as const;

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
/** An extended code keeps its family in the lowest byte. */
const FAMILY_MASK = 0xff;

const REMEDIES: Readonly<Record<"full" | "busy" | "corrupt" | "unusable", string>> = {
  full: "Messages wait on the Gotify server until there is room again; free some.",
  busy: "Another program is writing into it; this one goes on when that is done.",
  corrupt: "It is set aside at the next start, and what was answered before is forgotten.",
  unusable: "Check the disk and the rights of the folder.",
};

/** Gives an error of SQLite its meaning. Errors of ours pass through. */
export function journalError(file: string, error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const problem = problemOf(error);
  const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
  return new JournalError(
    problem,
    `The journal ${file} cannot be used: ${reason}. ${REMEDIES[problem]}`,
    { cause: error },
  );
}

/** True for what heals by itself: it is worth trying again. */
export function isPassing(error: unknown): boolean {
  return error instanceof JournalError && (error.problem === "full" || error.problem === "busy");
}

/** True for what SQLite itself complains of. */
export function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

function problemOf(error: unknown): keyof typeof REMEDIES {
  const family = sqliteCode(error) & FAMILY_MASK;
  // A write that fails is, on most file systems, what a full disk looks like while it fills up.
  if (family === SQLITE_FULL || family === SQLITE_IOERR) return "full";
  if (family === SQLITE_BUSY || family === SQLITE_LOCKED) return "busy";
  return family === SQLITE_CORRUPT || family === SQLITE_NOTADB ? "corrupt" : "unusable";
}

function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode
    : 0;
}
