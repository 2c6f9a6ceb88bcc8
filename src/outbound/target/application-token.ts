// Owns the tokens of other applications, which Gotify 2 wants for a post to them: read from its list when needed, kept for a minute in memory and nowhere else.
import { accountClient } from "../../config/client.ts";
import { credentialKey } from "../../config/credential-key.ts";
import type { ResolvedAccount } from "../../config/types.ts";

/** A reply of several messages needs one look; a token that was replaced is noticed within this time. */
const KEEP_MS = 60_000;
const MAX_KEPT = 64;
const LOOKUP_TIMEOUT_MS = 5_000;

interface Kept {
  readonly at: number;
  /** `undefined` on Gotify 3, which shows no token. */
  readonly token: string | undefined;
}

const kept = new Map<string, Kept>();

/** The application's token; `undefined` where the server shows none. @throws what the list throws, 404 for an unknown id. */
export async function findToken(
  account: ResolvedAccount,
  appId: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const at = Date.now();
  // Swept each time: a token is not to lie about for longer than it is of use.
  for (const [key, { at: readAt }] of kept) {
    if (at - readAt >= KEEP_MS || at < readAt) kept.delete(key);
  }
  const key = keyOf(account, appId);
  const known = kept.get(key);
  if (known !== undefined) return known.token;
  const token = await accountClient(account).findApplicationToken(appId, {
    signal,
    timeoutMs: LOOKUP_TIMEOUT_MS,
  });
  kept.set(key, { at, token });
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
  return token;
}

/** The server has refused it. */
export function forgetToken(account: ResolvedAccount, appId: number): void {
  kept.delete(keyOf(account, appId));
}

function keyOf(account: ResolvedAccount, appId: number): string {
  return `${credentialKey(account.serverUrl, account.clientToken)} ${appId}`;
}
