// Owns what the environment may say in place of the configuration: three variables, for the account "default" alone.
import { parseServerUrl } from "../gotify/url.ts";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { readText } from "./lists.ts";

/** The variable for each key. They are advertised before the plugin is loaded (package.json, `configuredState`). */
export const ENVIRONMENT_VARIABLES = {
  serverUrl: "GOTIFY_SERVER_URL",
  appToken: "GOTIFY_APP_TOKEN",
  clientToken: "GOTIFY_CLIENT_TOKEN",
} as const;

type EnvironmentKey = keyof typeof ENVIRONMENT_VARIABLES;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What of them has to be set for an account: it must be able to answer. */
export const CONFIGURED_STATE = {
  env: { allOf: [ENVIRONMENT_VARIABLES.serverUrl, ENVIRONMENT_VARIABLES.appToken] },
} as const;

/** The same question as `CONFIGURED_STATE` asks, for the host once the plugin is loaded. */
export function isConfiguredByEnvironment(env: Environment): boolean {
  const isSet = (name: string): boolean => readText(env[name]) !== undefined;
  return CONFIGURED_STATE.env.allOf.every(isSet);
}

/**
 * What the environment adds to the keys of an account, of which none is there yet. The rules, all of them:
 *
 * - Whatever the configuration says wins, also a secret that cannot be read: a variable that is left over
 *   somewhere must not change what was written down, and must not stand in for a secret that failed.
 * - Only the account "default" asks, so that accounts of several servers never share a variable by accident.
 *   It asks nothing under `accounts.default` with a server of its own: that inherits no token of anybody.
 * - The variables belong together: where `GOTIFY_SERVER_URL` names another server than the configuration,
 *   the tokens of the environment are that server's, and are sent nowhere else.
 *
 * @param config what the account says and inherits, with both forms of its tokens.
 */
export function fromEnvironment(
  config: JsonObject,
  accountId: string,
  isForeign: boolean,
  env: Environment = process.env,
): Partial<Record<EnvironmentKey, string>> {
  if (accountId !== "default" || isForeign) return {};
  const said = (key: EnvironmentKey): string | undefined =>
    readText(env[ENVIRONMENT_VARIABLES[key]]);
  const serverUrl = readText(config["serverUrl"]);
  const found: Partial<Record<EnvironmentKey, string>> = {};
  const variable = said("serverUrl");
  if (serverUrl === undefined && variable !== undefined) found["serverUrl"] = variable;
  if (serverUrl !== undefined && variable !== undefined && !isSameServer(serverUrl, variable)) {
    return found;
  }
  for (const key of ["appToken", "clientToken"] as const) {
    const token = said(key);
    if (token !== undefined && !saysToken(config, key)) found[key] = token;
  }
  return found;
}

/** A text with something in it, a reference, or the path of a file. */
function saysToken(config: JsonObject, key: "appToken" | "clientToken"): boolean {
  return (
    readText(config[key]) !== undefined ||
    asObject(config[key]) !== undefined ||
    readText(config[`${key}File`]) !== undefined
  );
}

export function isSameServer(one: string, other: string): boolean {
  try {
    return parseServerUrl(one).href === parseServerUrl(other).href;
  } catch {
    // One of them cannot be an address at all: then nothing is sent anyway.
    return one === other;
  }
}
