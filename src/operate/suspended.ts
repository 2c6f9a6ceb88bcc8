// Owns reading which applications are shut out until a person confirms them, for `channels status`.
import { listGrants } from "../journal/grants.ts";
import { withJournal } from "../journal/account-journal.ts";

/**
 * The ids of the suspended applications. Read from the journal each time: what is confirmed is gone from
 * here at once, and what is not is still here after a restart.
 */
export function suspendedApplications(accountId: string): number[] {
  try {
    const grants = withJournal(accountId, "read", listGrants) ?? [];
    return grants.filter((grant) => grant.suspendedAt !== undefined).map(({ appId }) => appId);
  } catch {
    // A journal that cannot be read stops the account, which says so itself.
    return [];
  }
}
