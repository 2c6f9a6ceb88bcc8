// Owns tokens: accepting them as opaque text, and finding out what one is good for without leaving a trace.
import { GotifyConfigError, GotifyHttpError } from "./errors.ts";
import { exchange, notGotify, type Credential, type HttpSetup } from "./http.ts";
import type { Deadline } from "./deadline.ts";
import { asString } from "./parse.ts";
import { fetchCurrentUser, type GotifyUser } from "./server.ts";

/**
 * What a token turned out to be.
 *
 * - `valid`: it is what was asked for.
 * - `wrong-kind`: the server knows it, but an app token was given where a client token belongs, or the reverse.
 * - `invalid`: the server does not know it.
 *
 * `error` is what a person should read: what the token is, and where to get the right one.
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
  if (asString(token) === undefined) {
    throw new GotifyConfigError(`The ${label} is no text. Copy it from Gotify, or leave it out.`);
  }
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

const MISSING = {
  app: "No app token is set. Create an application in Gotify and use its token.",
  client: "No client token is set. Create a client in Gotify and use its token.",
} as const;

/** @throws {GotifyConfigError} when the token that a call needs was not given to the client. */
export function tokenCredential(
  kind: keyof typeof MISSING,
  token: string | undefined,
): Extract<Credential, { token: string }> {
  if (token === undefined) throw new GotifyConfigError(MISSING[kind]);
  return { kind, token };
}

/** Whether the token may post, told by an empty post that every Gotify refuses after checking the token. */
export async function probeAppToken(
  setup: HttpSetup,
  token: string,
  deadline: Deadline,
): Promise<AppTokenProbe> {
  const refused = await postNothing(setup, { kind: "app", token }, deadline);
  if (refused.code === "GOTIFY_UNAUTHORIZED") {
    // Gotify 2 answers a client token like this as well; only asking for the user tells them apart.
    const user = await userOf(setup, token, deadline);
    return user instanceof GotifyHttpError
      ? { status: "invalid", error: refused }
      : { status: "wrong-kind", error: wrongKind(setup, "client", "application") };
  }
  // Gotify 3 lets a client token post too, so a 400 alone does not make it an app token.
  const user = await userOf(setup, token, deadline);
  return user instanceof GotifyHttpError
    ? { status: "valid" }
    : { status: "wrong-kind", error: wrongKind(setup, "client", "application") };
}

type Kind = "application" | "client";

/** 401 is what Gotify answers to the wrong kind wherever it does answer that; an empty post on Gotify 3 passes. */
function wrongKind(setup: HttpSetup, given: Kind, wanted: Kind): GotifyHttpError {
  const page = wanted === "application" ? "Apps" : "Clients";
  const a = (kind: Kind): string => (kind === "application" ? "an application" : "a client");
  return new GotifyHttpError(
    `Gotify at ${setup.server.href} knows this as the token of ${a(given)}. ` +
      `Use the token of ${a(wanted)}, from its ${page} page.`,
    { code: "GOTIFY_UNAUTHORIZED", status: 401 },
  );
}

/** Whether the token may read and receive, and for whom. */
export async function probeClientToken(
  setup: HttpSetup,
  token: string,
  deadline: Deadline,
): Promise<ClientTokenProbe> {
  const user = await userOf(setup, token, deadline);
  if (!(user instanceof GotifyHttpError)) return { status: "valid", user };
  const refused = await postNothing(setup, { kind: "app", token }, deadline);
  return refused.code === "GOTIFY_UNAUTHORIZED"
    ? { status: "invalid", error: user }
    : { status: "wrong-kind", error: wrongKind(setup, "application", "client") };
}

/** The refusal of an empty post: 401 before, or 400 after the token was accepted. Nothing is stored. */
async function postNothing(
  setup: HttpSetup,
  credential: Credential,
  deadline: Deadline,
): Promise<GotifyHttpError> {
  try {
    await exchange(setup, { method: "POST", path: "/message", json: {}, credential, deadline });
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
  deadline: Deadline,
): Promise<GotifyUser | GotifyHttpError> {
  try {
    return await fetchCurrentUser(setup, { kind: "client", token }, deadline);
  } catch (error) {
    if (error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED") return error;
    throw error;
  }
}
