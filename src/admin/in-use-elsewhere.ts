// Owns what an account with another address depends on, if that address leads to the same server after all. Each token goes to its own account's address alone.
import { clientFor } from "../config/client.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { GotifyClientEntry } from "../gotify/clients.ts";
import { isGotifyError } from "../gotify/errors.ts";
import type { Session } from "./session.ts";
import type { OwnApplication } from "./surroundings.ts";
import { usedLately } from "./used-lately.ts";

/** Most often it is another server, which may be down; this command has nothing to do with that. */
const WITHIN = { timeoutMs: 5_000 };

/** What every thing on a server has, and two servers hardly share. */
interface Fingerprint {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date | undefined;
  readonly lastUsed: Date | undefined;
}

interface AtRisk {
  readonly own: number | undefined;
  readonly perhaps: readonly number[];
}

/** The client that the account receives with, if it is one of this session's server. */
export async function clientElsewhere(
  { client }: Session,
  account: ResolvedAccount,
): Promise<number | undefined> {
  if (account.clientToken === undefined) return undefined;
  const own = await ifAnswered(() => clientOf(account).ownClient(WITHIN));
  if (own === undefined) return undefined;
  // Read after it, so that the use of the token just now is noted in both.
  return (await client.listClients()).find((one) => isSameClient(one, own))?.id;
}

/** The application that the account answers with, if it is one of this session's server, as far as it is known. */
export async function applicationElsewhere(
  session: Session,
  account: ResolvedAccount,
  ownApplication: OwnApplication,
): Promise<number | undefined> {
  if (account.appToken === undefined) return undefined;
  const shown = await applicationShownHere(session, account.appToken);
  if (shown !== undefined) return shown;
  const own = await ifAnswered(() => ownApplication(account));
  if (own === undefined) return undefined;
  return (await sharedApplications(session, account)).find(({ id }) => id === own)?.id;
}

/** The same before something is deleted, when the account may not have posted yet. */
export async function applicationsAtRiskElsewhere(
  session: Session,
  account: ResolvedAccount,
  ownApplication: OwnApplication,
): Promise<AtRisk> {
  if (account.appToken === undefined) return { own: undefined, perhaps: [] };
  const shown = await applicationShownHere(session, account.appToken);
  if (shown !== undefined) return { own: shown, perhaps: [] };
  const shared = new Set((await sharedApplications(session, account)).map(({ id }) => id));
  if (shared.size === 0) return { own: undefined, perhaps: [] };
  const own = await ifAnswered(() => ownApplication(account));
  if (own !== undefined) return { own: shared.has(own) ? own : undefined, perhaps: [] };
  const suspects = await ifAnswered(async () => {
    const client = clientOf(account);
    const { status } = await client.probeAppToken(WITHIN);
    return status === "valid" ? usedLately(await client.listApplications(WITHIN)) : [];
  });
  const perhaps = (suspects ?? []).map(({ id }) => id).filter((id) => shared.has(id));
  return { own: undefined, perhaps };
}

/** Gotify 2 shows the tokens in its list, where the account's is looked for. */
async function applicationShownHere(
  { account }: Session,
  appToken: string,
): Promise<number | undefined> {
  const { serverUrl = "", connection, clientToken } = account;
  const own = await clientFor(
    { serverUrl, connection },
    { appToken, clientToken },
  ).ownApplication();
  return own?.id;
}

/** What both lists have: nothing where these are two servers, or two users. */
async function sharedApplications(
  { client }: Session,
  account: ResolvedAccount,
): Promise<readonly GotifyApplication[]> {
  const ours = await client.listApplications();
  // Gotify 2 has shown the token, or has no such application.
  if (ours.every(({ createdAt }) => createdAt === undefined)) return [];
  if (account.clientToken === undefined) return [];
  const theirs = await ifAnswered(() => clientOf(account).listApplications(WITHIN));
  return ours.filter((one) =>
    theirs?.some((other) => one.createdAt !== undefined && isSame(one, other)),
  );
}

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return (
    one.id === other.id &&
    one.name === other.name &&
    one.createdAt?.getTime() === other.createdAt?.getTime()
  );
}

/** Gotify 2 notes no creation; the last use of both is the one that was made to find out. */
function isSameClient(one: GotifyClientEntry, other: GotifyClientEntry): boolean {
  return (
    isSame(one, other) &&
    (one.createdAt !== undefined || one.lastUsed?.getTime() === other.lastUsed?.getTime())
  );
}

function clientOf({ serverUrl = "", connection, ...tokens }: ResolvedAccount): GotifyClient {
  return clientFor({ serverUrl, connection }, tokens);
}

/** Who does not answer at that address, or refuses its token, receives nothing there either. */
async function ifAnswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isGotifyError(error)) return undefined;
    throw error;
  }
}
