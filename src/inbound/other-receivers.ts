// Owns finding out whether an earlier account receives what this one would: two tokens may belong to one Gotify user.
import { accountsInOrder } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { isReceiver, overlapsAtRuntime } from "../config/overlap.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

const TIMEOUT_MS = 10_000;

/** The account must not receive: another one does, and both would answer. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
  readonly code = "GOTIFY_OVERLAP";
}

/**
 * Asks the server who the accounts are that stand before this one and share its address. Where one does
 * not say, it receives nothing either, and the account need not stand back for it now.
 *
 * @throws {OverlapError} when an earlier account receives the same messages of the same user.
 */
export async function assertAlone(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  signal: AbortSignal,
): Promise<void> {
  const accounts = accountsInOrder(cfg).filter(
    (other) => isReceiver(other) && other.serverUrl === account.serverUrl,
  );
  if (accounts[0]?.accountId === account.accountId) return;
  const userIds = new Map<string, number>();
  await Promise.all(
    accounts.map(async (other) => {
      const userId = await userOf(other, signal);
      if (userId !== undefined) userIds.set(other.accountId, userId);
    }),
  );
  signal.throwIfAborted();
  const problem = overlapsAtRuntime(accounts, userIds, account.accountId);
  if (problem !== undefined) throw new OverlapError(problem);
}

async function userOf(account: ResolvedAccount, signal: AbortSignal): Promise<number | undefined> {
  try {
    const user = await accountClient(account).currentUser({ signal, timeoutMs: TIMEOUT_MS });
    return user.id;
  } catch {
    return undefined;
  }
}
