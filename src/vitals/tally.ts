// Owns the numbers of each hour in the account's journal: they survive a restart, and can be read beside a running Gateway.
import { asInteger, asString } from "../gotify/parse.ts";
import type { Journal } from "../journal/journal.ts";
import { COUNTERS, noneCounted, type Counter, type VitalsWriter } from "./vitals.ts";

const HOUR_MS = 3_600_000;
const KEPT_HOURS = 7 * 24;

export type Counts = Readonly<Record<Counter, number>>;

export interface TalliedHour {
  /** When the hour began, in ms since 1970. */
  readonly hour: number;
  readonly counted: Counts;
}

export interface Tally {
  /**
   * Adds to the hour that `at` lies in, and forgets hours that are more than a week older. In one transaction.
   *
   * @throws {JournalError} when nothing of it was written.
   */
  readonly add: (counts: Counts, at: number) => void;
  /** The last hours, oldest first, the running one last; hours in which nothing was counted are there with zeros. */
  readonly hours: (now: number, count: number) => TalliedHour[];
}

export function createTally(journal: Journal): Tally {
  return {
    add(counts, at) {
      const hour = hourOf(at);
      journal.transaction(() => {
        for (const counter of COUNTERS) {
          if (counts[counter] === 0) continue;
          journal
            .sql(
              `insert into tally (hour, counter, count) values ($hour, $counter, $count)
               on conflict (hour, counter) do update set count = count + excluded.count`,
            )
            .run({ hour, counter, count: counts[counter] });
        }
        journal
          .sql("delete from tally where hour <= $before")
          .run({ before: hour - KEPT_HOURS * HOUR_MS });
      });
    },

    hours(now, count) {
      const newest = hourOf(now);
      const oldest = newest - (count - 1) * HOUR_MS;
      const found = new Map<number, Record<Counter, number>>();
      for (let hour = oldest; hour <= newest; hour += HOUR_MS) found.set(hour, noneCounted());
      const rows = journal
        .sql("select hour, counter, count from tally where hour between $oldest and $newest")
        .all({ oldest, newest });
      for (const row of rows) {
        const counted = found.get(asInteger(row["hour"]) ?? 0);
        const name = asString(row["counter"]);
        // A newer version may count more than this one knows of.
        const counter = COUNTERS.find((known) => known === name);
        if (counted !== undefined && counter !== undefined) {
          counted[counter] = asInteger(row["count"]) ?? 0;
        }
      }
      return [...found].map(([hour, counted]) => ({ hour, counted }));
    },
  };
}

/** Brings what a running account counts into a journal, now and then. */
export interface TallyKeeper {
  /** Writes what was counted since; nothing when nothing was. Never throws: what the disk refuses is kept for the next time. */
  readonly write: (open: () => Journal | undefined) => void;
}

/** Lives as long as the account's run, whatever becomes of its journal meanwhile. */
export function createTallyKeeper(
  vitals: Pick<VitalsWriter, "takeUncounted">,
  now: () => number,
): TallyKeeper {
  /** By their hour, so that what is written hours later does not look like a flood. */
  const owed = new Map<number, Record<Counter, number>>();
  return {
    write(open) {
      const at = now();
      addTo(owed, hourOf(at), vitals.takeUncounted());
      for (const hour of owed.keys()) {
        if (hour <= hourOf(at) - KEPT_HOURS * HOUR_MS) owed.delete(hour);
      }
      if (owed.size === 0) return;
      try {
        const journal = open();
        if (journal === undefined) return;
        const tally = createTally(journal);
        for (const [hour, counts] of owed) {
          tally.add(counts, hour);
          owed.delete(hour);
        }
      } catch {
        // Full, busy, damaged or another's: whoever needs the journal for messages says so.
      }
    },
  };
}

function addTo(owed: Map<number, Record<Counter, number>>, hour: number, counts: Counts): void {
  if (COUNTERS.every((counter) => counts[counter] === 0)) return;
  const sum = owed.get(hour) ?? noneCounted();
  for (const counter of COUNTERS) sum[counter] += counts[counter];
  owed.set(hour, sum);
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}
