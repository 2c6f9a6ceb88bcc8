// Owns which applications of a list were used just now: after a refused post, the poster's is one of them.
import type { GotifyApplication } from "../gotify/applications.ts";

const MINUTE_MS = 60_000;
/** Gotify notes the use of a token to within five minutes. */
const LAST_USED_TOLERANCE_MS = 6 * MINUTE_MS;

/** Compared among each other: the server's clock may differ from ours. */
export function usedLately(
  applications: readonly GotifyApplication[],
): readonly GotifyApplication[] {
  let latest = 0;
  for (const { lastUsed } of applications) latest = Math.max(latest, lastUsed?.getTime() ?? 0);
  return applications.filter(
    ({ lastUsed }) =>
      lastUsed !== undefined && lastUsed.getTime() >= latest - LAST_USED_TOLERANCE_MS,
  );
}
