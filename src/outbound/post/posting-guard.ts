// Owns what is known of a server before a post: that it was well a moment ago, or that it asked to be left alone.
import { serverProblem } from "../../config/server-health.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { unlessAborted } from "../../gotify/deadline.ts";
import { GotifyHttpError } from "../../gotify/errors.ts";

const SECOND_MS = 1_000;
/** What was known longer ago says nothing of now. */
const FRESH_MS = 5 * SECOND_MS;
const CHECK_TIMEOUT_MS = 5 * SECOND_MS;
/** A failed check counts for those who ask right after it, too: each would wait for it in vain again. */
const FAILURE_FRESH_MS = 2 * SECOND_MS;
/** A longer wait is the host's: it keeps the reply and tries again. */
const LONGEST_WAIT_MS = 15 * SECOND_MS;

export interface PostingGuard {
  /**
   * Resolves when a post may begin: the server answered within the last five seconds, or does so now.
   * Posts that ask at the same time share one check.
   *
   * @throws when it does not answer, says that it is not well, or has asked for a longer wait.
   */
  readonly assertReady: (
    client: Pick<GotifyClient, "health" | "server">,
    signal: AbortSignal | undefined,
  ) => Promise<void>;
  /** The server took a post. */
  readonly noteTaken: (client: Pick<GotifyClient, "server">) => void;
  /** A post failed: what was known of the server is of no use any more, and it may have asked for a wait. */
  readonly noteFailed: (client: Pick<GotifyClient, "server">, error: unknown) => void;
}

interface Known {
  wellAt: number;
  notBefore: number;
  check: Promise<void> | undefined;
  failure: { readonly at: number; readonly error: unknown } | undefined;
}

export function createPostingGuard(host: {
  /** Of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}): PostingGuard {
  // By server, not by account: it is the server that is well or not. As many as are configured.
  const servers = new Map<string, Known>();
  const knownOf = (client: Pick<GotifyClient, "server">): Known => {
    const key = client.server.href;
    const known = servers.get(key) ?? {
      wellAt: Number.NEGATIVE_INFINITY,
      notBefore: Number.NEGATIVE_INFINITY,
      check: undefined,
      failure: undefined,
    };
    servers.set(key, known);
    return known;
  };

  const check = async (client: Pick<GotifyClient, "health" | "server">, known: Known) => {
    try {
      const problem = await serverProblem(client, { timeoutMs: CHECK_TIMEOUT_MS });
      if (problem !== undefined) throw new Error(problem);
      known.wellAt = host.elapsed();
      known.failure = undefined;
    } catch (error) {
      known.failure = { at: host.elapsed(), error };
      throw error;
    } finally {
      known.check = undefined;
    }
  };

  return {
    async assertReady(client, signal) {
      const known = knownOf(client);
      const waitMs = known.notBefore - host.elapsed();
      if (waitMs > LONGEST_WAIT_MS) {
        throw new Error(
          `Gotify at ${client.server.href} asked to be left alone for another ${Math.ceil(waitMs / SECOND_MS)} s. The reply is kept and tried again.`,
        );
      }
      if (waitMs > 0) await host.sleep(waitMs, signal);
      if (host.elapsed() - known.wellAt <= FRESH_MS) return;
      if (known.failure !== undefined && host.elapsed() - known.failure.at < FAILURE_FRESH_MS) {
        throw known.failure.error;
      }
      // Before the check begins: nobody would be there to hear of its end.
      signal?.throwIfAborted();
      known.check ??= check(client, known);
      known.check.catch(() => {});
      // The check goes on for those who share it.
      await (signal === undefined ? known.check : unlessAborted(signal, known.check));
    },
    noteTaken(client) {
      const known = knownOf(client);
      known.wellAt = host.elapsed();
      known.failure = undefined;
    },
    noteFailed(client, error) {
      const known = knownOf(client);
      known.wellAt = Number.NEGATIVE_INFINITY;
      const waitMs = error instanceof GotifyHttpError ? error.retryAfterMs : undefined;
      if (waitMs !== undefined) known.notBefore = host.elapsed() + waitMs;
    },
  };
}
