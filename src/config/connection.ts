// Owns what `connection` says of an account: how its server is reached, what is inherited of that, and what of it cannot work.
import { resolveUserPath } from "openclaw/plugin-sdk/account-resolution";
import { checkedHeaders } from "../gotify/client-options.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asInteger, asObject, type JsonObject } from "../gotify/parse.ts";
import { tlsProblem } from "./connection-files.ts";
import { readText } from "./lists.ts";
import { asSecretReference, unresolvedSecret } from "./secret-reference.ts";
import type { SecretInput } from "./types.ts";

const SECOND_MS = 1_000;

/** `connection`: how the server is reached. Secrets are strings here: the host puts them in place of references. */
export interface ConnectionConfig {
  timeoutSeconds?: number | undefined;
  caFile?: string | undefined;
  clientCertFile?: string | undefined;
  clientKeyFile?: string | undefined;
  clientKey?: SecretInput | undefined;
  headers?: Record<string, SecretInput> | undefined;
  dangerouslyAllowCleartext?: boolean | undefined;
}

/** What reaching the server takes. The files are named, and read when a connection is made. */
export interface ResolvedConnection {
  /** Milliseconds for a call that names no limit of its own; `undefined` leaves it to the client. */
  readonly timeoutMs: number | undefined;
  /** Absolute, as are the paths below. */
  readonly caFile: string | undefined;
  readonly clientCertFile: string | undefined;
  readonly clientKeyFile: string | undefined;
  /** As PEM. Where it is set, there is no `clientKeyFile`. */
  readonly clientKey: string | undefined;
  /** By name in lower case; every value is a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether `http://` may go to a public address. */
  readonly allowCleartext: boolean;
}

export const NO_CONNECTION_OPTIONS: ResolvedConnection = {
  timeoutMs: undefined,
  caFile: undefined,
  clientCertFile: undefined,
  clientKeyFile: undefined,
  clientKey: undefined,
  headers: {},
  allowCleartext: false,
};

export interface ReadConnection {
  readonly connection: ResolvedConnection;
  /** Why no connection can be made with it, in one line without anything secret. */
  readonly problem: string | undefined;
}

/** Who has said it, for the path in a message. */
export type ConnectionKey = Exclude<keyof ConnectionConfig, "headers"> | `headers.${string}`;
export type PathOfKey = (key: ConnectionKey) => string;

/** Belong together: a certificate fits one key, so an account that says one of them inherits none. */
export const IDENTITY_KEYS = ["clientCertFile", "clientKeyFile", "clientKey"] as const;
/** What is of use at any server, and gives nothing away to it. */
const SHARED_KEYS = ["timeoutSeconds", "caFile"] as const;

/**
 * What holds for an account: its own keys, and what it inherits. With a server of its own that is only
 * which authority is trusted and how long a call may take: headers and certificates are credentials, and
 * leave to send unencrypted was given for another server.
 */
export function readConnection(
  section: JsonObject | undefined,
  own: JsonObject | undefined,
  isForeign: boolean,
  paths: { readonly root: string; readonly own: string },
): ReadConnection {
  const ownWords = asObject(own?.["connection"]);
  const rootWords = asObject(section?.["connection"]);
  if (ownWords === undefined && rootWords === undefined) {
    return { connection: NO_CONNECTION_OPTIONS, problem: undefined };
  }
  const ownHeaders = lowered(asObject(ownWords?.["headers"]));
  const inherited = inheritedOf(rootWords, ownWords, isForeign);
  const words: JsonObject = { ...inherited, ...ownWords };
  const headers = { ...lowered(asObject(inherited["headers"])), ...ownHeaders };
  const pathOf: PathOfKey = (key) => {
    const [name = "", header] = key.split(/\.(.*)/s);
    const isOwn =
      header === undefined ? ownWords?.[name] !== undefined : Object.hasOwn(ownHeaders, header);
    return `${isOwn ? paths.own : paths.root}.connection.${key}`;
  };
  return resolve(words, headers, pathOf);
}

function inheritedOf(
  root: JsonObject | undefined,
  own: JsonObject | undefined,
  isForeign: boolean,
): JsonObject {
  if (root === undefined) return {};
  if (isForeign) return Object.fromEntries(SHARED_KEYS.map((key) => [key, root[key]]));
  const hasOwnIdentity = IDENTITY_KEYS.some((key) => own?.[key] !== undefined);
  const isInherited = ([key]: [string, unknown]): boolean =>
    !hasOwnIdentity || !IDENTITY_KEYS.some((identity) => identity === key);
  return Object.fromEntries(Object.entries(root).filter(isInherited));
}

function resolve(
  words: JsonObject,
  headers: Readonly<Record<string, unknown>>,
  pathOf: PathOfKey,
): ReadConnection {
  const clientKey = readSecret(words["clientKey"], pathOf("clientKey"));
  const seconds = asInteger(words["timeoutSeconds"]);
  const hasKey = clientKey.text !== undefined || clientKey.unread !== undefined;
  const checked = readHeaders(headers, pathOf);
  const connection: ResolvedConnection = {
    timeoutMs: seconds === undefined ? undefined : seconds * SECOND_MS,
    caFile: pathIn(words["caFile"]),
    clientCertFile: pathIn(words["clientCertFile"]),
    clientKeyFile: hasKey ? undefined : pathIn(words["clientKeyFile"]),
    clientKey: clientKey.text,
    headers: checked.headers,
    allowCleartext: words["dangerouslyAllowCleartext"] === true,
  };
  const problem = clientKey.unread ?? checked.problem ?? tlsProblem(connection, pathOf);
  return { connection, problem };
}

function readHeaders(
  headers: Readonly<Record<string, unknown>>,
  pathOf: PathOfKey,
): { headers: Readonly<Record<string, string>>; problem: string | undefined } {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const at = pathOf(`headers.${name}`);
    const { text, unread } = readSecret(value, at);
    if (unread !== undefined) return { headers: {}, problem: unread };
    if (text === undefined)
      return { headers: {}, problem: `${at} is empty. Set it, or leave it out.` };
    try {
      Object.assign(found, checkedHeaders({ [name]: text }));
    } catch (error) {
      if (!(error instanceof GotifyConfigError)) throw error;
      return { headers: {}, problem: `${at}: ${error.message}` };
    }
  }
  return { headers: found, problem: undefined };
}

function readSecret(
  value: unknown,
  at: string,
): { readonly text?: string; readonly unread?: string } {
  const reference = asSecretReference(value);
  if (reference !== undefined) return { unread: unresolvedSecret(at, reference) };
  const text = readText(value);
  return text === undefined ? {} : { text };
}

/** One header of each name, whatever its spelling at the root and in the account. */
function lowered(headers: JsonObject | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function pathIn(value: unknown): string | undefined {
  const text = readText(value);
  return text === undefined ? undefined : resolveUserPath(text);
}

/** The same without its secrets, for diagnostics. */
export function withoutSecrets(connection: ResolvedConnection): ResolvedConnection {
  return { ...connection, clientKey: undefined, headers: {} };
}
