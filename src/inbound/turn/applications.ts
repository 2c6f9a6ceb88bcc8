// Owns what is known of the senders: the server's list of applications, asked for when needed and kept for a while.
import type { GotifyApplication } from "../../gotify/applications.ts";
import type { GotifyClient } from "../../gotify/client.ts";

const MINUTE_MS = 60_000;
/** An unknown id asks again at most this often: a deleted application's late messages must not cause a call each. */
const REFRESH_INTERVAL_MS = MINUTE_MS;
/** After this, a known name is asked for again: applications are renamed. */
const KEEP_NAME_MS = 10 * MINUTE_MS;
/** How old an answer may be that rights depend on: ids are given out again. */
const KEEP_LOOK_MS = MINUTE_MS;
/** An id that is missing may have come since; more often than this nobody asks. */
const MISSING_LOOK_MS = 1_000;

export interface Applications {
  /** The application's name; `undefined` when it is not known or cannot be asked for just now. */
  nameOf(appId: number): Promise<string | undefined>;
  /** The application as the server shows it, to within a minute; `undefined` when it has none of that id now. Rejects when the server does not say. */
  lookUp(appId: number): Promise<GotifyApplication | undefined>;
  /** The ids of all applications that the server has, to within a minute. Rejects when the server does not say. */
  ids(): Promise<ReadonlySet<number>>;
  /** What was known may be another server's by now. */
  forget(): void;
}

export function createApplications(options: {
  client: Pick<GotifyClient, "listApplications">;
  signal: AbortSignal;
  now?: () => number;
}): Applications {
  const { signal } = options;
  const now = options.now ?? Date.now;
  let known = new Map<number, GotifyApplication>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  /** Counts the servers there may have been: an answer of the one before is none of this one. */
  let era = 0;

  const ask = async (): Promise<void> => {
    const at = now();
    const askedIn = era;
    askedAt = at;
    try {
      const applications = await options.client.listApplications({ signal });
      if (askedIn !== era)
        throw new Error("The connection changed while the applications were asked for.");
      known = new Map(applications.map((application) => [application.id, application]));
      answeredAt = at;
    } finally {
      if (askedIn === era) asking = undefined;
    }
  };

  return {
    async nameOf(appId) {
      try {
        if (now() - askedAt >= (known.has(appId) ? KEEP_NAME_MS : REFRESH_INTERVAL_MS)) {
          asking ??= ask();
        }
        // Those who come while it is being asked wait for the same answer.
        await asking;
      } catch {
        // A name is a courtesy: the message goes on without it.
        signal.throwIfAborted();
      }
      return known.get(appId)?.name;
    },
    async lookUp(appId) {
      const keepMs = known.has(appId) ? KEEP_LOOK_MS : MISSING_LOOK_MS;
      const age = now() - answeredAt;
      if (age >= keepMs) await (asking ??= ask());
      else if (!known.has(appId)) throw new Error(`Application ${appId} is not known yet.`);
      return known.get(appId);
    },
    async ids() {
      if (now() - answeredAt >= KEEP_LOOK_MS) await (asking ??= ask());
      return new Set(known.keys());
    },
    forget() {
      era += 1;
      asking = undefined;
      askedAt = Number.NEGATIVE_INFINITY;
      answeredAt = Number.NEGATIVE_INFINITY;
    },
  };
}
