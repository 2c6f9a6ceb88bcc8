// Owns which application an account posts as: Gotify 2 shows it in its list, Gotify 3 tells it with each post alone, so it is remembered.
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountClient } from "../../config/client.ts";
import { credentialKey } from "../../config/credential-key.ts";
import { getRuntime } from "../../config/runtime.ts";
import { pluginFolder } from "../../config/state-folder.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { asId, asObject, parseJson } from "../../gotify/parse.ts";

const FILE_NAME = "own-applications.json";
const LOOKUP_TIMEOUT_MS = 5_000;
/** Tokens are replaced now and then; the oldest go. */
const MAX_REMEMBERED = 64;

export interface OwnApplications {
  /** Its id, as far as it is known without asking; `undefined` before the first post on Gotify 3. */
  readonly known: (account: ResolvedAccount) => number | undefined;
  /** The same, and Gotify 2 is asked. Rejects when the server does not answer. */
  readonly find: (account: ResolvedAccount, signal?: AbortSignal) => Promise<number | undefined>;
  /** For each post with the account's own app token: where the server put it. */
  readonly learn: (account: ResolvedAccount, appId: number) => void;
}

/** @param folder the plugin's. The file there lets the command line know what the Gateway has learned; it holds ids and digests, no token. */
export function createOwnApplications(folder: () => string): OwnApplications {
  const remembered = new Map<string, number>();

  const readAll = (): void => {
    for (const [key, appId] of readFile(folder)) {
      if (!remembered.has(key)) remembered.set(key, appId);
    }
  };
  const known: OwnApplications["known"] = (account) => {
    if (account.appToken === undefined) return undefined;
    const key = keyOf(account);
    if (!remembered.has(key)) readAll();
    return remembered.get(key);
  };
  const learn: OwnApplications["learn"] = (account, appId) => {
    if (appId <= 0 || known(account) === appId) return;
    // Another process may have learned of another account meanwhile.
    readAll();
    const key = keyOf(account);
    remembered.delete(key);
    remembered.set(key, appId);
    writeFile(folder, [...remembered].slice(-MAX_REMEMBERED));
  };
  return {
    known,
    learn,
    async find(account, signal) {
      const already = known(account);
      if (already !== undefined || account.clientToken === undefined) return already;
      const client = accountClient(account);
      const own = await client.ownApplication({ signal, timeoutMs: LOOKUP_TIMEOUT_MS });
      if (own !== undefined) learn(account, own.id);
      return own?.id;
    },
  };
}

function keyOf(account: ResolvedAccount): string {
  return credentialKey(account.serverUrl, account.appToken);
}

/** The ones of this installation, shared by everything in this process. */
export const ownApplications = createOwnApplications(() =>
  pluginFolder(getRuntime().state.resolveStateDir()),
);

/** For each post with an account's own app token: where the server put it. */
export const learnOwnApplication = ownApplications.learn;

/** A file that cannot be read costs what it held: the next post tells it again. */
function readFile(folder: () => string): readonly (readonly [string, number])[] {
  try {
    const text = readFileSync(join(folder(), FILE_NAME), "utf8");
    const entries = Object.entries(asObject(parseJson(text)) ?? {});
    return entries.flatMap(([key, value]) => {
      const appId = asId(value);
      return appId === undefined || appId === 0 ? [] : [[key, appId] as const];
    });
  } catch {
    return [];
  }
}

/** Complete or not at all: the command line reads it while the Gateway writes. A full disk must not fail a post. */
function writeFile(folder: () => string, entries: readonly (readonly [string, number])[]): void {
  try {
    const file = join(folder(), FILE_NAME);
    const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    try {
      writeFileSync(draft, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
      renameSync(draft, file);
    } finally {
      rmSync(draft, { force: true });
    }
  } catch {
    // It stays known in this process.
  }
}
