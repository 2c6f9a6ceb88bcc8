// Owns the application calls: list, create, change, delete, icon, new token.
import { checkedId, type CallOptions } from "./call-options.ts";
import { GotifyConfigError, GotifyHttpError } from "./errors.ts";
import { exchange, exchangeNothing, notGotify, type Credential, type HttpSetup } from "./http.ts";
import {
  asId,
  asInstant,
  asInteger,
  asObject,
  asString,
  compact,
  type JsonObject,
} from "./parse.ts";

/** A sender in Gotify's sense: whatever holds its token may post under its name. */
export interface GotifyApplication {
  readonly id: number;
  /** Not unique: two applications may share one. */
  readonly name: string;
  readonly description: string;
  /** What a message gets that names no priority. 0, which is silent, on a new application. */
  readonly defaultPriority: number;
  /** True when it belongs to a server plugin; such a one cannot be deleted. */
  readonly internal: boolean;
  /** Absolute address of its icon; readable without a token. */
  readonly imageUrl: string | undefined;
  /** When its token was last used, to within five minutes. Gotify 2.4 and later. */
  readonly lastUsed: Date | undefined;
  /** Its place in lists, unique for the user. Gotify 2.9 and later. */
  readonly sortKey: string | undefined;
  /** Gotify 3 and later. */
  readonly createdAt: Date | undefined;
}

/** What can be said about an application. On a change, what is left out stays as it is. */
export interface ApplicationSettings {
  readonly name?: string;
  readonly description?: string;
  readonly defaultPriority?: number;
  readonly sortKey?: string;
}

/** A new application with its token, which Gotify 3 shows this once only. */
export interface CreatedApplication {
  readonly application: GotifyApplication;
  readonly token: string;
}

export async function listApplications(
  setup: HttpSetup,
  credential: Credential,
  options: CallOptions,
): Promise<readonly GotifyApplication[]> {
  const { json } = await exchange(setup, {
    method: "GET",
    path: "/application",
    credential,
    ...options,
  });
  if (!Array.isArray(json)) throw notGotify(setup, "/application");
  return json
    .map((item) => parseApplication(setup, item))
    .filter((application) => application !== undefined);
}

/**
 * The token of an application that exists already. Gotify 2 shows it in lists; Gotify 3 never again, and
 * then this is `undefined`.
 */
export async function findApplicationToken(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  options: CallOptions,
): Promise<string | undefined> {
  const { json } = await exchange(setup, {
    method: "GET",
    path: "/application",
    credential,
    ...options,
  });
  const items: unknown[] = Array.isArray(json) ? json : [];
  const token = asString(items.map(asObject).find((item) => item?.["id"] === id)?.["token"]);
  return token === "" ? undefined : token;
}

export async function createApplication(
  setup: HttpSetup,
  credential: Credential,
  settings: ApplicationSettings & { readonly name: string },
  options: CallOptions,
): Promise<CreatedApplication> {
  const { json } = await exchange(setup, {
    method: "POST",
    path: "/application",
    json: settingsToWire(settings),
    credential,
    ...options,
  });
  const token = asString(asObject(json)?.["token"]);
  if (token === undefined || token === "") throw notGotify(setup, "/application");
  return { application: applicationOf(setup, json), token };
}

/** Gotify's PUT replaces everything, so what is not named is read first and sent along. */
export async function updateApplication(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  changes: ApplicationSettings,
  options: CallOptions,
): Promise<GotifyApplication> {
  const wanted = checkedId(id);
  const current = (await listApplications(setup, credential, options)).find(
    (application) => application.id === wanted,
  );
  if (current === undefined) throw unknownId(setup, "application", id);
  const { name, description, defaultPriority } = current;
  const { json } = await exchange(setup, {
    method: "PUT",
    path: `/application/${id}`,
    json: settingsToWire({ name, description, defaultPriority, ...compact(changes) }),
    credential,
    ...options,
  });
  return applicationOf(setup, json);
}

export async function deleteApplication(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  options: CallOptions,
): Promise<void> {
  const path = `/application/${checkedId(id)}`;
  await exchangeNothing(setup, { method: "DELETE", path, credential, ...options });
}

/** A picture with its file name, by whose ending Gotify judges it. */
export interface ApplicationImage {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Ends in .png, .jpg, .jpeg or .gif. */
  readonly fileName: string;
}

export async function uploadApplicationImage(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  image: ApplicationImage,
  options: CallOptions,
): Promise<GotifyApplication> {
  if (!/\.(?:png|jpe?g|gif)$/i.test(image.fileName)) {
    throw new GotifyConfigError("Gotify takes icons as .png, .jpg, .jpeg or .gif files.");
  }
  const form = new FormData();
  form.set("file", new Blob([image.data]), image.fileName);
  const path = `/application/${checkedId(id)}/image`;
  const { json } = await exchange(setup, { method: "POST", path, form, credential, ...options });
  return applicationOf(setup, json);
}

export async function deleteApplicationImage(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  options: CallOptions,
): Promise<GotifyApplication> {
  const path = `/application/${checkedId(id)}/image`;
  const { json } = await exchange(setup, { method: "DELETE", path, credential, ...options });
  return applicationOf(setup, json);
}

/** Replaces the token; the old one stops working at once. Gotify 3 only. */
export async function rotateApplicationToken(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  options: CallOptions,
): Promise<string> {
  const path = `/application/${checkedId(id)}/security`;
  const { json } = await exchange(setup, {
    method: "PUT",
    path,
    json: { regenerateToken: true },
    credential,
    ...options,
  });
  const token = asString(asObject(asObject(json)?.["regenerateToken"])?.["token"]);
  if (token === undefined || token === "") throw notGotify(setup, path);
  return token;
}

/** The error for an id that a list does not have, as the server itself would answer. */
export function unknownId(setup: HttpSetup, what: string, id: number): GotifyHttpError {
  return new GotifyHttpError(
    `Gotify at ${setup.server.href} has no ${what} ${id} for this user. It was deleted, or it belongs to another user.`,
    { code: "GOTIFY_NOT_FOUND", status: 404 },
  );
}

function applicationOf(setup: HttpSetup, json: unknown): GotifyApplication {
  const application = parseApplication(setup, json);
  if (application === undefined) throw notGotify(setup, "/application");
  return application;
}

/**
 * Reads an application without its token: the one in lists and changes is unusable on Gotify 3, and
 * nothing that needs it should find it by accident on Gotify 2.
 */
function parseApplication(setup: HttpSetup, value: unknown): GotifyApplication | undefined {
  const object = asObject(value);
  const id = asId(object?.["id"]);
  const name = asString(object?.["name"]);
  if (object === undefined || id === undefined || name === undefined) return undefined;
  const image = asString(object["image"]);
  return {
    id,
    name,
    description: asString(object["description"]) ?? "",
    defaultPriority: asInteger(object["defaultPriority"]) ?? 0,
    internal: object["internal"] === true,
    imageUrl: image === undefined ? undefined : setup.server.http(`/${image}`).href,
    lastUsed: asInstant(object["lastUsed"]),
    sortKey: asString(object["sortKey"]),
    createdAt: asInstant(object["createdAt"]),
  };
}

function settingsToWire(settings: ApplicationSettings): JsonObject {
  if (settings.name?.trim() === "") {
    throw new GotifyConfigError("An application needs a name.");
  }
  if (settings.defaultPriority !== undefined && !Number.isSafeInteger(settings.defaultPriority)) {
    throw new GotifyConfigError(`A priority is a whole number, not ${settings.defaultPriority}.`);
  }
  const { name, description, defaultPriority, sortKey } = settings;
  return compact({ name, description, defaultPriority, sortKey });
}
