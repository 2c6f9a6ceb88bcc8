// Owns what is known of an account before it is judged, and how long each thing may last before it counts.
import type { JournalFacts } from "./journal-facts.ts";
import type { Noted, Vitals } from "./vitals.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Accounts start some seconds after the Gateway answers. */
export const START_GRACE_MS = MINUTE_MS;
/**
 * How long a start or a reconnect may take before it counts. A socket that fell silent is noticed after 35 s,
 * so that one is told of within a minute.
 */
export const DOWN_GRACE_MS = 20 * SECOND_MS;
/** How long catching up with what was missed may take before somebody wonders. */
export const CATCH_UP_GRACE_MS = MINUTE_MS;
/** From here on it stands still for all that anybody can tell, and messages wait behind it. */
export const CATCH_UP_TOO_LONG_MS = 5 * MINUTE_MS;
/** A reading takes in what it finds before it ends. */
export const BEHIND_GRACE_MS = 20 * SECOND_MS;
/** Lists are read at least every ten minutes, however slow the server is. */
export const READING_STALE_MS = 12 * MINUTE_MS;
/** Whether a post would work is looked at every 40 s, and a look that gets no answer takes a while. */
export const POSTING_STALE_MS = 3 * MINUTE_MS;
/** The host asks for work twice a second, and in a flood every few seconds. */
export const QUEUE_STALE_MS = 30 * SECOND_MS;
/** How long a message may wait for no reason. */
export const WAITING_LONG_MS = MINUTE_MS;
/** How long a message may be tried in vain while no other gets through. */
export const RETRYING_LONG_MS = MINUTE_MS;
/** A message that got through longer ago says nothing of today. */
export const OTHERS_DONE_MS = HOUR_MS;
/** Turns with many tools take minutes. */
export const STUCK_TURN_MS = 10 * MINUTE_MS;
/** The host tries a reply again after 5 s and after 25 s. */
export const UNSETTLED_REPLY_MS = 2 * MINUTE_MS;
/** One message in vain says little. */
export const ALL_FAILED_FROM = 3;
/** The holder of the lease says every 5 s that it lives. */
export const BEAT_STALE_MS = 20 * SECOND_MS;

/** What is known of an account, from wherever. */
export interface Known {
  readonly accountId: string;
  readonly enabled: boolean;
  readonly configured: boolean;
  /** Why it cannot work, where the configuration alone tells. */
  readonly problem: string | undefined;
  /** That is because a setting is missing which the setup asks for. */
  readonly lacksSettings: boolean;
  readonly hasUnreadableSecret: boolean;
  /** Whether it takes messages in. */
  readonly receives: boolean;
  /** Whether this process is the one that runs accounts. */
  readonly isGateway: boolean;
  /** How long this process has been running. */
  readonly upMs: number;
  /** Of the running account, where it runs in this process. */
  readonly vitals: Vitals | undefined;
  /** When its last run in this process ended, and with which error; `undefined` while it runs, or never did. */
  readonly ended: Noted<string | undefined> | undefined;
  readonly journal: JournalFacts | undefined;
  readonly journalProblem: string | undefined;
}
