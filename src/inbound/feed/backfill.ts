// Owns reading back what the stream did not bring: from the newest stored message down to the mark, and moving the mark.
import type { GotifyClient } from "../../gotify/client.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { ResolvedCatchUp } from "../../config/types.ts";
import type { Intake } from "./intake.ts";
import { createPageReader, PAGE_SIZE } from "./page-reader.ts";
import type { Progress, Verdict } from "./progress.ts";

/**
 * How long after its id was given out a message may still become visible. Databases commit out of order;
 * PostgreSQL was seen to do so 1.4 s and 127 ids late.
 */
const SETTLING_MS = 10_000;
/** A later date by less than this can be rounding. */
const DATE_TOLERANCE_MS = 2_000;
/** Enough for the readings of the settling time. */
const MAX_TOPS = 32;
/** A server without dates, or with all of them equal, must not make a first start read everything. */
const MAX_FIRST_READING = 10_000;
const SMALLEST_PAGE_SIZE = 20;

export interface BackfillOptions {
  readonly client: Pick<GotifyClient, "readPages">;
  readonly progress: Progress;
  readonly intake: Intake;
  readonly policy: ResolvedCatchUp;
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
}

/** What one reading found. */
export interface BackfillReport {
  /** Messages now on their way to the agent that no frame had brought. */
  readonly admitted: number;
  /** True for the very first reading of this server and user. */
  readonly first: boolean;
  /** The newest message that was left out for its age or number; all below it were as well. */
  readonly skipped: GotifyMessage | undefined;
  /** Milliseconds that the slowest page took. */
  readonly pageCostMs: number;
  /** The highest id that is stored on the server; `undefined` when nothing is. */
  readonly newest: number | undefined;
  readonly restarted: boolean;
}

/** One reader of one feed. It remembers the tops of earlier readings, to know by its own clock what is settled. */
export interface Backfill {
  /**
   * Reads once.
   *
   * @param isBounded whether the operator's bounds on catching up hold; they do after an outage, and not
   * for what the stream lost meanwhile.
   *
   * @throws what reading throws, or a JournalError. The mark has not moved then, and the next reading begins anew.
   */
  read(signal: AbortSignal, isBounded: boolean): Promise<BackfillReport>;
}

/** What of a message the mark depends on. */
interface Trace {
  readonly id: number;
  readonly at: number | undefined;
}

/** The newest id of a finished reading, and when by our own clock it began. */
interface Top {
  readonly epoch: number;
  readonly id: number;
  readonly at: number;
}

export function createBackfill(options: BackfillOptions): Backfill {
  const { progress, intake, policy } = options;
  let tops: readonly Top[] = [];

  /** One walk down. `undefined`: the server turned out to count anew, so all that was known is void. */
  const walk = async (
    signal: AbortSignal,
    isBounded: boolean,
  ): Promise<BackfillReport | undefined> => {
    const { epoch, mark, newestAt, floorAt } = progress.state();
    // A frame can show it too, while a page is on its way.
    const hasOtherEpoch = (): boolean => progress.state().epoch !== epoch;
    const first = mark === undefined;
    const begunAt = options.elapsed();
    const limits = isBounded ? policy : { ...policy, maxMessages: Number.POSITIVE_INFINITY };
    const bounds = first
      ? firstBounds(policy.firstStart, progress.firstPushed())
      : catchUpBounds(limits);
    const traces: Trace[] = [];
    let admitted = 0;
    let newest: number | undefined;

    const size = first ? PAGE_SIZE : sizeFor(progress.countAboveMark());
    const pages = createPageReader(options, size, signal);
    try {
      for (;;) {
        const page = await pages.next();
        if (page === undefined) break;
        const { messages, servedAt } = page;
        const lowest = messages.at(-1);
        newest ??= messages[0]?.id;
        const isLast = lowest !== undefined && isDown(lowest, mark, floorAt);
        bounds.begin(servedAt?.getTime() ?? options.now());
        // The server looks for the next page while this one is written down.
        if (!isLast && !bounds.mayEndWith(messages)) await pages.ahead();
        if (hasOtherEpoch()) return undefined;
        if (traces.length === 0 && hasRestarted(messages[0], mark, newestAt)) {
          intake.restart();
          return undefined;
        }
        const accepted = intake.acceptPage(messages, bounds.verdict);
        if (accepted.restarted) return undefined;
        admitted += accepted.admitted.length;
        for (const { id, date } of messages) {
          if (mark === undefined || id > mark) traces.push({ id, at: date?.getTime() });
        }
        if (isLast || bounds.isEnough(traces)) break;
      }
    } finally {
      await pages.close();
    }

    if (hasOtherEpoch()) return undefined;
    const skipped = bounds.skipped();
    // Below what a first start has read is nothing but history.
    const history = first ? (traces.at(-1)?.id ?? 1) - 1 : 0;
    tops = tops.filter((top) => top.epoch === epoch);
    const settled = Math.max(settledByDate(traces), settledByClock(tops, begunAt));
    intake.finish(Math.max(settled, history, skipped?.id ?? 0, mark ?? 0));
    const top = traces[0];
    if (top !== undefined) tops = [...tops, { epoch, id: top.id, at: begunAt }].slice(-MAX_TOPS);
    return {
      admitted,
      first,
      skipped,
      pageCostMs: pages.costMs(),
      newest,
      restarted: false,
    };
  };

  return {
    async read(signal, isBounded) {
      const report = await walk(signal, isBounded);
      if (report !== undefined) return report;
      const again = await walk(signal, isBounded);
      if (again !== undefined) return { ...again, restarted: true };
      throw new Error(
        "The lists of this Gotify contradict each other. Do two servers answer at this address?",
      );
    },
  };
}

function sizeFor(expected: number): number {
  return Math.min(PAGE_SIZE, expected + SMALLEST_PAGE_SIZE);
}

/** True when everything below has been dealt with before. */
function isDown(
  { id, date }: GotifyMessage,
  mark: number | undefined,
  floorAt: number | undefined,
): boolean {
  if (mark !== undefined && id <= mark) return true;
  return floorAt !== undefined && (date?.getTime() ?? 0) < floorAt;
}

/** Lower than the mark, and yet later than everything seen: the server counts anew, after a reset or a restore. */
function hasRestarted(
  newest: GotifyMessage | undefined,
  mark: number | undefined,
  newestAt: number | undefined,
): boolean {
  if (newest?.date === undefined || mark === undefined || newestAt === undefined) return false;
  return newest.id < mark && newest.date.getTime() > newestAt + DATE_TOLERANCE_MS;
}

/** How much one reading takes in. */
interface Bounds {
  /** Called before each page, with the time at the server. */
  readonly begin: (now: number) => void;
  /** Overrules what would otherwise be admitted. Called for messages in falling order of their ids. */
  readonly verdict: (message: GotifyMessage) => Verdict | undefined;
  /** True when nothing below these messages may be wanted: whoever asked for it would ask in vain. */
  mayEndWith(messages: readonly GotifyMessage[]): boolean;
  /** True when nothing below can be wanted. */
  isEnough(traces: readonly Trace[]): boolean;
  skipped(): BackfillReport["skipped"];
}

/**
 * The first start: the newest few if they are asked for; the rest is history. Not so what was posted after
 * the first push: the account was there already, and only its first reading was late.
 */
function firstBounds(wanted: number, firstPushed = Number.POSITIVE_INFINITY): Bounds {
  let admitted = 0;
  return {
    begin() {},
    verdict({ id }) {
      if (id > firstPushed) return undefined;
      if (admitted >= wanted) return "history";
      admitted += 1;
      return undefined;
    },
    mayEndWith: () => true,
    isEnough(traces) {
      if (admitted < wanted) return false;
      // What is not settled yet must be known by its id, or its late neighbours would pass for news.
      return settledByDate(traces) > 0 || traces.length >= MAX_FIRST_READING;
    },
    skipped: () => undefined,
  };
}

/** Later: everything, down to the bounds that the operator set. */
function catchUpBounds(policy: ResolvedCatchUp): Bounds {
  let oldest = 0;
  let admitted = 0;
  let skipped: GotifyMessage | undefined;
  return {
    begin(now) {
      oldest = now - policy.maxAgeMs;
    },
    verdict(message) {
      const isOld = message.date !== undefined && message.date.getTime() < oldest;
      if (admitted < policy.maxMessages && !isOld) {
        admitted += 1;
        return undefined;
      }
      skipped ??= message;
      return "skipped";
    },
    mayEndWith: (messages) =>
      admitted + messages.length > policy.maxMessages ||
      (messages.at(-1)?.date?.getTime() ?? oldest) < oldest,
    isEnough: () => skipped !== undefined,
    skipped: () => skipped,
  };
}

/**
 * The highest id that is dated well before the newest of this reading, like all below it; 0 when there is
 * none. By the server's clock alone, so it does not matter how wrong that is.
 */
function settledByDate(traces: readonly Trace[]): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { at } of traces) newest = Math.max(newest, at ?? newest);
  let lowestUnsettled = Number.POSITIVE_INFINITY;
  for (const { id, at } of traces) {
    if (at === undefined || newest - at < SETTLING_MS)
      lowestUnsettled = Math.min(lowestUnsettled, id);
  }
  return traces.find(({ id }) => id < lowestUnsettled)?.id ?? 0;
}

/** The top of the newest reading that began well before this one: whatever was late has been read by now. */
function settledByClock(tops: readonly Top[], begunAt: number): number {
  return tops.findLast(({ at }) => begunAt - at >= SETTLING_MS)?.id ?? 0;
}
