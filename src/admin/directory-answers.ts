// Owns what the directory answers: the account's own application and user, and the applications as peers.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { ChannelDirectoryEntry } from "openclaw/plugin-sdk/directory-runtime";
import { listAccountIds, normalizeAccountId } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { comparableName, shownName } from "../config/application-name.ts";
import { accountClient } from "../config/client.ts";
import { normalizeAllowEntry, senderId } from "../config/sender-id.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import { GotifyConfigError, isGotifyError } from "../gotify/errors.ts";
import type { Directory } from "./directory.ts";
import type { OwnApplication } from "./surroundings.ts";

const SECOND_MS = 1_000;
/** Somebody waits for it, or a message that is to be sent. */
const TIMEOUT_MS = 5 * SECOND_MS;

type SelfParams = Pick<Parameters<NonNullable<Directory["self"]>>[0], "cfg" | "accountId">;
type ListParams = Pick<
  Parameters<NonNullable<Directory["listPeers"]>>[0],
  "cfg" | "accountId" | "query" | "limit"
>;

/**
 * An application as it can be pasted after `--target` and into `allowFrom`. Ids mean nothing without their
 * server, so where there are several accounts the account stands in it.
 */
export function directoryId(cfg: OpenClawConfig, accountId: string, appId: number): string {
  return listAccountIds(cfg).length > 1 ? senderId(accountId, appId) : `app:${appId}`;
}

/** The applications of the account's user, as the server lists them. @throws {GotifyConfigError} when the account cannot ask. */
export async function applicationsOf(
  account: ResolvedAccount,
): Promise<readonly GotifyApplication[]> {
  if (account.problem === undefined && account.clientToken === undefined) {
    throw new GotifyConfigError(
      `The Gotify account ${account.accountId} only sends: without a client token its applications cannot be listed. Set its clientToken.`,
    );
  }
  return accountClient(account).listApplications({ timeoutMs: TIMEOUT_MS });
}

/** @throws what the server's answers throw, and {@link GotifyConfigError} where nobody can tell. */
export async function describeSelf(
  { cfg, accountId }: SelfParams,
  ownApplication: OwnApplication,
): Promise<ChannelDirectoryEntry> {
  const account = resolveAccount(cfg, accountId);
  const client = accountClient(account);
  const own = await ownApplication(account);
  if (account.clientToken === undefined) {
    if (own !== undefined) return { kind: "user", id: directoryId(cfg, account.accountId, own) };
    throw new GotifyConfigError(
      `Nobody can tell yet who the Gotify account ${account.accountId} is: it only sends, and has sent nothing. Set its clientToken, or send a message.`,
    );
  }
  const [user, applications] = await Promise.all([
    client.currentUser({ timeoutMs: TIMEOUT_MS }),
    applicationsOf(account),
  ]);
  const application = applications.find(({ id }) => id === own);
  return {
    kind: "user",
    // Until the first post, Gotify 3 does not tell the application.
    id:
      own === undefined ? `account:${account.accountId}` : directoryId(cfg, account.accountId, own),
    name: application === undefined ? user.name : shownName(application.name),
    handle: user.name,
    raw: {
      server: account.serverUrl,
      user: { id: user.id, name: user.name },
      ...(application === undefined
        ? {}
        : { application: { id: application.id, name: application.name } }),
    },
  };
}

/**
 * Whom the configuration names. Nobody is asked. The host asks here first what a target means that is a bare
 * word, without any limit, and takes the only one that is found: an id has the account's name in it, so any
 * part of that would be a target.
 */
export function configuredPeers({
  cfg,
  accountId,
  query,
  limit,
}: ListParams): ChannelDirectoryEntry[] {
  if (isTarget({ query, limit })) return [];
  const account = resolveAccount(cfg, accountId);
  const named = [...account.allowFrom, ...account.commandsFrom, ...account.approvers]
    .map((entry) => configuredId(account, entry))
    .filter((appId) => appId !== undefined);
  const entries = [...new Set(named)].map((appId): ChannelDirectoryEntry => ({
    kind: "user",
    id: directoryId(cfg, account.accountId, appId),
  }));
  return bounded(
    entries.filter((entry) => contains(entry, query)),
    limit,
  );
}

/**
 * The applications as the server has them. The host also looks up a bare word that somebody gave as a
 * target, then without any limit: there nothing but a whole name counts, because it would take whatever
 * application alone has the word somewhere in its name. An account's name is none of an application, and
 * a server that does not answer leaves it to the target itself to say what is wrong.
 */
export async function livePeers({
  cfg,
  accountId,
  query,
  limit,
}: ListParams): Promise<ChannelDirectoryEntry[]> {
  const account = resolveAccount(cfg, accountId);
  const target = isTarget({ query, limit }) ? comparableName(query ?? "") : undefined;
  if (target !== undefined && listAccountIds(cfg).includes(normalizeAccountId(target))) return [];
  const applications = await applicationsOf(account).catch((error: unknown) => {
    if (target !== undefined && isGotifyError(error)) return [];
    throw error;
  });
  const entries = applications
    .filter(({ name }) => target === undefined || comparableName(name) === target)
    .map(({ id, name }): ChannelDirectoryEntry => ({
      kind: "user",
      id: directoryId(cfg, account.accountId, id),
      name: target === undefined ? shownName(name) : name,
    }));
  return bounded(
    target === undefined ? entries.filter((entry) => contains(entry, query)) : entries,
    limit,
  );
}

interface Search {
  readonly query: ListParams["query"] | undefined;
  readonly limit: ListParams["limit"] | undefined;
}

/** The host looks up a target without any limit, and a search of somebody's with one, be it null. */
function isTarget({ query, limit }: Search): boolean {
  return limit === undefined && query !== undefined && query !== null;
}

/** The application of this account that an entry names; `undefined` for everyone, groups and other accounts. */
function configuredId(account: ResolvedAccount, entry: string): number | undefined {
  const prefix = senderId(account.accountId, "");
  const sender = normalizeAllowEntry(account.accountId, entry);
  const id = sender.startsWith(prefix) ? Number(sender.slice(prefix.length)) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

function contains(
  { id, name = "" }: ChannelDirectoryEntry,
  query: string | null | undefined,
): boolean {
  const wanted = comparableName(query ?? "");
  return comparableName(name).includes(wanted) || id.toLowerCase().includes(wanted);
}

function bounded(
  entries: readonly ChannelDirectoryEntry[],
  limit: number | null | undefined,
): ChannelDirectoryEntry[] {
  return entries.slice(0, limit ?? undefined);
}
