// Owns finding out whether an earlier account receives what this one would: two tokens may belong to one Gotify user.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { isReceiver, mayReceiveSame, overlapsAtRuntime } from "../config/overlap.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { toError } from "../config/error-text.ts";
import { sleep } from "./feed/sleep.ts";
import { GotifyConfigError, GotifyHttpError } from "../gotify/errors.ts";

const TIMEOUT_MS = 10_000;
const RETRY_MS = 5_000;

/** The account must not receive: another one does, and both would answer. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
  readonly code = "GOTIFY_OVERLAP";
}

/**
 * Looks at the configuration, and asks the server who the accounts are that stand before this one, share its
 * address and could receive the same. A token that the server rejects receives nothing, nor does an account
 * that cannot be connected as it is configured; one whose server does not say anything might.
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
  const at = accounts.findIndex(({ accountId }) => accountId === account.accountId);
  // As it is now: it may stand back no more, or have to by now.
  const own = accounts[at] ?? account;
  assertInFront(own);
  const earlier = accounts
    .slice(0, Math.max(0, at))
    .filter((other) => isReceiver(other) && mayReceiveSame(other, own));
  if (earlier.length === 0) return;
  const userIds = new Map<string, number>();
  await Promise.all(
    [...earlier, own].map(async (one) => {
      const userId = await userOf(one, signal);
      if (userId !== undefined) userIds.set(one.accountId, userId);
    }),
  );
  const problem = overlapsAtRuntime([...earlier, own], userIds, own.accountId);
  if (problem !== undefined) throw new OverlapError(problem);
}

/**
 * What the configuration alone tells: the same client token is the same user.
 *
 * @throws {OverlapError} when the account has to stand back.
 */
export function assertInFront(account: ResolvedAccount): void {
  if (account.standsBack) throw new OverlapError(account.problem);
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

/**
 * Keeps looking whether an account that runs still stands alone: once for each call, and until there is an answer.
 *
 * @param options.onOverlap called once it does not; then nothing is looked at any more.
 */
export function watchAlone(
  options: Omit<Parameters<typeof untilAlone>[0], "onWaiting"> & {
    readonly onOverlap: (error: OverlapError) => void;
  },
): () => void {
  let isLooking = false;
  let isAskedAgain = false;
  const look = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await untilAlone({ ...options, onWaiting() {} });
    } while (isAskedAgain);
  };
  return () => {
    isAskedAgain = true;
    if (isLooking || options.signal.aborted) return;
    isLooking = true;
    void look()
      .finally(() => (isLooking = false))
      .catch((error: unknown) => {
        // Otherwise it has ended, and there is nothing to look at.
        if (error instanceof OverlapError) options.onOverlap(error);
      });
  };
}

async function userOf(account: ResolvedAccount, signal: AbortSignal): Promise<number | undefined> {
  try {
    const user = await accountClient(account).currentUser({ signal, timeoutMs: TIMEOUT_MS });
    return user.id;
  } catch (error) {
    const isRejected =
      error instanceof GotifyHttpError &&
      (error.code === "GOTIFY_UNAUTHORIZED" || error.code === "GOTIFY_FORBIDDEN");
    // What cannot start as it is configured, such as one whose token file is missing, tells the others when it does.
    if (isRejected || error instanceof GotifyConfigError) return undefined;
    throw error;
  }
}

const changes = new Set<(accountId: string) => void>();

/** Tells the other accounts of this process that one begins to receive, or has ended. */
export function tellChange(accountId: string): void {
  for (const listener of changes) listener(accountId);
}

/** Listens until the signal aborts: whoever runs may have to stand back for one that comes, and whoever stands back may begin. */
export function onChange(listener: (accountId: string) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  changes.add(listener);
  signal.addEventListener("abort", () => void changes.delete(listener), { once: true });
}

/** Resolves when another account begins or ends, after `waitMs` at the latest, or when the signal aborts. */
export async function untilOthersChange(
  accountId: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const waited = new AbortController();
  onChange(
    (other) => {
      if (other !== accountId) waited.abort();
    },
    AbortSignal.any([signal, waited.signal]),
  );
  await sleep(waitMs, AbortSignal.any([signal, waited.signal])).catch(() => {});
  waited.abort();
}
