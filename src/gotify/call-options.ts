// Owns what every call can be given: its bounds, and a password where a token is not enough.
import { GotifyConfigError } from "./errors.ts";
import type { Credential } from "./http.ts";
import { checkedMs } from "./limits.ts";
import { asId } from "./parse.ts";

/** Bounds of a call, common to all of them. */
export interface CallOptions {
  /**
   * Aborts the call; it then rejects with the signal's reason, also when a `fetch` of one's own does
   * not heed it. What the server had received by then may still be carried out.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the call gives up with `GOTIFY_TIMEOUT`; the client's `timeoutMs` when left out.
   * Bounds the call as a whole, however many requests it takes: reading before a change, both
   * questions of a probe, all steps of a bootstrap. Two calls differ: `readPages` gives each page this
   * long, and a `bootstrap` that fails takes up to 5,000 more to remove what it made.
   *
   * Above 0; more than about 24 days (2,147,483,647) counts as that. Anything else is `GOTIFY_CONFIG`.
   */
  readonly timeoutMs?: number | undefined;
}

/** A Gotify user's name and password. Used for the call it is passed to, and never kept. */
export interface GotifyLogin {
  /** Not empty, and without a colon: HTTP could not tell where the name ends. */
  readonly user: string;
  readonly password: string;
}

/** For calls that Gotify 3 lets a client token do only while it is elevated. */
export interface ElevatedCallOptions extends CallOptions {
  /**
   * Proves the call with user name and password in place of the client token, which the client then
   * need not have. Gotify takes its time to check a password, up to a second on small machines.
   */
  readonly login?: GotifyLogin;
}

/**
 * The bounds of one call as `withDeadline` takes them.
 *
 * @throws {GotifyConfigError} for a time limit that no timer keeps.
 */
export function callBounds(
  { signal, timeoutMs }: CallOptions,
  defaultMs: number,
): { readonly signal: AbortSignal | undefined; readonly timeoutMs: number } {
  return { signal, timeoutMs: checkedMs("timeoutMs", timeoutMs ?? defaultMs) };
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
