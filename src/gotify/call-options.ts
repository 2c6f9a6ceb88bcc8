// Owns what every call can be given: its bounds, and a password where a token is not enough.
import { GotifyConfigError } from "./errors.ts";
import type { Credential } from "./http.ts";
import { asId } from "./parse.ts";

/** Bounds of a call, common to all of them. */
export interface CallOptions {
  /** Aborts the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call gives up; the client's `timeoutMs` when left out. */
  readonly timeoutMs?: number | undefined;
}

/** A Gotify user's name and password. Used for the call it is passed to, and never kept. */
export interface GotifyLogin {
  readonly user: string;
  readonly password: string;
}

/** For calls that Gotify 3 lets a client token do only while it is elevated. */
export interface ElevatedCallOptions extends CallOptions {
  /** Proves the call with user name and password in place of the client token. */
  readonly login?: GotifyLogin;
}

/** @throws {GotifyConfigError} when a user name cannot be written in the way HTTP asks for. */
export function loginCredential(login: GotifyLogin): Extract<Credential, { kind: "basic" }> {
  if (login.user === "" || login.user.includes(":")) {
    throw new GotifyConfigError("A user name must not be empty, and must not contain a colon.");
  }
  return { kind: "basic", user: login.user, password: login.password };
}

/** @throws {GotifyConfigError} for anything that is no id, before it can become part of a path. */
export function checkedId(id: number): number {
  if (asId(id) === undefined) throw new GotifyConfigError(`An id is a whole number, not ${id}.`);
  return id;
}
