// Owns making a Gotify client for an account.
import { GotifyClient } from "../gotify/client.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import type { ResolvedAccount } from "./types.ts";

/** @throws {GotifyConfigError} with the account's own problem when it cannot work. */
export function accountClient(account: ResolvedAccount): GotifyClient {
  if (account.problem !== undefined || account.serverUrl === undefined) {
    throw new GotifyConfigError(account.problem ?? "No Gotify server is set.");
  }
  return new GotifyClient({
    serverUrl: account.serverUrl,
    appToken: account.appToken,
    clientToken: account.clientToken,
  });
}
