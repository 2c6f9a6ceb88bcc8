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
import {
  createOutbox,
  type Outbox,
  type OutboxEntry,
  type OutboxKey,
  type OutboxNote,
} from "../../journal/outbox.ts";

/** The outboxes of all accounts. A disk that does not take a note costs the note, never the reply. */
export interface UnsettledReplies {
  /** Looks into an account's outbox, or changes what is in it; `undefined` when there is none, or it cannot be used. */
  readonly look: <T>(accountId: string, work: (outbox: Outbox) => T) => T | undefined;
  /** The same, with an outbox made where there is none. */
  readonly write: (accountId: string, work: (outbox: Outbox) => void) => void;
  /** What is known of a reply that is about to be posted. */
  readonly find: (accountId: string, key: OutboxKey) => OutboxEntry | undefined;
  /** Notes that a post of it begins now: right after `find`, in the file that was there then. */
  readonly begin: (accountId: string, known: OutboxNote) => void;
  /**
   * Forgets one that arrived as soon as the process has nothing else to do: the next post goes first, and
   * this is done while its server is at work. For all of the above it is forgotten already.
   */
  readonly forgetSoon: (accountId: string, key: OutboxKey) => void;
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
 * - `if-there`: only if there is one; - `made`: whether or not; - `as-found`: made as well, and which file it is
 *   was looked up a moment ago.
 */
type Need = "if-there" | "made" | "as-found";

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
  /** What arrived and is still noted; gone with the turn of the event loop. */
  const arrived = new Map<string, OutboxKey[]>();
  let cleaning: NodeJS.Immediate | undefined;

  const fileOf = (accountId: string, need: Need): OpenFile | undefined => {
    const known = files.get(accountId);
    if (known !== undefined && need === "as-found") return known;
    const folder = folderOf(accountId);
    const inode = inodeOf(join(folder, JOURNAL_FILE_NAME));
    if (known !== undefined && known.inode === inode) return known;
    known?.journal.close();
    files.delete(accountId);
    if (inode === undefined && need === "if-there") return undefined;
    const journal =
      inode === undefined ? openJournal(folder).journal : visitJournal(folder, "write");
    const opened = inodeOf(join(folder, JOURNAL_FILE_NAME));
    if (journal === undefined || opened === undefined) return undefined;
    const file = { journal, outbox: createOutbox(journal, host.now), inode: opened };
    files.set(accountId, file);
    return file;
  };
  const withFile = <T>(
    accountId: string,
    need: Need,
    work: (file: OpenFile) => T,
  ): T | undefined => {
    try {
      const file = fileOf(accountId, need);
      const result = file === undefined ? undefined : work(file);
      warnings.delete(accountId);
      return result;
    } catch (error) {
      const text = `The outbox of account ${accountId} cannot be used: ${errorText(error)} Replies are sent all the same.`;
      if (warnings.get(accountId) !== text) host.warn(text);
      warnings.set(accountId, text);
      return undefined;
    }
  };

  /** Also when it fails: it is tried once, as every note is. */
  const forgetArrived = (accountId: string, { outbox }: OpenFile): void => {
    const keys = arrived.get(accountId) ?? [];
    arrived.delete(accountId);
    for (const key of keys) outbox.forget(key);
  };
  const tidied = <T>(accountId: string, need: Need, work: (outbox: Outbox) => T) =>
    withFile(accountId, need, (file) => {
      forgetArrived(accountId, file);
      return work(file.outbox);
    });
  const tidyAll = (): void => {
    clearImmediate(cleaning);
    cleaning = undefined;
    for (const accountId of arrived.keys()) tidied(accountId, "if-there", () => undefined);
    arrived.clear();
  };

  const hasArrived = (accountId: string, key: OutboxKey): boolean =>
    arrived.get(accountId)?.some((other) => isSame(other, key)) === true;

  return {
    look: (accountId, work) => tidied(accountId, "if-there", work),
    write: (accountId, work) => tidied(accountId, "made", work),
    find(accountId, key) {
      return hasArrived(accountId, key)
        ? undefined
        : withFile(accountId, "if-there", ({ outbox }) => outbox.find(key));
    },
    begin(accountId, known) {
      withFile(accountId, "as-found", (file) => {
        // Posted once more in the same moment: what is noted now must not be forgotten with what was before.
        if (hasArrived(accountId, known)) forgetArrived(accountId, file);
        file.outbox.note(known, false);
      });
    },
    forgetSoon(accountId, key) {
      const keys = arrived.get(accountId) ?? [];
      arrived.set(accountId, [...keys, key]);
      cleaning ??= setImmediate(tidyAll);
    },
    close(accountId) {
      tidyAll();
      for (const [id, { journal }] of files) {
        if (accountId !== undefined && id !== accountId) continue;
        journal.close();
        files.delete(id);
      }
    },
  };
}

function isSame(one: OutboxKey, other: OutboxKey): boolean {
  return one.id === other.id && one.payload === other.payload;
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
