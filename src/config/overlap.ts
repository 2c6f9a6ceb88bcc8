// Owns which accounts would receive the same messages, and which of them has to stand back so that nothing is answered twice.
import type { ResolvedAccount } from "./types.ts";

/** What of an account decides which messages it receives. */
export interface Receiver {
  readonly accountId: string;
  /** Server and user, in any form that is equal when they are; absent while nobody knows the user. */
  readonly source: string | undefined;
  /** Ids of the watched applications; `undefined` watches all. */
  readonly applications: ReadonlySet<number> | undefined;
}

/**
 * The account that `accountId` has to stand back for. The order of the configuration decides, so that it
 * is always the same one; an account that stands back itself stands in nobody's way.
 *
 * @param receivers in the order of the configuration.
 */
export function blockerOf(receivers: readonly Receiver[], accountId: string): Receiver | undefined {
  const running: Receiver[] = [];
  for (const receiver of receivers) {
    const blocker = running.find((earlier) => receivesSame(earlier, receiver));
    if (receiver.accountId === accountId) return blocker;
    if (blocker === undefined) running.push(receiver);
  }
  return undefined;
}

/** The one line that says so, and what to do. */
export function overlapProblem(blocker: string, blocked: string): string {
  return (
    `The accounts "${blocker}" and "${blocked}" receive the same messages of the same Gotify user, and both would answer them, ` +
    `so "${blocked}" stays off. Set inbound.applications in both, with no application in common.`
  );
}

/**
 * Why an account must stand back, once servers have told the users: two client tokens may belong to one
 * user, which no configuration shows. Only known users count, so ask again whenever another one becomes
 * known; an account keeps its user while it is disconnected.
 *
 * @param accounts all of them, in the order of the configuration (`accountsInOrder`).
 * @param userIds the Gotify user's id for each account where it is known.
 */
export function overlapsAtRuntime(
  accounts: readonly ResolvedAccount[],
  userIds: ReadonlyMap<string, number>,
  accountId: string,
): string | undefined {
  const receivers = accounts.filter(isReceiver).map((account): Receiver => {
    const userId = userIds.get(account.accountId);
    return {
      accountId: account.accountId,
      source: userId === undefined ? undefined : `${account.serverUrl} ${userId}`,
      applications: account.inbound.applications,
    };
  });
  const blocker = blockerOf(receivers, accountId);
  return blocker && overlapProblem(blocker.accountId, accountId);
}

/** An account that is off, or lacks something, or only sends, or stands back itself, stands in nobody's way. */
export function isReceiver(account: ResolvedAccount): boolean {
  return account.enabled && account.configured && account.inbound.enabled && !account.standsBack;
}

/** False where no answer of the server could make two accounts overlap. */
export function mayReceiveSame(one: ResolvedAccount, other: ResolvedAccount): boolean {
  return receivesSame(
    { ...one, source: one.serverUrl, applications: one.inbound.applications },
    { ...other, source: other.serverUrl, applications: other.inbound.applications },
  );
}

function receivesSame(one: Receiver, other: Receiver): boolean {
  if (one.source === undefined || one.source !== other.source) return false;
  const { applications } = one;
  if (applications === undefined || other.applications === undefined) return true;
  return [...other.applications].some((appId) => applications.has(appId));
}
