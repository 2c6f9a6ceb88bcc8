// Owns an account's tokens: written in the configuration itself, behind a reference the host resolves, or in a file that the configuration names.
import { lstatSync } from "node:fs";
import { resolveUserPath } from "openclaw/plugin-sdk/account-resolution";
import { readSecretFileSync } from "openclaw/plugin-sdk/secret-file";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";
import { normalizeToken } from "../gotify/tokens.ts";
import { readText } from "./lists.ts";
import { asSecretReference, secretKey, unresolvedSecret } from "./secret-reference.ts";
import type { CredentialSource, CredentialStatus } from "./types.ts";

/** A token is some twenty characters: whatever is longer is another file. */
const MAX_TOKEN_FILE_BYTES = 4 * 1024;

export const TOKEN_KEYS = ["appToken", "clientToken"] as const;
export type TokenKey = (typeof TOKEN_KEYS)[number];
export type TokenFileKey = `${TokenKey}File`;

/** The key for the other form of a token: the path of a file that holds nothing else. */
export function fileKeyOf(key: TokenKey): TokenFileKey {
  return `${key}File`;
}

export interface Credential {
  readonly token: string | undefined;
  readonly status: CredentialStatus;
  readonly source: CredentialSource;
  /** Why a token that is named cannot be had in this process, in one line without anything secret. */
  readonly unread: string | undefined;
  /** Why the token can never work. */
  readonly bad: string | undefined;
}

const NOTHING: Credential = {
  token: undefined,
  status: "missing",
  source: "none",
  unread: undefined,
  bad: undefined,
};

/**
 * Both forms of both tokens, as they hold for an account. The forms go together: an account's own token,
 * in whichever form, replaces the inherited one in both, or an inherited text would win over its own file.
 *
 * @param isForeign the account has a server of its own, where the root's tokens do not belong.
 */
export function tokensOf(
  section: JsonObject | undefined,
  own: JsonObject | undefined,
  isForeign: boolean,
): JsonObject {
  return Object.fromEntries(
    TOKEN_KEYS.flatMap((key) => {
      const source = isForeign || hasOwnToken(own, key) ? own : section;
      return [key, fileKeyOf(key)].map((form) => [form, source?.[form]]);
    }),
  );
}

/** True when the account says something about this token itself. */
export function hasOwnToken(own: JsonObject | undefined, key: TokenKey): boolean {
  return own?.[key] !== undefined || own?.[fileKeyOf(key)] !== undefined;
}

/** Equal for accounts with the same token, as far as that shows without reading a file. */
export function tokenIdentity(config: JsonObject, key: TokenKey): string | undefined {
  const file = filePathOf(config, key);
  return file === undefined ? secretKey(config[key]) : `file ${resolveUserPath(file)}`;
}

/**
 * The token of an account: what the configuration says itself wins over the file that it names.
 *
 * @param variable the environment variable that it comes from, where it is not the configuration's.
 */
export function readCredential(
  config: JsonObject,
  key: TokenKey,
  pathOf: (key: TokenKey | TokenFileKey) => string,
  variable?: string,
): Credential {
  const reference = asSecretReference(config[key]);
  if (reference !== undefined) {
    return {
      ...NOTHING,
      status: "configured_unavailable",
      source: "config",
      unread: unresolvedSecret(pathOf(key), reference),
    };
  }
  const text = readText(config[key]);
  if (text !== undefined) {
    return withToken(text, variable ?? key, variable === undefined ? "config" : "env");
  }
  const file = filePathOf(config, key);
  if (file === undefined) return NOTHING;
  const read = readTokenFile(file);
  if (read.token !== undefined) return withToken(read.token, fileKeyOf(key), "file");
  return {
    ...NOTHING,
    status: "configured_unavailable",
    source: "file",
    unread: `${pathOf(fileKeyOf(key))}: ${read.reason}.`,
  };
}

/** The file that holds the token; `undefined` where the configuration holds it itself, or names none. */
export function filePathOf(config: JsonObject, key: TokenKey): string | undefined {
  const isInline = readText(config[key]) !== undefined || asObject(config[key]) !== undefined;
  return isInline ? undefined : readText(config[fileKeyOf(key)]);
}

export type TokenFile =
  | { readonly token: string; readonly mode: number; readonly path: string }
  | { readonly token: undefined; readonly reason: string; readonly path: string };

/** Reads a token's file by the host's own rules: a regular file, no link, of a bounded size. Never throws. */
export function readTokenFile(file: string): TokenFile {
  const path = resolveUserPath(file);
  const options = { maxBytes: MAX_TOKEN_FILE_BYTES, rejectSymlink: true };
  try {
    const token = readSecretFileSync(path, "token", options);
    return { token, mode: lstatSync(path).mode, path };
  } catch (error) {
    return { token: undefined, reason: `${path} ${whyUnreadable(path, error)}`, path };
  }
}

/** Looks itself: the host tells an empty file and one without permission by the same code. */
function whyUnreadable(path: string, error: unknown): string {
  const cause = asObject(error)?.["cause"];
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return "does not exist";
    if (found.isSymbolicLink()) return "is a symbolic link, which is not followed";
    if (!found.isFile()) return "is no file";
    if (found.nlink > 1) return "has a second name (a hard link), under which others may change it";
    if (found.size > MAX_TOKEN_FILE_BYTES) return "is too large to be a token";
    // Only the check of what was read fails without a cause by now.
    if (cause === undefined) return "is empty";
  } catch {
    // Not even to be looked at: what the host ran into says why.
  }
  const code = asString(asObject(cause)?.["code"]) ?? asString(asObject(error)?.["code"]);
  return `could not be read (${code ?? "unknown reason"})`;
}

function withToken(token: string, name: string, source: CredentialSource): Credential {
  const read: Credential = { ...NOTHING, token, status: "available", source };
  try {
    normalizeToken(token, `value of ${name}`);
    return read;
  } catch (error) {
    if (error instanceof GotifyConfigError) return { ...read, bad: error.message };
    throw error;
  }
}
