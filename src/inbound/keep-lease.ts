// Owns holding the lease of a journal: a beat every few seconds, what its failures mean, and giving it back.
import { errorText, toError } from "../config/error-text.ts";
import { JournalError } from "../journal/journal-errors.ts";
import { LEASE_BEAT_MS, type Lease } from "../journal/lease.ts";
import type { AccountLog } from "./account-log.ts";
import type { AccountVitals } from "./account-vitals.ts";

/** Beats until told to stop, or until the lease turns out to be somebody else's. */
export function keepLease(options: {
  readonly lease: Lease;
  readonly log: AccountLog;
  readonly vitals: Pick<AccountVitals, "beat">;
  /** Called while the lease is held. */
  readonly onBeat: () => void;
  readonly onLost: (error: JournalError) => void;
}): () => void {
  const { lease, log, vitals } = options;
  let hasFailed = false;
  const timer = setInterval(() => {
    try {
      lease.beat();
      hasFailed = false;
      vitals.beat();
    } catch (error) {
      if (error instanceof JournalError && error.problem === "lost") {
        stop();
        options.onLost(error);
        return;
      }
      if (!hasFailed) log.warn(errorText(error));
      hasFailed = true;
      vitals.beat(toError(error));
    }
    options.onBeat();
  }, LEASE_BEAT_MS);
  const stop = (): void => clearInterval(timer);
  return stop;
}

/** A lease that cannot be given back, on a full disk say, runs out by itself. */
export function releaseLease(lease: Lease, log: AccountLog): void {
  try {
    lease.release();
  } catch (error) {
    log.warn(errorText(error));
  }
}
