// Owns whether a server says that it is well, as far as it lets anyone ask.
import type { CallOptions } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyHttpError } from "../gotify/errors.ts";

/** How a proxy says that nobody may look. That says nothing of whether a post would work. */
const HIDDEN: ReadonlySet<number> = new Set([401, 403, 404, 405]);

/**
 * What is wrong with the server, in one line that says what to do; `undefined` when it is well, or hidden.
 *
 * @throws what the call throws when there is no answer.
 */
export async function serverProblem(
  client: Pick<GotifyClient, "health" | "server">,
  options: CallOptions,
): Promise<string | undefined> {
  try {
    const health = await client.health(options);
    if (health.ok) return undefined;
    return `Gotify at ${client.server.href} says that its database is ${health.database}. Check the database.`;
  } catch (error) {
    if (error instanceof GotifyHttpError && HIDDEN.has(error.status)) return undefined;
    throw error;
  }
}
