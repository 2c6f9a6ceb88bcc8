// Owns the names beside the entries of `allowFrom`. Nothing is decided by them.
import { shownName } from "../config/application-name.ts";
import { senderId } from "../config/sender-id.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { isGotifyError } from "../gotify/errors.ts";
import { applicationsOf } from "./directory-answers.ts";

export interface NamedEntry {
  readonly input: string;
  readonly resolved: boolean;
  readonly name?: string;
}

/** The list is shown without names where the server does not tell them. */
export async function namesOf(
  account: ResolvedAccount,
  entries: readonly string[],
): Promise<NamedEntry[]> {
  const applications = await applicationsOf(account).catch((error: unknown) => {
    if (isGotifyError(error)) return [];
    throw error;
  });
  const names = new Map(
    applications.map(({ id, name }) => [senderId(account.accountId, id), shownName(name)]),
  );
  return entries.map((input) => {
    const name = names.get(input.trim().toLowerCase());
    return name === undefined ? { input, resolved: false } : { input, resolved: true, name };
  });
}
