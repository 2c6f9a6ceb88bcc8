// Owns what a Gotify server tells about itself and its user: health, version, capabilities, current user.
import { GotifyHttpError } from "./errors.ts";
import { exchange, notGotify, type Credential, type HttpSetup } from "./http.ts";
import type { Deadline } from "./deadline.ts";
import { asId, asObject, asString, type JsonObject } from "./parse.ts";

const NO_CREDENTIAL: Credential = { kind: "none" };

/** `GET /health`. An unhealthy server is an answer, not an error. */
export interface GotifyHealth {
  /** True when the server and its database both say `green`. */
  readonly ok: boolean;
  /** `green` or `orange`, as the server words it. */
  readonly health: string;
  /** `green` or `red`. */
  readonly database: string;
}

/** `GET /version`. */
export interface GotifyVersion {
  /** `3.0.0` without a leading `v`; `unknown` on self-built servers. */
  readonly version: string;
  /** `""` when the server does not say. */
  readonly commit: string;
  /** Free text; `""` when the server does not say. */
  readonly buildDate: string;
}

/** `GET /gotifyinfo`, Gotify 3 and later. */
export interface GotifyInfo {
  /** As in {@link GotifyVersion}. */
  readonly version: string;
  /** Whether anyone may register. */
  readonly register: boolean;
  /** Whether one may sign in through an identity provider. */
  readonly oidc: boolean;
  /** Whether user name and password are accepted; `true` before 3.1, which cannot switch it off. */
  readonly localAuth: boolean;
}

/** `GET /current/user`: whose token this is. */
export interface GotifyUser {
  /** Unique on its server. */
  readonly id: number;
  /** What the user signs in with. */
  readonly name: string;
  /** Whether the user may manage other users. The token's rights do not depend on it. */
  readonly admin: boolean;
  /** The client that the token belongs to. Gotify 3 only. */
  readonly clientId: number | undefined;
}

export async function fetchHealth(setup: HttpSetup, deadline: Deadline): Promise<GotifyHealth> {
  const answer = await exchange(setup, {
    method: "GET",
    path: "/health",
    credential: NO_CREDENTIAL,
    // A server without its database answers 500 with the same shape.
    accept: [500],
    deadline,
  });
  const object = asObject(answer.json);
  const health = asString(object?.["health"]);
  const database = asString(object?.["database"]);
  if (health === undefined || database === undefined) {
    if (answer.status !== 500) throw notGotify(setup, "/health");
    throw new GotifyHttpError(
      `Something at ${setup.server.href} failed (500) where Gotify tells its health. Look into the log of Gotify, and of a proxy in front of it.`,
      { code: "GOTIFY_SERVER_ERROR", status: 500 },
    );
  }
  return { ok: health === "green" && database === "green", health, database };
}

export async function fetchVersion(setup: HttpSetup, deadline: Deadline): Promise<GotifyVersion> {
  const object = await getObject(setup, "/version", deadline);
  const version = asString(object["version"]);
  if (version === undefined) throw notGotify(setup, "/version");
  return {
    version,
    commit: asString(object["commit"]) ?? "",
    buildDate: asString(object["buildDate"]) ?? "",
  };
}

export async function fetchInfo(
  setup: HttpSetup,
  deadline: Deadline,
): Promise<GotifyInfo | undefined> {
  const answer = await exchange(setup, {
    method: "GET",
    path: "/gotifyinfo",
    credential: NO_CREDENTIAL,
    accept: [404],
    deadline,
  });
  const object = asObject(answer.json);
  // Gotify 2 answers 404 with its error object; a 404 in another shape is no Gotify at all.
  if (answer.status === 404 && asString(object?.["errorDescription"]) !== undefined) {
    return undefined;
  }
  const version = asString(object?.["version"]);
  if (version === undefined) throw notGotify(setup, "/gotifyinfo");
  return {
    version,
    register: object?.["register"] === true,
    oidc: object?.["oidc"] === true,
    localAuth: object?.["localauth"] !== false,
  };
}

export async function fetchCurrentUser(
  setup: HttpSetup,
  credential: Credential,
  deadline: Deadline,
): Promise<GotifyUser> {
  const { json } = await exchange(setup, {
    method: "GET",
    path: "/current/user",
    credential,
    deadline,
  });
  const object = asObject(json);
  const id = asId(object?.["id"]);
  const name = asString(object?.["name"]);
  if (id === undefined || name === undefined) throw notGotify(setup, "/current/user");
  return { id, name, admin: object?.["admin"] === true, clientId: asId(object?.["clientId"]) };
}

async function getObject(setup: HttpSetup, path: string, deadline: Deadline): Promise<JsonObject> {
  const { json } = await exchange(setup, {
    method: "GET",
    path,
    credential: NO_CREDENTIAL,
    deadline,
  });
  const object = asObject(json);
  if (object === undefined) throw notGotify(setup, path);
  return object;
}
