// Owns what is remembered of the clients that set-ups have made: which are written down, and which are of no use any more. No token is kept.
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveStateDir } from "openclaw/plugin-sdk/state-paths";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { credentialKey } from "../config/credential-key.ts";
import { deleteAccount } from "../config/delete-account.ts";
import { pluginFolder } from "../config/state-folder.ts";
import { asId, asInteger, asObject, asString, compact, parseJson } from "../gotify/parse.ts";

const FILE_NAME = "made-clients.json";
/** Set-ups are rare; the oldest go. */
const MAX_REMEMBERED = 64;

/**
 * `made`: nothing is written yet, and nothing will be once its process has ended. `written`: an account of
 * this installation has its token. `replaced`: the account has another one since.
 */
export type MadeClientState = "made" | "written" | "replaced";

export interface MadeClient {
  readonly serverUrl: string;
  /** Its owner on the server: nobody else sees it in a list. */
  readonly user: string;
  readonly id: number;
  readonly name: string;
  /** Tells its token from others, and is of no use to whoever finds it. */
  readonly key: string;
  readonly state: MadeClientState;
  /** Since when it is in this state, by the clock of this machine. */
  readonly sinceMs: number;
  /** When it was made and first used, by the server's clock, which may show anything; where the server tells. */
  readonly serverMs?: number | undefined;
  /** The process whose set-up made it. */
  readonly pid: number;
  /** The machine of that process: containers that share this folder have processes of their own. */
  readonly host: string;
}

export interface MadeClients {
  readonly all: () => readonly MadeClient[];
  /** In place of what was known of that id on that server. */
  readonly note: (client: MadeClient) => void;
  readonly forget: (client: Pick<MadeClient, "serverUrl" | "id">) => void;
}

/** @param folder the plugin's. A file that cannot be read or written costs what it held: a client that a person has to delete. */
export function madeClients(
  folder: () => string = () => pluginFolder(resolveStateDir()),
): MadeClients {
  const all = (): readonly MadeClient[] => read(folder);
  const others = ({ serverUrl, id }: Pick<MadeClient, "serverUrl" | "id">): MadeClient[] =>
    all().filter((one) => one.id !== id || one.serverUrl !== serverUrl);
  return {
    all,
    note: (client) => write(folder, [...others(client), client].slice(-MAX_REMEMBERED)),
    forget: (client) => write(folder, others(client)),
  };
}

export interface WrittenSetup {
  readonly before: OpenClawConfig;
  readonly after: OpenClawConfig;
  readonly accountId: string;
}

/** After a configuration is written: whose tokens stand in it, and whose stood there before. */
export function noteWritten(
  clients: MadeClients,
  { before, after, accountId }: WrittenSetup,
  nowMs: number = Date.now(),
): void {
  const { tokens } = clientTokens(after);
  const { clientToken: former } = resolveAccount(before, accountId);
  for (const client of clients.all()) {
    const wasUsed = client.state === "written" && isAmong(client, [former]);
    const state = isAmong(client, tokens) ? "written" : wasUsed ? "replaced" : client.state;
    if (state !== client.state) clients.note({ ...client, state, sinceMs: nowMs });
  }
}

/** Before an account leaves the configuration: a client that was made for it is of no use any more. */
export function noteRemovedAccount(
  before: OpenClawConfig,
  accountId: string,
  clients: MadeClients = madeClients(),
): void {
  noteWritten(clients, { before, after: deleteAccount(before, accountId), accountId });
}

/** The client tokens of all accounts; incomplete where one of them cannot be read here, and could be any. */
export function clientTokens(cfg: OpenClawConfig): {
  readonly tokens: readonly (string | undefined)[];
  readonly isComplete: boolean;
} {
  const accounts = listAccountIds(cfg).map((id) => resolveAccount(cfg, id));
  return {
    tokens: accounts.map(({ clientToken }) => clientToken),
    isComplete: accounts.every(({ tokenStatus }) => tokenStatus !== "configured_unavailable"),
  };
}

/** Whatever address an account has its server under: one server has several, and the client is the same. */
export function isAmong(client: MadeClient, tokens: readonly (string | undefined)[]): boolean {
  return tokens.some(
    (token) => token !== undefined && credentialKey(client.serverUrl, token) === client.key,
  );
}

function read(folder: () => string): readonly MadeClient[] {
  try {
    const parsed = parseJson(readFileSync(join(folder(), FILE_NAME), "utf8"));
    const entries: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    return entries.map(parseEntry).filter((entry) => entry !== undefined);
  } catch {
    return [];
  }
}

function parseEntry(value: unknown): MadeClient | undefined {
  const entry = asObject(value);
  const id = asId(entry?.["id"]);
  const sinceMs = asInteger(entry?.["sinceMs"]);
  const serverMs = asInteger(entry?.["serverMs"]);
  const pid = asInteger(entry?.["pid"]);
  const state = parseState(entry?.["state"]);
  const [serverUrl, user, name, key, host] = ["serverUrl", "user", "name", "key", "host"].map(
    (field) => asString(entry?.[field]),
  );
  if (id === undefined || sinceMs === undefined || pid === undefined || state === undefined) {
    return undefined;
  }
  if (serverUrl === undefined || user === undefined || name === undefined || key === undefined) {
    return undefined;
  }
  // Without a host, as it was once written, it is of a machine that nobody knows.
  const at = { sinceMs, pid, host: host ?? "" };
  return { serverUrl, user, id, name, key, state, ...at, ...compact({ serverMs }) };
}

function parseState(value: unknown): MadeClientState | undefined {
  return value === "made" || value === "written" || value === "replaced" ? value : undefined;
}

/** Complete or not at all. A full disk must not fail a set-up. */
function write(folder: () => string, clients: readonly MadeClient[]): void {
  try {
    const file = join(folder(), FILE_NAME);
    const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    try {
      writeFileSync(draft, JSON.stringify(clients), { mode: 0o600 });
      renameSync(draft, file);
    } finally {
      rmSync(draft, { force: true });
    }
  } catch {
    // Then the client stays until a person deletes it.
  }
}
