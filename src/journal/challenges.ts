// Owns how often strangers are sent a pairing code: seldom enough that machines cannot crowd out a person.
import { asInteger } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The host itself keeps three open requests for each account, for an hour each. */
const MAX_A_DAY = 3;
/** How long a code is worth something at the host. */
const CODE_TTL_MS = HOUR_MS;

/**
 * Whether an application may be sent a code now: one a day for it, three a day for the account.
 *
 * - `free`: it may.
 * - `asked`: it has had its code.
 * - `expired`: it has had its code, which is worth nothing any more, and was not approved.
 * - `crowded`: it has had none, and others have had all.
 */
export type Standing = "free" | "asked" | "expired" | "crowded";

export interface Challenges {
  readonly standingOf: (appId: number) => Standing;
  readonly noteChallenge: (appId: number) => void;
  /** The applications whose code may still be approved, or just was, and that were not told so yet. */
  readonly open: () => readonly number[];
  /** The same with those whose code has expired: it may have been approved while nobody looked. */
  readonly untold: () => readonly number[];
  readonly noteAnnounced: (appId: number) => void;
}

export function createChallenges(journal: Journal, now: () => number = Date.now): Challenges {
  return {
    standingOf(appId) {
      journal.sql("delete from challenges where at <= $before").run({ before: now() - DAY_MS });
      const asked = challenged(journal, now() - DAY_MS);
      if (asked.includes(appId)) {
        const isExpired =
          asking(journal, now()).includes(appId) && !withOpenCode(journal, now()).includes(appId);
        return isExpired ? "expired" : "asked";
      }
      return asked.length < MAX_A_DAY ? "free" : "crowded";
    },
    noteChallenge(appId) {
      journal
        .sql("insert or ignore into challenges (app, at) values ($app, $at)")
        .run({ app: appId, at: now() });
    },
    open: () => untoldSince(journal, now() - CODE_TTL_MS),
    untold: () => asking(journal, now()),
    noteAnnounced(appId) {
      journal.sql("update challenges set announced = 1 where app = $app").run({ app: appId });
    },
  };
}

/** Those that have used up the codes of the last day and were not approved; `[]` while a code is left. */
export function crowdOf(journal: Journal, now: number): readonly number[] {
  if (challenged(journal, now - DAY_MS).length < MAX_A_DAY) return [];
  return untoldSince(journal, now - DAY_MS);
}

/** Those that asked within the last day and were not approved, as far as the Gateway has seen. */
export function asking(journal: Journal, now: number): readonly number[] {
  return untoldSince(journal, now - DAY_MS);
}

/** Those whose code may be approved yet. */
export function withOpenCode(journal: Journal, now: number): readonly number[] {
  return challenged(journal, now - CODE_TTL_MS);
}

function challenged(journal: Journal, since: number): number[] {
  return journal
    .sql("select app from challenges where at > $since order by at, app")
    .all({ since })
    .map(({ app }) => asInteger(app) ?? 0);
}

function untoldSince(journal: Journal, at: number): number[] {
  return journal
    .sql("select app from challenges where announced = 0 and at > $at order by at, app")
    .all({ at })
    .map(({ app }) => asInteger(app) ?? 0);
}
