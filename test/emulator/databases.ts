// Owns what the databases behind Gotify do in different ways: what they refuse for good, and how exact their dates are.
import type { Instant } from "./clock.ts";
import type { Personality } from "./records.ts";

/** `mysql-utf8mb3`: MySQL or MariaDB with `charset=utf8` in the address, as in Gotify's own example. */
export type Database = "sqlite3" | "mysql" | "mysql-utf8mb3" | "postgres";

/** Of MySQL's TEXT, in bytes. */
const MAX_TEXT_BYTES = 65_535;
/** How much of a text MySQL quotes. */
const QUOTED_BYTES = 6;
const NS_PER_US = 1000;

/** The text of the 500 with which a message is refused, today and at every further try. Undefined: it is stored. */
export function refusalOf(
  database: Database,
  message: { readonly message: string; readonly title: string },
): string | undefined {
  const columns = [
    ["message", message.message],
    ["title", message.title],
  ] as const;
  for (const [column, text] of columns) {
    const refusal = refusalOfText(database, column, text);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfText(database: Database, column: string, text: string): string | undefined {
  if (database === "sqlite3") return undefined;
  if (database === "postgres") {
    return text.includes("\0")
      ? 'ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)'
      : undefined;
  }
  const bytes = Buffer.from(text);
  const incorrect = firstIncorrect(database, text, bytes);
  if (incorrect !== undefined) {
    const where = `column \`gotify\`.\`messages\`.\`${column}\` at row 1`;
    return `Error 1366 (22007): Incorrect string value: '${quote(incorrect)}' for ${where}`;
  }
  return bytes.length > MAX_TEXT_BYTES
    ? `Error 1406 (22001): Data too long for column '${column}' at row 1`
    : undefined;
}

/** From the character on that cannot be stored: too many bytes of its own, or the end of the column within it. */
function firstIncorrect(database: Database, text: string, bytes: Buffer): Buffer | undefined {
  if (database === "mysql-utf8mb3") {
    const at = text.search(/[\u{10000}-\u{10ffff}]/u);
    const start = Buffer.byteLength(text.slice(0, Math.max(at, 0)));
    if (at !== -1 && start < MAX_TEXT_BYTES) return bytes.subarray(start);
  }
  let start = MAX_TEXT_BYTES;
  while (isContinuation(bytes[start])) start -= 1;
  return start === MAX_TEXT_BYTES ? undefined : bytes.subarray(start);
}

/** A byte of UTF-8 that is not the first one of its character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

function quote(bytes: Buffer): string {
  const shown = Array.from(bytes.subarray(0, QUOTED_BYTES), (byte) =>
    byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : String.raw`\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `${shown.join("")}${bytes.length > QUOTED_BYTES ? "..." : ""}`;
}

/** The text of the 500 for the one of two simultaneous changes that lost. Nothing came of it; another try may succeed. */
export function conflictOf(database: Database): string {
  return database.startsWith("mysql")
    ? "Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction"
    : "ERROR: could not serialize access due to read/write dependencies among transactions (SQLSTATE 40001)";
}

/** What is left of a date once it is read back: digits are cut off, not rounded. */
export function storedInstant(database: Database, { ms, subMs }: Instant): Instant {
  switch (database) {
    case "sqlite3":
      return { ms, subMs };
    case "postgres":
      return { ms, subMs: subMs - (subMs % NS_PER_US) };
    case "mysql":
    case "mysql-utf8mb3":
      return { ms, subMs: 0 };
  }
}

/** What a caller with credentials is told while the database is gone. Gotify 3 hands the driver's words through, address and all. */
export function databaseProblem(personality: Personality): string {
  return personality === "v2"
    ? "an error occurred while authenticating user"
    : "dial tcp 192.0.2.10:5432: connect: connection refused";
}
