// Owns finding out whether an earlier account receives what this one would: two tokens may belong to one Gotify user.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { isReceiver, mayReceiveSame, overlapsAtRuntime } from "../config/overlap.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { toError } from "../config/error-text.ts";
import { sleep } from "./feed/sleep.ts";
import { GotifyHttpError } from "../gotify/errors.ts";

const TIMEOUT_MS = 10_000;
const RETRY_MS = 5_000;

/** The account must not receive: another one does, and both would answer. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
  readonly code = "GOTIFY_OVERLAP";
}

/**
 * Asks the server who the accounts are that stand before this one, share its address and could receive the
 * same. A token that the server rejects receives nothing; an account nobody can say anything of might.
 *
 * @throws {OverlapError} when an earlier account receives the same messages of the same user.
 * @throws what the server said, or that it said nothing: then it has to be asked again.
 */
export async function assertAlone(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  signal: AbortSignal,
): Promise<void> {
  const accounts = accountsInOrder(cfg);
  const own = accounts.findIndex(({ accountId }) => accountId === account.accountId);
  const earlier = accounts
    .slice(0, Math.max(0, own))
    .filter((other) => isReceiver(other) && mayReceiveSame(other, account));
  if (earlier.length === 0) return;
  const userIds = new Map<string, number>();
  await Promise.all(
    [...earlier, account].map(async (one) => {
      const userId = await userOf(one, signal);
      if (userId !== undefined) userIds.set(one.accountId, userId);
    }),
  );
  const problem = overlapsAtRuntime([...earlier, account], userIds, account.accountId);
  if (problem !== undefined) throw new OverlapError(problem);
}

/** Asks until there is an answer. @throws {OverlapError} as above. */
export async function untilAlone(options: {
  readonly currentConfig: () => OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly signal: AbortSignal;
  /** Called with each failure to find out. */
  readonly onWaiting: (error: Error, failures: number) => void;
  readonly retryMs?: number;
}): Promise<void> {
  const { account, signal } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      await assertAlone(options.currentConfig(), account, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OverlapError) throw error;
      options.onWaiting(toError(error), failures);
      await sleep(options.retryMs ?? RETRY_MS, signal);
    }
  }
}

async function userOf(account: ResolvedAccount, signal: AbortSignal): Promise<number | undefined> {
  try {
    const user = await accountClient(account).currentUser({ signal, timeoutMs: TIMEOUT_MS });
    return user.id;
  } catch (error) {
    const isRejected =
      error instanceof GotifyHttpError &&
      (error.code === "GOTIFY_UNAUTHORIZED" || error.code === "GOTIFY_FORBIDDEN");
    if (isRejected) return undefined;
    throw error;
  }
}

const starts = new Set<(accountId: string) => void>();

/** Tells the other running accounts of this process that one begins to receive. */
export function tellStart(accountId: string): void {
  for (const listener of starts) listener(accountId);
}

/** Listens until the signal aborts: whoever runs already may have to stand back for one that comes later. */
export function onStart(listener: (accountId: string) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  starts.add(listener);
  signal.addEventListener("abort", () => void starts.delete(listener), { once: true });
}
