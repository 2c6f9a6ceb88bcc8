// Owns deleting the clients that earlier set-ups have left on the server: only what this installation made, and what nobody uses.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { GotifyLogin } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { GotifyClientEntry } from "../gotify/clients.ts";
import { clientTokenKeys, type MadeClient, type MadeClients } from "./made-clients.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Gotify notes a use to within five minutes, by a clock that may differ from ours a little. */
const IDLE_TOLERANCE_MS = 10 * MINUTE_MS;
/** Whoever receives with a token reads back every ten minutes at the latest: until then it may look unused. */
const REPLACED_REST_MS = 30 * MINUTE_MS;
/** A process id can be given to another program, or be the same after the restart of a container. */
const MAX_SET_UP_MS = DAY_MS;
const CALL_TIMEOUT_MS = 5_000;

export interface Sweep {
  readonly clients: MadeClients;
  /** As it is now, with its secrets. */
  readonly cfg: OpenClawConfig;
  readonly serverUrl: string;
  readonly login: GotifyLogin;
  /** With a client token of the same user. */
  readonly client: GotifyClient;
  readonly nowMs?: number;
  readonly isAlive?: (pid: number) => boolean;
}

/**
 * Deletes what a stopped set-up has left, and what a later one has replaced. Never fails: what cannot be
 * deleted is tried again at the next login.
 *
 * @returns a line for each that was deleted.
 */
export async function sweepLeftovers(sweep: Sweep): Promise<readonly string[]> {
  const { clients, client, login } = sweep;
  const lines: string[] = [];
  try {
    const candidates = clients.all().filter((one) => isCandidate(one, sweep));
    if (candidates.length === 0) return lines;
    const listed = await client.listClients({ timeoutMs: CALL_TIMEOUT_MS });
    for (const one of candidates) {
      const entry = listed.find(({ id }) => id === one.id);
      if (entry === undefined) clients.forget(one);
      else if (isUntouched(one, entry)) {
        await client.deleteClient(one.id, { login, timeoutMs: CALL_TIMEOUT_MS });
        clients.forget(one);
        lines.push(`Deleted the client "${one.name}" (${one.id}), ${WHY[one.state]}.`);
      }
    }
  } catch {
    // The set-up itself has worked.
  }
  return lines;
}

const WHY: Readonly<Record<MadeClient["state"], string>> = {
  made: "left over from a set-up that was stopped",
  written: "which is not in use",
  replaced: "which an earlier set-up replaced",
};

function isCandidate(one: MadeClient, sweep: Sweep): boolean {
  const { cfg, serverUrl, login, nowMs = Date.now(), isAlive = isRunning } = sweep;
  if (one.serverUrl !== serverUrl || one.user !== login.user) return false;
  const inUse = clientTokenKeys(cfg);
  // A token that cannot be read here could be this one.
  if (inUse.keys.has(one.key) || !inUse.isComplete) return false;
  const ageMs = nowMs - one.sinceMs;
  if (one.state === "replaced") return ageMs > REPLACED_REST_MS;
  return one.state === "made" && (ageMs > MAX_SET_UP_MS || !isAlive(one.pid));
}

/**
 * Whoever has used it since has it from somewhere: a configuration that was copied to another machine, say.
 * A server that was reset gives the same id to another client, which is used as well.
 */
function isUntouched(one: MadeClient, { name, lastUsed }: GotifyClientEntry): boolean {
  // Gotify before 2.4 does not tell.
  if (name !== one.name || lastUsed === undefined) return false;
  return lastUsed.getTime() <= one.sinceMs + IDLE_TOLERANCE_MS;
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
