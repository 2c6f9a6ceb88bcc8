// Owns whether an account can answer where its configuration asks it to.
import type { ResolvedAccount } from "./types.ts";

/** Why `replyTo: "origin"` cannot work for an account, in one line that says what to do; `undefined` when it can, or is not asked for. */
export function replyToProblem(account: ResolvedAccount): string | undefined {
  if (account.outbound.replyTo !== "origin" || account.clientToken !== undefined) return undefined;
  if (account.tokenStatus === "configured_unavailable") return undefined;
  return (
    `The account ${account.accountId} has replyTo "origin", but no client token: posting to an application other than its own takes one, ` +
    'so its answers go to its own application. Set clientToken, or replyTo to "account".'
  );
}
