// Owns what other accounts of this OpenClaw have taken in of the same server and user: whoever takes over from one of them must not answer that again.
import type { GotifyMessage } from "../../gotify/message.ts";
import { JournalError } from "../../journal/journal-errors.ts";
import { visitJournal, type Journal } from "../../journal/journal.ts";
import { isSame, readSeen } from "./seen.ts";

/** The ids of those messages that another account has handed to its agent, or is about to. */
export type TakenElsewhere = (messages: readonly GotifyMessage[]) => ReadonlySet<number>;

/**
 * Asks the other accounts' journals, each time anew: what one has taken in it keeps, also while it is off.
 *
 * @param folders of the other accounts, also of those that are not there.
 * @param server and user, as the journals name them.
 */
export function createTakenElsewhere(
  folders: () => readonly string[],
  server: string,
  user: number,
): TakenElsewhere {
  return (messages) =>
    new Set(
      messages.length === 0
        ? []
        : folders().flatMap((folder) => takenIn(folder, { server, user }, messages)),
    );
}

function takenIn(
  folder: string,
  source: { readonly server: string; readonly user: number },
  messages: readonly GotifyMessage[],
): number[] {
  let journal: Journal | undefined;
  try {
    journal = visitJournal(folder, "read");
    const rows = journal?.sql(
      `select seen.* from seen join feed on feed.id = seen.feed
       where feed.server = $server and feed.user = $user and seen.id = $id and seen.verdict = 'admitted'`,
    );
    if (rows === undefined) return [];
    return messages
      .filter((message) =>
        rows.all({ ...source, id: message.id }).some((row) => isSame(readSeen(row), message)),
      )
      .map(({ id }) => id);
  } catch (error) {
    // Another account's trouble with its journal keeps nobody else's messages back.
    if (error instanceof JournalError) return [];
    throw error;
  } finally {
    journal?.close();
  }
}
