// Owns where replies that are not known to have arrived are kept: in their account's journal, without ever getting in the way of a post.
import { statSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../config/error-text.ts";
import { getRuntime } from "../../config/runtime.ts";
import { accountFolder } from "../../config/state-folder.ts";
import {
  JOURNAL_FILE_NAME,
  openJournal,
  visitJournal,
  type Journal,
} from "../../journal/journal.ts";
import { createOutbox, type Outbox } from "../../journal/outbox.ts";

/** The outboxes of all accounts. A disk that does not take a note costs the note, never the reply. */
export interface UnsettledReplies {
  /** Looks into an account's outbox, or changes what is in it; `undefined` when there is none, or it cannot be used. */
  readonly look: <T>(accountId: string, work: (outbox: Outbox) => T) => T | undefined;
  /** The same, with an outbox made where there is none. */
  readonly write: (accountId: string, work: (outbox: Outbox) => void) => void;
  /** Closes the account's file, or all of them. They are opened again when they are needed. */
  readonly close: (accountId?: string) => void;
}

interface OpenFile {
  readonly journal: Journal;
  readonly outbox: Outbox;
  /** A restore can put another file in its place. */
  readonly inode: number;
}

/**
 * The command line and the Gateway share the files, so nothing of them is remembered: each look asks the
 * file, which stays open. One for each account that posts.
 */
export function journaledReplies(host: {
  readonly warn: (text: string) => void;
  readonly folderOf?: (accountId: string) => string;
  readonly now?: () => number;
}): UnsettledReplies {
  const folderOf =
    host.folderOf ??
    ((accountId: string) => accountFolder(getRuntime().state.resolveStateDir(), accountId));
  const files = new Map<string, OpenFile>();
  /** What was said last of an account: each post would say it again. */
  const warnings = new Map<string, string>();

  const fileOf = (accountId: string, isNeeded: boolean): OpenFile | undefined => {
    const folder = folderOf(accountId);
    const known = files.get(accountId);
    const inode = inodeOf(join(folder, JOURNAL_FILE_NAME));
    if (known !== undefined && known.inode === inode) return known;
    known?.journal.close();
    files.delete(accountId);
    if (inode === undefined && !isNeeded) return undefined;
    const journal =
      inode === undefined ? openJournal(folder).journal : visitJournal(folder, "write");
    const opened = inodeOf(join(folder, JOURNAL_FILE_NAME));
    if (journal === undefined || opened === undefined) return undefined;
    const file = { journal, outbox: createOutbox(journal, host.now), inode: opened };
    files.set(accountId, file);
    return file;
  };
  const withOutbox = <T>(
    accountId: string,
    isNeeded: boolean,
    work: (outbox: Outbox) => T,
  ): T | undefined => {
    try {
      const file = fileOf(accountId, isNeeded);
      const result = file === undefined ? undefined : work(file.outbox);
      warnings.delete(accountId);
      return result;
    } catch (error) {
      const text = `The outbox of account ${accountId} cannot be used: ${errorText(error)} Replies are sent all the same.`;
      if (warnings.get(accountId) !== text) host.warn(text);
      warnings.set(accountId, text);
      return undefined;
    }
  };

  return {
    look: (accountId, work) => withOutbox(accountId, false, work),
    write: (accountId, work) => withOutbox(accountId, true, work),
    close(accountId) {
      for (const [id, { journal }] of files) {
        if (accountId !== undefined && id !== accountId) continue;
        journal.close();
        files.delete(id);
      }
    },
  };
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
