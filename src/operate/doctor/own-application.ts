// Owns how the doctor learns which application an account posts as: who posts remembers it, and tells it here.
import { accountClient } from "../../config/client.ts";
import type { ResolvedAccount } from "../../config/types.ts";

type Find = (account: ResolvedAccount, signal: AbortSignal) => Promise<number | undefined>;

const TIMEOUT_MS = 5_000;

let find: Find = askServer;

/** Called once, by the entry: only it knows both the doctor and whoever posts. */
export function findOwnApplicationBy(better: Find): void {
  find = better;
}

export const findOwnApplication: Find = (account, signal) => find(account, signal);

/** What Gotify 2 tells; Gotify 3 tells nobody. */
async function askServer(
  account: ResolvedAccount,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (account.appToken === undefined || account.clientToken === undefined) return undefined;
  const own = await accountClient(account).ownApplication({ signal, timeoutMs: TIMEOUT_MS });
  return own?.id;
}
