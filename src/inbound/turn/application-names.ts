// Owns the names of the senders: looked up when an unknown application speaks, kept for a while, never needed for access.
import type { GotifyClient } from "../../gotify/client.ts";

const MINUTE_MS = 60_000;
/** An unknown id asks again at most this often: a deleted application's late messages must not cause a call each. */
const REFRESH_INTERVAL_MS = MINUTE_MS;
/** After this, a known name is asked for again: applications are renamed. */
const KEEP_MS = 10 * MINUTE_MS;

export interface ApplicationNames {
  /** The application's name; `undefined` when it is not known or cannot be asked for just now. */
  nameOf(appId: number): Promise<string | undefined>;
}

export function createApplicationNames(options: {
  client: Pick<GotifyClient, "listApplications">;
  signal: AbortSignal;
  now?: () => number;
}): ApplicationNames {
  const now = options.now ?? Date.now;
  let names = new Map<number, string>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    try {
      const applications = await options.client.listApplications({ signal: options.signal });
      names = new Map(applications.map(({ id, name }) => [id, name]));
    } catch {
      // A name is a courtesy: the message goes on without it.
      options.signal.throwIfAborted();
    } finally {
      asking = undefined;
    }
  };

  return {
    async nameOf(appId) {
      const age = now() - askedAt;
      const isDue = age >= (names.has(appId) ? KEEP_MS : REFRESH_INTERVAL_MS);
      if (isDue) {
        askedAt = now();
        asking = ask();
      }
      // Those who come while it is being asked wait for the same answer.
      await asking;
      return names.get(appId);
    },
  };
}
