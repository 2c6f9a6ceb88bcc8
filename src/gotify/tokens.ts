// Owns tokens: accepting them as opaque text, and finding out what one is good for without leaving a trace.
import { GotifyConfigError, GotifyHttpError } from "./errors.ts";
import { exchange, notGotify, type Credential, type HttpSetup } from "./http.ts";
import type { CallOptions } from "./call-options.ts";
import { fetchCurrentUser, type GotifyUser } from "./server.ts";

/**
 * What a token turned out to be.
 *
 * - `valid`: it is what was asked for.
 * - `wrong-kind`: the server knows it, but an app token was given where a client token belongs, or the reverse.
 * - `invalid`: the server does not know it.
 *
 * A server that is down, or whose database is, throws instead: it can tell nothing about a token.
 */
export type AppTokenProbe =
  | { readonly status: "valid" }
  | { readonly status: "wrong-kind" | "invalid"; readonly error: GotifyHttpError };

/** Like {@link AppTokenProbe}, with the user whom a valid client token belongs to. */
export type ClientTokenProbe =
  | { readonly status: "valid"; readonly user: GotifyUser }
  | { readonly status: "wrong-kind" | "invalid"; readonly error: GotifyHttpError };

/**
 * A token as it goes into a header: pasted blanks and line ends removed, otherwise untouched.
 * Gotify has changed its format before (`A…`, `C…`, then `gtfya.…`, `gtfyc.…`), so no format is assumed.
 *
 * @throws {GotifyConfigError} when it is empty or no header can carry it. The token is not in the error.
 */
export function normalizeToken(token: string, label: string): string {
  const trimmed = token.trim();
  if (trimmed === "")
    throw new GotifyConfigError(`The ${label} is empty. Copy it again from Gotify.`);
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new GotifyConfigError(
      `The ${label} contains blanks or characters that no Gotify token has. Copy it again from Gotify.`,
    );
  }
  return trimmed;
}

/** Whether the token may post, told by an empty post that every Gotify refuses after checking the token. */
export async function probeAppToken(
  setup: HttpSetup,
  token: string,
  options: CallOptions,
): Promise<AppTokenProbe> {
  const refused = await postNothing(setup, { kind: "app", token }, options);
  if (refused.code === "GOTIFY_UNAUTHORIZED") {
    // Gotify 2 answers a client token like this as well; only asking for the user tells them apart.
    const user = await userOf(setup, token, options);
    return user instanceof GotifyHttpError
      ? { status: "invalid", error: refused }
      : { status: "wrong-kind", error: wrongKind(refused) };
  }
  // Gotify 3 lets a client token post too, so a 400 alone does not make it an app token.
  const user = await userOf(setup, token, options);
  return user instanceof GotifyHttpError
    ? { status: "valid" }
    : { status: "wrong-kind", error: wrongKind(refused) };
}

function wrongKind({ status }: GotifyHttpError): GotifyHttpError {
  return new GotifyHttpError(
    "This is the token of a client. Use the token of an application, from Gotify's Apps page.",
    { code: "GOTIFY_UNAUTHORIZED", status },
  );
}

/** Whether the token may read and receive, and for whom. */
export async function probeClientToken(
  setup: HttpSetup,
  token: string,
  options: CallOptions,
): Promise<ClientTokenProbe> {
  const user = await userOf(setup, token, options);
  if (!(user instanceof GotifyHttpError)) return { status: "valid", user };
  const refused = await postNothing(setup, { kind: "app", token }, options);
  return refused.code === "GOTIFY_UNAUTHORIZED"
    ? { status: "invalid", error: user }
    : { status: "wrong-kind", error: user };
}

/** The refusal of an empty post: 401 before, or 400 after the token was accepted. Nothing is stored. */
async function postNothing(
  setup: HttpSetup,
  credential: Credential,
  options: CallOptions,
): Promise<GotifyHttpError> {
  try {
    await exchange(setup, { method: "POST", path: "/message", json: {}, credential, ...options });
  } catch (error) {
    if (!(error instanceof GotifyHttpError)) throw error;
    // Gotify's own 400 names the missing field; a proxy's 400 proves nothing about the token.
    const isVerdict =
      error.code === "GOTIFY_UNAUTHORIZED" ||
      (error.status === 400 && error.description?.includes("message") === true);
    if (isVerdict) return error;
    throw error;
  }
  throw notGotify(setup, "/message");
}

async function userOf(
  setup: HttpSetup,
  token: string,
  options: CallOptions,
): Promise<GotifyUser | GotifyHttpError> {
  try {
    return await fetchCurrentUser(setup, { kind: "client", token }, options);
  } catch (error) {
    if (error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED") return error;
    throw error;
  }
}
