// Owns whether a running account has taken a message in, as its journal tells: also where another process runs it.
import { accountPath } from "../../config/state-folder.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { parseServerUrl } from "../../gotify/url.ts";
import { visitJournal } from "../../journal/journal.ts";
import { serverKey } from "../../journal/wire.ts";

/**
 * Whatever the account made of it; its own messages are noted as well.
 *
 * @throws {JournalError} when the journal cannot be read.
 */
export function hasTakenIn(
  stateDir: string,
  { accountId, serverUrl }: ResolvedAccount,
  messageId: number,
): boolean {
  if (serverUrl === undefined) return false;
  const journal = visitJournal(accountPath(stateDir, accountId), "read");
  if (journal === undefined) return false;
  try {
    // In the present counting: the message that bore this number before a reset is another one.
    const row = journal
      .sql(
        `select 1 from feed join seen on seen.feed = feed.id and seen.epoch = feed.epoch
         where feed.server = $server and seen.id = $messageId limit 1`,
      )
      .get({ server: serverKey(parseServerUrl(serverUrl).href), messageId });
    return row !== undefined;
  } finally {
    journal.close();
  }
}
