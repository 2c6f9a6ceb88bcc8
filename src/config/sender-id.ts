// Owns who is speaking: the application within its account, and how lists in the configuration name it.
import type { ResolvedAccount } from "./types.ts";

/**
 * Who is speaking, for access, pairing and ownership: the application within its account. Ids start at
 * 1 on every fresh server, so an id alone would let one account's grant hold on another's server. In
 * lower case, as the host and the pairing store keep it, however the account is written.
 */
export function senderId(accountId: string, appId: number | string): string {
  return `${accountId.toLowerCase()}/${appId}`;
}

/** The application that an entry names: `5`, `app:5`, `gotify:5` and `gotify:app:5` mean 5. */
export function applicationOf(entry: string): number | undefined {
  const id = /^(?:gotify:)?(?:app:)?(\d+)$/i.exec(entry.trim())?.[1];
  return id === undefined ? undefined : Number(id);
}

/**
 * An entry of `allowFrom` in the form of a sender id: `5`, `app:5` and `gotify:app:5` mean the account's
 * own application 5. Anything else stays as it is.
 */
export function normalizeAllowEntry(accountId: string, entry: string): string {
  const id = applicationOf(entry);
  if (id !== undefined) return senderId(accountId, id);
  return entry
    .trim()
    .toLowerCase()
    .replace(/^gotify:/, "");
}

/**
 * Who is let in by an entry of a list that other accounts may share, as a group of the host's is: its bare
 * ids mean nobody on an account with a server of its own that has no list of its own.
 */
export function allowedSender(
  account: Pick<ResolvedAccount, "accountId" | "ownsAllowFrom">,
  entry: string,
): string {
  return account.ownsAllowFrom || applicationOf(entry) === undefined
    ? normalizeAllowEntry(account.accountId, entry)
    : entry;
}

/** The conversation of who is named by an entry or a sender id: `5` for `app:5` and `home/5`. */
export function peerOfSender(entry: string): string {
  const id = applicationOf(entry) ?? /\/(\d+)$/.exec(entry.trim())?.[1];
  return id === undefined ? entry.trim() : String(id);
}

/** True for an entry that names the application one by one: `*` gives nobody such a right. */
export function isListed(
  account: Pick<ResolvedAccount, "accountId">,
  entries: readonly string[],
  appId: number,
): boolean {
  const sender = senderId(account.accountId, appId);
  return entries.some((entry) => normalizeAllowEntry(account.accountId, entry) === sender);
}
