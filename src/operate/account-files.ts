// Owns the files that accounts leave behind: which of them are of no use any more, and removing those, never another's.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountPath } from "../config/state-folder.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { JOURNAL_FILE_NAME, visitJournal } from "../journal/journal.ts";
import { consumerOf } from "../journal/lease.ts";

const DAY_MS = 86_400_000;
/**
 * How long the journal of an account is kept that the configuration does not name any more: it may only have
 * been commented out. After that time it has forgotten all that it would be needed for, for its tombstones
 * live as long.
 */
const UNNAMED_KEPT_MS = 30 * DAY_MS;
/** How many damaged journals of an account are kept, and how long: they hold messages. */
const DAMAGED_KEPT = 3;
const DAMAGED_KEPT_MS = 30 * DAY_MS;
/** A file that was being written when its process was killed. */
const DRAFT_KEPT_MS = DAY_MS;

/** Left in the folder of a removed account that was still in use. */
const REMOVED_MARK = "removed";
const DAMAGED_FILE =
  /^journal\.sqlite\.damaged-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:-\d+)?)(?:-wal|-shm)?$/;
const OWN_FILE = /^(?:journal\.sqlite(?:-wal|-shm|-journal)?|removed)$/;
const DRAFT_FILE = /\.\d+\.[0-9a-f]{8}$/;

export type Removal = "removed" | "nothing" | "in-use";

/** Removes what an account has left. One that a Gateway still runs is marked, and removed when the next one starts. */
export function removeAccountFiles(stateDir: string, accountId: string): Removal {
  const folder = accountPath(stateDir, accountId);
  if (!existsSync(folder)) return "nothing";
  if (isConsumed(folder)) {
    writeFileSync(join(folder, REMOVED_MARK), "", { mode: 0o600 });
    return "in-use";
  }
  rmSync(folder, { recursive: true, force: true });
  return "removed";
}

/** The account is there again before anybody has removed its files: they stay. */
function unmark(folder: string): void {
  rmSync(join(folder, REMOVED_MARK), { force: true });
}

/**
 * Removes what nobody needs any more. Returns what it removed, for the log.
 *
 * @param accountIds all that the configuration names, also those that are switched off.
 */
export function pruneFiles(
  stateDir: string,
  accountIds: readonly string[],
  now: number,
): readonly string[] {
  const root = join(stateDir, CHANNEL_ID);
  if (!existsSync(root)) return [];
  const named = new Set(accountIds.map((id) => accountPath(stateDir, id)));
  const removed: string[] = [];
  const remove = (path: string): void => {
    rmSync(path, { recursive: true, force: true });
    removed.push(path);
  };
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    if (entry.isFile()) {
      if (DRAFT_FILE.test(entry.name) && now - changedAt(path) > DRAFT_KEPT_MS) remove(path);
    } else if (entry.isDirectory()) {
      if (named.has(path)) unmark(path);
      if (!named.has(path) && isOfNoUse(path, now)) remove(path);
      else for (const file of superfluousDamaged(path, now)) remove(join(path, file));
    }
  }
  return removed;
}

/** A folder with anything else in it is somebody else's, whatever it is called. */
function isOfNoUse(folder: string, now: number): boolean {
  const names = readdirSync(folder);
  if (!names.every((name) => OWN_FILE.test(name) || DAMAGED_FILE.test(name))) return false;
  const isOld = names.includes(REMOVED_MARK) || now - lastUsedAt(folder) > UNNAMED_KEPT_MS;
  return isOld && !isConsumed(folder);
}

/** Reading leaves an empty log behind, and that is no use. */
function lastUsedAt(folder: string): number {
  const file = join(folder, JOURNAL_FILE_NAME);
  if (!existsSync(file)) return changedAt(folder);
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  return Math.max(changedAt(file), log === undefined || log.size === 0 ? 0 : log.mtimeMs);
}

/** By the time in their names: a copy of a backup is as old as what it is a copy of. */
function superfluousDamaged(folder: string, now: number): string[] {
  const names = readdirSync(folder);
  const stamps = [...new Set(names.map(stampOf).filter((stamp) => stamp !== undefined))]
    .sort()
    .toReversed();
  const kept = new Set(
    stamps.filter((stamp, place) => place < DAMAGED_KEPT && now - timeOf(stamp) <= DAMAGED_KEPT_MS),
  );
  return names.filter((name) => {
    const stamp = stampOf(name);
    return stamp !== undefined && !kept.has(stamp);
  });
}

function stampOf(name: string): string | undefined {
  return DAMAGED_FILE.exec(name)?.[1];
}

/** `2026-11-23T10-20-30`, with or without a number behind it. */
function timeOf(stamp: string): number {
  const [date = "", time = ""] = stamp.split("T");
  return Date.parse(`${date}T${time.slice(0, 8).replaceAll("-", ":")}Z`);
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A journal that cannot be read is nobody's. */
function isConsumed(folder: string): boolean {
  if (!existsSync(join(folder, JOURNAL_FILE_NAME))) return false;
  try {
    const journal = visitJournal(folder, "read");
    try {
      return journal !== undefined && consumerOf(journal) !== undefined;
    } finally {
      journal?.close();
    }
  } catch {
    return false;
  }
}
