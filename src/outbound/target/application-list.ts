// Owns what is known of a server's applications on the way out: their names and ids, kept for a minute.
import { comparableName, shownName } from "../../config/application-name.ts";
import { accountClient } from "../../config/client.ts";
import { credentialKey } from "../../config/credential-key.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { whatThereIs } from "../../config/what-there-is.ts";
import type { GotifyApplication } from "../../gotify/applications.ts";
import {
  GotifyConfigError,
  GotifyHttpError,
  GotifyNetworkError,
  isGotifyError,
} from "../../gotify/errors.ts";

const SECOND_MS = 1_000;
/** A reply of several messages, or a target that the host asks about several times, needs one answer. */
const KEEP_MS = 60 * SECOND_MS;
/** What is missing may have been made since; more often than this nobody asks. */
const KEEP_MISSING_MS = SECOND_MS;
/** A post waits for it, and a server that hangs is found out by the post itself. */
const LIST_TIMEOUT_MS = 5 * SECOND_MS;
/** More users than any installation has; a Gateway runs for months while tokens are replaced. */
const MAX_LISTS = 64;
/** Ten of them are to read as one line. */
const SHOWN_NAME_CHARS = 40;

interface Known {
  readonly at: number;
  readonly applications: readonly GotifyApplication[];
}

const lists = new Map<string, Known>();

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined;
}

/** The application of that id; `undefined` when the server has none for this user. @throws what the list throws. */
export async function findById(
  account: ResolvedAccount,
  appId: number,
  options: ListOptions = {},
): Promise<GotifyApplication | undefined> {
  const found = await search(account, ({ id }) => id === appId, options);
  return found[0];
}

/**
 * The one application of that name, in any case.
 *
 * @throws {GotifyConfigError} with what there is when there is none, or more than one; what the list throws
 * when the server does not say.
 */
export async function findByName(
  account: ResolvedAccount,
  name: string,
  options: ListOptions = {},
): Promise<GotifyApplication> {
  if (account.problem === undefined && account.clientToken === undefined) {
    throw new GotifyConfigError(
      `The application "${shown(name)}" cannot be looked up: the account ${account.accountId} has no client token. Name it by its id, e.g. app:5, or set clientToken.`,
    );
  }
  const [found, ...others] = await search(
    account,
    (application) => comparableName(application.name) === comparableName(name),
    options,
  );
  if (found === undefined) {
    throw new GotifyConfigError(
      `There is no application "${shown(name)}" at ${account.serverUrl} for this user. ${await describeApplications(account, options)}`,
    );
  }
  if (others.length > 0) {
    const ids = [found, ...others].map(({ id }) => `app:${id}`).join(", ");
    throw new GotifyConfigError(
      `Several applications are called "${shown(name)}". Name the one by its id: ${ids}.`,
    );
  }
  return found;
}

/** What there is, as the end of a message to whoever named something that is not there. */
export async function describeApplications(
  account: ResolvedAccount,
  options: ListOptions = {},
): Promise<string> {
  if (account.clientToken === undefined) return "";
  try {
    const { applications } = await list(account, KEEP_MS, options);
    const there = applications.map(({ id, name }) => `app:${id} (${shown(name)})`);
    return whatThereIs("applications", there);
  } catch (error) {
    // It was to help; the message stands without it.
    if (isGotifyError(error)) return "";
    throw error;
  }
}

/** Whether the same question may have an answer later: then nothing is known, which is not the same as nothing there. */
export function isPassing(error: unknown): boolean {
  if (error instanceof GotifyNetworkError) return true;
  return error instanceof GotifyHttpError && (error.status >= 500 || error.status === 429);
}

/** What was known of the account's server may have changed. */
export function forgetApplications(account: ResolvedAccount): void {
  lists.delete(keyOf(account));
}

async function search(
  account: ResolvedAccount,
  isMeant: (application: GotifyApplication) => boolean,
  options: ListOptions,
): Promise<readonly GotifyApplication[]> {
  const found = (await list(account, KEEP_MS, options)).applications.filter(isMeant);
  if (found.length > 0) return found;
  return (await list(account, KEEP_MISSING_MS, options)).applications.filter(isMeant);
}

async function list(
  account: ResolvedAccount,
  keepMs: number,
  { signal, now = Date.now }: ListOptions,
): Promise<Known> {
  const key = keyOf(account);
  const at = now();
  const known = lists.get(key);
  // A clock that was set back makes nothing young again.
  if (known !== undefined && at >= known.at && at - known.at < keepMs) return known;
  const client = accountClient(account);
  const applications = await client.listApplications({ signal, timeoutMs: LIST_TIMEOUT_MS });
  const fresh = { at, applications };
  // Out and in again, so that the oldest is the first.
  lists.delete(key);
  lists.set(key, fresh);
  for (const oldest of lists.keys()) {
    if (lists.size <= MAX_LISTS) break;
    lists.delete(oldest);
  }
  return fresh;
}

function keyOf(account: ResolvedAccount): string {
  return credentialKey(account.serverUrl, account.clientToken);
}

function shown(name: string): string {
  return shownName(name, SHOWN_NAME_CHARS);
}
