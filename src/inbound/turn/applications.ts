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

export interface Applications {
  /** The application's name; `undefined` when it is not known or cannot be asked for just now. */
  nameOf(appId: number): Promise<string | undefined>;
  /** The application as the server shows it now, to within a minute; `undefined` when there is none. Rejects when the server does not say. */
  lookUp(appId: number): Promise<GotifyApplication | undefined>;
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

  const ask = async (): Promise<void> => {
    const at = now();
    askedAt = at;
    try {
      const applications = await options.client.listApplications({ signal });
      known = new Map(applications.map((application) => [application.id, application]));
      answeredAt = at;
    } finally {
      asking = undefined;
    }
  };

  return {
    async nameOf(appId) {
      try {
        if (now() - askedAt >= (known.has(appId) ? KEEP_NAME_MS : REFRESH_INTERVAL_MS)) {
          asking = ask();
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
      const isFresh = now() - answeredAt < KEEP_LOOK_MS;
      if (!isFresh) await (asking ??= ask());
      return known.get(appId);
    },
    forget() {
      askedAt = Number.NEGATIVE_INFINITY;
      answeredAt = Number.NEGATIVE_INFINITY;
    },
  };
}
