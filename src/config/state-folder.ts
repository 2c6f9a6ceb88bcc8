// Owns where the plugin keeps its files: one private folder below the host's state directory.
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CHANNEL_ID } from "./types.ts";

/** Only the user who runs OpenClaw may look inside: the files hold conversations until they are handled. */
const PRIVATE_FOLDER_MODE = 0o700;

/** The plugin's folder, created when it is missing; `openclaw backup` includes it. */
export function pluginFolder(stateDir: string): string {
  const folder = join(stateDir, CHANNEL_ID);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  // One that a restore or a hand has made may be open to others.
  chmodSync(folder, PRIVATE_FOLDER_MODE);
  return folder;
}

/** An account's folder inside it, created when it is missing. */
export function accountFolder(stateDir: string, accountId: string): string {
  pluginFolder(stateDir);
  const folder = accountPath(stateDir, accountId);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  return folder;
}

/** Where that is, for whoever only looks. Account ids come normalised from the host; others could leave the folder. */
export function accountPath(stateDir: string, accountId: string): string {
  return join(stateDir, CHANNEL_ID, encodeURIComponent(accountId).replaceAll(".", "%2E"));
}
