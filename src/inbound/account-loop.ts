// Owns trying an account again whose journal is held, full or damaged, or whose messages another account takes: only somebody else can end that.
import { JournalError } from "../journal/journal-errors.ts";
import { sleep } from "./feed/sleep.ts";
import { OverlapError, untilOthersChange } from "./other-receivers.ts";

const SECOND_MS = 1_000;
/** Between two tries to become the consumer, or to open a journal that could not be opened. */
const RETRY_MS: Readonly<Record<JournalError["problem"], number>> = {
  lost: 10 * SECOND_MS,
  full: 30 * SECOND_MS,
  busy: 5 * SECOND_MS,
  newer: 60 * SECOND_MS,
  unusable: 60 * SECOND_MS,
  // Opening it again sets the damaged file aside.
  corrupt: SECOND_MS,
};

/** What the server says of the users may have changed. */
const OVERLAP_RETRY_MS = 60 * SECOND_MS;

/**
 * Runs again and again until the signal aborts.
 *
 * @param onBlocked called with the reason each time that it has to wait.
 * @throws what a run throws that no waiting heals.
 */
export async function runUntilAborted(
  runOnce: () => Promise<void>,
  options: {
    readonly accountId: string;
    readonly onBlocked: (reason: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { accountId, signal } = options;
  while (!signal.aborted) {
    try {
      await runOnce();
    } catch (error) {
      if (signal.aborted) return;
      const isOverlap = error instanceof OverlapError;
      if (!isOverlap && !(error instanceof JournalError)) throw error;
      options.onBlocked(error.message);
      if (isOverlap) await untilOthersChange(accountId, OVERLAP_RETRY_MS, signal);
      else await sleep(RETRY_MS[error.problem], signal).catch(() => {});
    }
  }
}
