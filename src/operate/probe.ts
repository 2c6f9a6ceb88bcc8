// Owns looking at an account from outside: is the server well, what version, are both tokens good and of one user. Leaves no trace.
import { accountClient } from "../config/client.ts";
import { errorText } from "../config/error-text.ts";
import { serverProblem } from "../config/server-health.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import { compact } from "../gotify/parse.ts";
import type { Withhold } from "../vitals/withheld.ts";

/** Of the caller's time, so that what is wrong is said before the caller gives up asking. */
const SHARE_OF_TIME = 0.9;

export type TokenVerdict = "valid" | "wrong-kind" | "invalid";

export interface AccountProbe {
  /** True when everything the account needs works. */
  readonly ok: boolean;
  readonly version?: string | undefined;
  /** How long the whole look took. */
  readonly elapsedMs: number;
  /** How long the server took for the simplest answer. */
  readonly latencyMs?: number | undefined;
  /** Absent where the account has no such token, or nobody could tell. */
  readonly appToken?: TokenVerdict | undefined;
  readonly clientToken?: TokenVerdict | undefined;
  /** The name of the user who receives. */
  readonly user?: string | undefined;
  /** The application that answers are posted to; Gotify 3 tells it with the first post only. */
  readonly application?: { readonly id: number; readonly name?: string } | undefined;
  /** Whether that application belongs to the user who receives; absent while nobody knows. */
  readonly sameUser?: boolean | undefined;
  /** The first thing that does not work, in one line that says what to do. */
  readonly error?: string | undefined;
}

/** As it may be shown to others: what is wrong is told in words that may name addresses. */
export function withheldProbe(probe: AccountProbe, withhold: Withhold): AccountProbe {
  return probe.error === undefined ? probe : { ...probe, error: withhold(probe.error) };
}

/** Finds the application that an account posts as. */
export type FindOwnApplication = (
  account: ResolvedAccount,
  signal: AbortSignal,
) => Promise<number | undefined>;

/**
 * Never rejects.
 *
 * @param timeoutMs for all of it together, in milliseconds.
 * @param findOwn where it is absent, the application stays unknown.
 */
export async function probeAccount(
  account: ResolvedAccount,
  timeoutMs: number,
  findOwn?: FindOwnApplication,
  now: () => number = Date.now,
): Promise<AccountProbe> {
  const startedAt = now();
  const left = (): { timeoutMs: number } => ({
    timeoutMs: Math.max(1, Math.floor(timeoutMs * SHARE_OF_TIME) - (now() - startedAt)),
  });
  let found: Partial<AccountProbe> = {};
  try {
    if (account.problem !== undefined) return result({ error: account.problem });
    const client = accountClient(account);
    const server = await lookAtServer(client, left, now);
    found = { ...found, ...server };
    if (server.error !== undefined) return result({});
    const [app, own] = await Promise.all([
      account.appToken === undefined ? undefined : lookAtAppToken(client, left()),
      account.clientToken === undefined ? undefined : lookAtClientToken(client, left()),
    ]);
    found = { ...found, ...own, ...app };
    if (app?.error !== undefined || own?.error !== undefined) {
      return result({ error: app?.error ?? own?.error });
    }
    if (account.appToken !== undefined && account.clientToken !== undefined) {
      found = { ...found, ...(await lookAtApplication(client, account, findOwn, left())) };
    }
    return result({});
  } catch (error) {
    return result({ error: errorText(error) });
  }

  function result(more: { error?: string | undefined }): AccountProbe {
    const probe = { ...found, ...more };
    return {
      ok: probe.error === undefined,
      elapsedMs: now() - startedAt,
      ...compact(probe),
    };
  }
}

async function lookAtServer(
  client: GotifyClient,
  left: () => { timeoutMs: number },
  now: () => number,
): Promise<Partial<AccountProbe>> {
  const askedAt = now();
  const error = await serverProblem(client, left());
  const latencyMs = now() - askedAt;
  return { latencyMs, error, version: await versionOf(client, left()) };
}

/** A proxy may hide it, which says nothing of the rest. */
async function versionOf(
  client: GotifyClient,
  options: { timeoutMs: number },
): Promise<string | undefined> {
  try {
    return (await client.version(options)).version;
  } catch (error) {
    if (error instanceof GotifyHttpError) return undefined;
    throw error;
  }
}

async function lookAtAppToken(
  client: GotifyClient,
  options: { timeoutMs: number },
): Promise<Partial<AccountProbe>> {
  const probe = await client.probeAppToken(options);
  if (probe.status === "valid") return { appToken: "valid" };
  return { appToken: probe.status, error: wrong(probe.status, "appToken", probe.error) };
}

async function lookAtClientToken(
  client: GotifyClient,
  options: { timeoutMs: number },
): Promise<Partial<AccountProbe>> {
  const probe = await client.probeClientToken(options);
  if (probe.status === "valid") return { clientToken: "valid", user: probe.user.name };
  return { clientToken: probe.status, error: wrong(probe.status, "clientToken", probe.error) };
}

/**
 * The lists are the user's own, so an application that is not in them is another's. Gotify 2 lists it with its
 * token; on Gotify 3 it is known by its first post alone.
 */
async function lookAtApplication(
  client: GotifyClient,
  account: ResolvedAccount,
  findOwn: FindOwnApplication | undefined,
  options: { timeoutMs: number },
): Promise<Partial<AccountProbe>> {
  const [id, listed, shown, isGotify2] = await Promise.all([
    findOwn?.(account, AbortSignal.timeout(options.timeoutMs)),
    client.listApplications(options),
    client.ownApplication(options),
    showsTokens(client, options),
  ]);
  const own: Pick<GotifyApplication, "id" | "name"> | undefined =
    shown ?? listed.find((application) => application.id === id);
  if (own !== undefined) {
    return { application: { id: own.id, name: own.name }, sameUser: true };
  }
  if (id === undefined && !isGotify2) return {};
  return {
    ...(id === undefined ? {} : { application: { id } }),
    sameUser: false,
    error: OTHER_USER,
  };
}

const OTHER_USER =
  "The app token belongs to another user than the client token, so answers are posted where this user does not see them. Take both tokens from the same user's pages in Gotify.";

/** True on Gotify 2 alone; false also when nobody says which one it is. */
async function showsTokens(client: GotifyClient, options: { timeoutMs: number }): Promise<boolean> {
  try {
    return (await client.info(options)) === undefined;
  } catch {
    return false;
  }
}

function wrong(
  status: "wrong-kind" | "invalid",
  field: "appToken" | "clientToken",
  error: Error,
): string {
  if (status === "invalid") return error.message;
  return field === "appToken"
    ? "appToken is the token of a client. Put the token of an application there (Gotify's Apps page)."
    : "clientToken is the token of an application. Put the token of a client there (Gotify's Clients page).";
}
