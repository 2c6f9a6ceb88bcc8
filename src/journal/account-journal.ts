// Owns how commands reach an account's journal: reading beside a running Gateway, and writing only where none consumes it.
import { listAccountIds, normalizeAccountId } from "../config/account-ids.ts";
import { CommandError } from "../config/command-line.ts";
import { currentConfig } from "../config/host-types.ts";
import { getRuntime } from "../config/runtime.ts";
import { accountPath } from "../config/state-folder.ts";
import { isConsumed } from "./lease.ts";
import { visitJournal, type Journal } from "./journal.ts";

/** The account as it is configured. @throws {CommandError} when there is none of that name. */
export function knownAccount(accountId: string): string {
  const known = listAccountIds(currentConfig(getRuntime()));
  const id = normalizeAccountId(accountId);
  if (known.includes(id)) return id;
  throw new CommandError(
    `There is no Gotify account "${accountId}". Configured: ${known.join(", ") || "none"}.`,
  );
}

/** Opens the account's journal for as long as the work takes; `undefined` when the account has none yet. */
export function withJournal<T>(
  accountId: string,
  mode: "read" | "write",
  work: (journal: Journal) => T,
): T | undefined {
  // Not made here: a folder that a command of another user had made would lock the Gateway out.
  const folder = accountPath(getRuntime().state.resolveStateDir(), accountId);
  const journal = visitJournal(folder, mode);
  if (journal === undefined) return undefined;
  try {
    return work(journal);
  } finally {
    journal.close();
  }
}

/** True while a Gateway consumes the journal: rows are changed by it, on request. */
export function isInUse(accountId: string): boolean {
  return withJournal(accountId, "read", (journal) => isConsumed(journal)) === true;
}
