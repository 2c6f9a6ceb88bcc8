// Owns how often strangers are sent a pairing code: seldom enough that machines cannot crowd out a person.
import { asInteger } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The host itself keeps three open requests for each account, for an hour each. */
const MAX_A_DAY = 3;
/** How long a code is worth something at the host. */
const CODE_TTL_MS = HOUR_MS;

export interface Challenges {
  /** True when this application may be sent a code now: one a day for it, three a day for the account. */
  readonly mayChallenge: (appId: number) => boolean;
  readonly noteChallenge: (appId: number) => void;
  /** The applications whose code may still be approved, or just was, and that were not told so yet. */
  readonly open: () => readonly number[];
  readonly noteAnnounced: (appId: number) => void;
}

export function createChallenges(journal: Journal, now: () => number = Date.now): Challenges {
  return {
    mayChallenge(appId) {
      journal.sql("delete from challenges where at <= $before").run({ before: now() - DAY_MS });
      const apps = journal
        .sql("select app from challenges")
        .all({})
        .map(({ app }) => asInteger(app));
      return apps.length < MAX_A_DAY && !apps.includes(appId);
    },
    noteChallenge(appId) {
      journal
        .sql("insert or ignore into challenges (app, at) values ($app, $at)")
        .run({ app: appId, at: now() });
    },
    open() {
      return journal
        .sql("select app from challenges where announced = 0 and at > $after")
        .all({ after: now() - CODE_TTL_MS })
        .map(({ app }) => asInteger(app) ?? 0);
    },
    noteAnnounced(appId) {
      journal.sql("update challenges set announced = 1 where app = $app").run({ app: appId });
    },
  };
}
