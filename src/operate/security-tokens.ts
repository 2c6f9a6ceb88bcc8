// Owns the security findings about where an account's tokens and its client key are kept.
import { statSync } from "node:fs";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { fileKeyOf, filePathOf, readTokenFile, TOKEN_KEYS } from "../config/credential.ts";
import { asSecretReference } from "../config/secret-reference.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asString } from "../gotify/parse.ts";
import { connectionPath, writtenAt, type Finding } from "./security-config.ts";

/** What a file must not give to the group and to others. */
const NOT_THE_OWNER = 0o077;

/**
 * Tokens that stand in the configuration file.
 *
 * @param cfg as it was before secrets were read: afterwards every token is plain text.
 */
export function tokensInConfig(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Finding[] {
  return TOKEN_KEYS.flatMap((key) => {
    const { value, path } = writtenAt(cfg, account.accountId, key);
    if (asSecretReference(value) !== undefined) return [];
    const token = asString(value)?.trim() ?? "";
    // The host has put `${NAME}` in place by now, and tells nobody where a text came from.
    const isFromEnvironment = Object.values(env).includes(token);
    if (token === "" || isFromEnvironment) return [];
    return {
      checkId: `channels.${CHANNEL_ID}.token_in_config`,
      severity: "warn" as const,
      title: `${path} is a token in plain text`,
      detail:
        key === "appToken"
          ? "Whoever sees a copy or a backup of the configuration can post as this application."
          : "Whoever sees a copy or a backup of the configuration can read every message of this Gotify user.",
      remediation: `Keep the token out of the configuration: set ${path} to "\${${variableFor(path)}}", and that variable where the Gateway runs, or put the token into a file and its path into ${path}File.`,
    };
  });
}

/** `GOTIFY_HOME_APP_TOKEN` for `channels.gotify.accounts.home.appToken`: one for each place. */
function variableFor(path: string): string {
  return path
    .replace(/^channels\./, "")
    .replace(".accounts.", ".")
    .replace(/Token$/, "_TOKEN")
    .replaceAll(/\W/g, "_")
    .toUpperCase();
}

/** Files with tokens that cannot be read, or that others can read. A token in the configuration wins over its file. */
export function tokenFiles(cfg: OpenClawConfig, { accountId }: ResolvedAccount): Finding[] {
  return TOKEN_KEYS.flatMap((key) => {
    const { path: at, value } = writtenAt(cfg, accountId, fileKeyOf(key));
    const inline = writtenAt(cfg, accountId, key).value;
    const file = filePathOf({ [key]: inline, [fileKeyOf(key)]: value }, key);
    if (file === undefined) return [];
    const read = readTokenFile(file);
    if (read.token === undefined) {
      return {
        checkId: `channels.${CHANNEL_ID}.token_file_unreadable`,
        severity: "warn" as const,
        title: `${at} names a file that holds no token OpenClaw can read`,
        detail: `The file ${read.reason}. Without the token the account ${accountId} does not work.`,
        remediation: `Write the token, and nothing else, into a file that only the user who runs OpenClaw can read, and its path into ${at}.`,
      };
    }
    return openFile("token_file_open", `The token in ${at}`, read);
  });
}

/** A client certificate's key that others can read. Who has it is let through wherever the certificate is asked for. */
export function keyFile(cfg: OpenClawConfig, account: ResolvedAccount): Finding[] {
  const path = account.connection.clientKeyFile;
  const mode = path === undefined ? undefined : modeOf(path);
  if (path === undefined || mode === undefined) return [];
  const at = connectionPath(cfg, account.accountId, "clientKeyFile");
  return openFile("key_file_open", `The client key in ${at}`, { path, mode });
}

/** Links are followed, as they are when the key is read. One that cannot be read is the account's problem, and told with it. */
function modeOf(path: string): number | undefined {
  try {
    return statSync(path).mode;
  } catch {
    return undefined;
  }
}

function openFile(
  checkId: string,
  secret: string,
  { path, mode }: { readonly path: string; readonly mode: number },
): Finding[] {
  // Windows keeps rights elsewhere, and shows every file as open.
  if (process.platform === "win32" || (mode & NOT_THE_OWNER) === 0) return [];
  const digits = (mode & 0o777).toString(8).padStart(3, "0");
  return [
    {
      checkId: `channels.${CHANNEL_ID}.${checkId}`,
      severity: "warn",
      title: `${secret} can be read by other users of this machine`,
      detail: `${path} has the mode ${digits}: it gives rights to others than its owner.`,
      remediation: `chmod 600 ${quoted(path)}`,
    },
  ];
}

/** For a shell, so that the remedy can be pasted. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
