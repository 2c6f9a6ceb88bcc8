// Owns deleting the clients that earlier set-ups have left on the server: only what this installation made, and what nobody uses.
import { hostname } from "node:os";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { errorText } from "../config/error-text.ts";
import type { GotifyLogin } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { GotifyClientEntry } from "../gotify/clients.ts";
import { clientTokens, isAmong, type MadeClient, type MadeClients } from "./made-clients.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Gotify notes a use when the one before is as long ago: whoever made it has used it within that time. */
const USE_GRANULARITY_MS = 5 * MINUTE_MS;
/** A process id can be given to another program, or be the same after the restart of a container. */
const MAX_SET_UP_MS = DAY_MS;
const CALL_TIMEOUT_MS = 5_000;

export interface Search {
  readonly clients: MadeClients;
  /** As it is now, with its secrets. */
  readonly cfg: OpenClawConfig;
  readonly serverUrl: string;
  readonly login: GotifyLogin;
  /** Of that server. Its tokens do not matter. */
  readonly client: GotifyClient;
  readonly nowMs?: number;
  readonly isAlive?: (pid: number) => boolean;
}

export interface Leftover {
  readonly made: MadeClient;
  readonly listed: GotifyClientEntry;
  /** Its process has ended, its token was never written, and the server says that nobody has used it since. */
  readonly isCertain: boolean;
}

/** Those of this user on this server that no account has. Never fails: what cannot be told now is told at the next login. */
export async function findLeftovers(search: Search): Promise<readonly Leftover[]> {
  const { clients, client, login } = search;
  try {
    const candidates = clients.all().filter((made) => isCandidate(made, search));
    if (candidates.length === 0) return [];
    const entries = await client.listClients({ login, timeoutMs: CALL_TIMEOUT_MS });
    return candidates.flatMap((made): Leftover[] => {
      const listed = entries.find(({ id }) => id === made.id);
      if (listed === undefined) clients.forget(made);
      if (listed === undefined || !isSame(made, listed)) return [];
      return [{ made, listed, isCertain: made.state === "made" && isUntouched(made, listed) }];
    });
  } catch {
    return [];
  }
}

/**
 * Which of them are to go. Those that were written once may be in use where nobody sees it from here: by a
 * script that runs at night, a laptop that sleeps, a second configuration. So a person says.
 */
export async function askForLeftovers(
  prompter: WizardPrompter,
  leftovers: readonly Leftover[],
): Promise<readonly Leftover[]> {
  const certain = leftovers.filter(({ isCertain }) => isCertain);
  const others = leftovers.filter(({ isCertain }) => !isCertain);
  if (others.length === 0) return certain;
  const isAgreed = await prompter.confirm({ message: question(others), initialValue: false });
  return isAgreed ? leftovers : certain;
}

/** @returns a line for each that was deleted, and for what a person wanted deleted and is still there. */
export async function deleteLeftovers(
  { clients, client, login }: Pick<Search, "clients" | "client" | "login">,
  leftovers: readonly Leftover[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { made, isCertain } of leftovers) {
    try {
      await client.deleteClient(made.id, { login, timeoutMs: CALL_TIMEOUT_MS });
      clients.forget(made);
      const why = isCertain
        ? ", left over from a set-up that was stopped"
        : " of an earlier set-up";
      lines.push(`Deleted the client ${nameOf(made)}${why}.`);
    } catch (error) {
      // The set-up itself has worked, and the next one finds it again.
      if (!isCertain) lines.push(`Still there: the client ${nameOf(made)}. ${errorText(error)}`);
    }
  }
  return lines;
}

function isCandidate(made: MadeClient, search: Search): boolean {
  const { cfg, serverUrl, login, nowMs = Date.now(), isAlive = isRunning } = search;
  if (made.serverUrl !== serverUrl || made.user !== login.user) return false;
  const { tokens, isComplete } = clientTokens(cfg);
  // A token that cannot be read here could be this one.
  if (isAmong(made, tokens) || !isComplete) return false;
  if (made.state !== "made") return made.state === "replaced";
  // What runs on another machine cannot be seen from here.
  const mayRun = made.host !== hostname() || isAlive(made.pid);
  return !mayRun || nowMs - made.sinceMs > MAX_SET_UP_MS;
}

/** A server that was reset gives the same id to another client. */
function isSame({ name, serverMs }: MadeClient, { name: listed, createdAt }: GotifyClientEntry) {
  if (name !== listed) return false;
  if (createdAt === undefined || serverMs === undefined) return true;
  return Math.abs(createdAt.getTime() - serverMs) < USE_GRANULARITY_MS;
}

/** By the server's clock alone. Whoever has used it since has its token from somewhere. */
function isUntouched({ serverMs }: MadeClient, { lastUsed, createdAt }: GotifyClientEntry) {
  // Gotify 3 tells every use; Gotify 2 may not tell.
  if (lastUsed === undefined) return createdAt !== undefined;
  return serverMs !== undefined && lastUsed.getTime() - serverMs < USE_GRANULARITY_MS;
}

function question(leftovers: readonly Leftover[]): string {
  const [of, separator] = leftovers.length === 1 ? [" of an earlier set-up", ""] : ["", "; "];
  const each = leftovers.map(({ made, listed }) => `${nameOf(made)}${of}, ${useOf(listed)}`);
  const what = leftovers.length === 1 ? "the client" : "these clients of earlier set-ups:";
  return `Delete ${what} ${each.join(separator)}?`;
}

function nameOf({ name, id }: MadeClient): string {
  return `"${name}" (${id})`;
}

function useOf({ lastUsed, createdAt }: GotifyClientEntry): string {
  if (lastUsed !== undefined)
    return `last used ${lastUsed.toISOString().replace("T", " ").slice(0, 16)} UTC`;
  return createdAt === undefined ? "with no use noted" : "never used";
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process that belongs to somebody else may not be signalled, and lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
