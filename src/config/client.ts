// Owns making a Gotify client for an account: its server, its tokens, and the way there.
import { GotifyClient } from "../gotify/client.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { transportTo } from "./connection-transport.ts";
import type { ResolvedConnection } from "./connection.ts";
import type { ResolvedAccount } from "./types.ts";

export interface ServerAccess {
  readonly serverUrl: string;
  /** As an account resolves it; `NO_CONNECTION_OPTIONS` where there is none. */
  readonly connection: ResolvedConnection;
}

export interface Tokens {
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
}

/** An account is the same object as long as its configuration is, and a client remembers nothing of its calls. */
const clients = new WeakMap<ResolvedAccount, GotifyClient>();

/** @throws {GotifyConfigError} with the account's own problem when it cannot work. */
export function accountClient(account: ResolvedAccount): GotifyClient {
  const known = clients.get(account);
  if (known !== undefined) return known;
  const { serverUrl, problem } = account;
  if (problem !== undefined || serverUrl === undefined) {
    throw new GotifyConfigError(problem ?? "No Gotify server is set.");
  }
  const client = clientFor({ ...account, serverUrl }, account);
  clients.set(account, client);
  return client;
}

/**
 * A client with other tokens than the account's, or with none, over the account's own way to its server.
 *
 * @throws {GotifyConfigError} when the address, a token or a connection option cannot work.
 */
export function clientFor({ serverUrl, connection }: ServerAccess, tokens: Tokens): GotifyClient {
  const { timeoutMs, headers } = connection;
  return new GotifyClient({
    serverUrl,
    appToken: tokens.appToken,
    clientToken: tokens.clientToken,
    headers,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...transportTo(serverUrl, connection),
  });
}
