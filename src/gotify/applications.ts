// Owns the application calls: list, create, change, delete, icon, new token.
import { checkedId } from "./call-options.ts";
import type { Deadline } from "./deadline.ts";
import { GotifyConfigError } from "./errors.ts";
import {
  exchange,
  exchangeList,
  exchangeNothing,
  notGotify,
  type Credential,
  type HttpSetup,
} from "./http.ts";
import { findListed, wouldBeLost } from "./listed.ts";
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
  /** Greater than 0, unique on its server. */
  readonly id: number;
  /** Not unique: two applications may share one. */
  readonly name: string;
  /** `""` when there is none. */
  readonly description: string;
  /**
   * What a message gets that names no priority. 0, which is silent, on a new application, and where the
   * server gives none that can be read (before Gotify 2.3).
   */
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
  /** Not blank. Need not be unique. */
  readonly name?: string;
  readonly description?: string;
  /** A whole number, 0 to 10 by convention. Left out on a creation: 0, which is silent. */
  readonly defaultPriority?: number;
  /** Its place in lists, unique for the user; Gotify refuses one that is taken (400). Gotify 2.9 and later. */
  readonly sortKey?: string;
}

/** A new application with its token, which Gotify 3 shows this once only. */
export interface CreatedApplication {
  readonly application: GotifyApplication;
  /** Opaque text: its form differs between Gotify 2 and 3, and may change again. */
  readonly token: string;
}

export async function listApplications(
  setup: HttpSetup,
  credential: Credential,
  deadline: Deadline,
): Promise<readonly GotifyApplication[]> {
  return (await exchangeList(setup, "/application", credential, deadline))
    .map((item) => parseApplication(setup, item))
    .filter((application) => application !== undefined);
}

/**
 * The token of an application that exists already. Gotify 2 shows it in lists; Gotify 3 never again, and
 * then this is `undefined`. Throws with status 404 when there is no such application.
 */
export async function findApplicationToken(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<string | undefined> {
  const token = asString(
    (await findListed(setup, "application", credential, id, deadline))["token"],
  );
  return token === "" ? undefined : token;
}

/** The application that an app token belongs to, where the list shows tokens: on Gotify 2. */
export async function findApplicationByToken(
  setup: HttpSetup,
  credential: Credential,
  appToken: string,
  deadline: Deadline,
): Promise<GotifyApplication | undefined> {
  const found = (await exchangeList(setup, "/application", credential, deadline)).find(
    (item) => asObject(item)?.["token"] === appToken,
  );
  return found === undefined ? undefined : applicationOf(setup, found);
}

export async function createApplication(
  setup: HttpSetup,
  credential: Credential,
  settings: ApplicationSettings & { readonly name: string },
  deadline: Deadline,
): Promise<CreatedApplication> {
  const { json } = await exchange(setup, {
    method: "POST",
    path: "/application",
    json: settingsToWire(settings),
    credential,
    deadline,
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
  deadline: Deadline,
): Promise<GotifyApplication> {
  const wanted = settingsToWire(changes);
  const current = await findListed(setup, "application", credential, id, deadline);
  const { json } = await exchange(setup, {
    method: "PUT",
    path: `/application/${id}`,
    json: { ...keptSettings(id, current, changes), ...wanted },
    credential,
    deadline,
  });
  return applicationOf(setup, json);
}

/**
 * What a change must repeat so that it stays. A name of blanks is repeated as it is; Gotify takes it.
 * A default priority that is not listed at all is none: Gotify before 2.3 knows no such setting.
 *
 * @throws {GotifyConfigError} rather than let Gotify reset what the caller did not mention.
 */
function keptSettings(id: number, current: JsonObject, changes: ApplicationSettings): JsonObject {
  const defaultPriority = changes.defaultPriority ?? asInteger(current["defaultPriority"]);
  const kept = {
    name: changes.name ?? (asString(current["name"]) || undefined),
    description: changes.description ?? asString(current["description"]),
    ...("defaultPriority" in current ? { defaultPriority } : {}),
  };
  for (const [setting, value] of Object.entries(kept)) {
    if (value === undefined) throw wouldBeLost("application", id, setting);
  }
  return kept;
}

export async function deleteApplication(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<void> {
  const path = `/application/${checkedId(id)}`;
  await exchangeNothing(setup, { method: "DELETE", path, credential, deadline });
}

/** A picture with its file name, by whose ending Gotify judges it. */
export interface ApplicationImage {
  /** The picture itself; Gotify knows its format by the first bytes, and sets no limit to its size. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Ends in .png, .jpg, .jpeg or .gif. */
  readonly fileName: string;
}

export async function uploadApplicationImage(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  image: ApplicationImage,
  deadline: Deadline,
): Promise<GotifyApplication> {
  if (!/\.(?:png|jpe?g|gif)$/i.test(image.fileName)) {
    throw new GotifyConfigError("Gotify takes icons as .png, .jpg, .jpeg or .gif files.");
  }
  const form = new FormData();
  form.set("file", new Blob([image.data]), image.fileName);
  const path = `/application/${checkedId(id)}/image`;
  const { json } = await exchange(setup, { method: "POST", path, form, credential, deadline });
  return applicationOf(setup, json);
}

export async function deleteApplicationImage(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<GotifyApplication> {
  const path = `/application/${checkedId(id)}/image`;
  const { json } = await exchange(setup, { method: "DELETE", path, credential, deadline });
  return applicationOf(setup, json);
}

/** Replaces the token; the old one stops working at once. Gotify 3 only. */
export async function rotateApplicationToken(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<string> {
  const path = `/application/${checkedId(id)}/security`;
  const { json } = await exchange(setup, {
    method: "PUT",
    path,
    json: { regenerateToken: true },
    credential,
    deadline,
  });
  const token = asString(asObject(asObject(json)?.["regenerateToken"])?.["token"]);
  if (token === undefined || token === "") throw notGotify(setup, path);
  return token;
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
  const image = asString(object["image"]) ?? "";
  return {
    id,
    name,
    description: asString(object["description"]) ?? "",
    defaultPriority: asInteger(object["defaultPriority"]) ?? 0,
    internal: object["internal"] === true,
    imageUrl: image === "" ? undefined : setup.server.http(`/${image}`).href,
    lastUsed: asInstant(object["lastUsed"]),
    sortKey: asString(object["sortKey"]),
    createdAt: asInstant(object["createdAt"]),
  };
}

/** @throws {GotifyConfigError} for what Gotify would refuse, or take for something else. */
export function settingsToWire(settings: ApplicationSettings): JsonObject {
  if (settings.name?.trim() === "") {
    throw new GotifyConfigError("An application needs a name.");
  }
  if (settings.defaultPriority !== undefined && !Number.isSafeInteger(settings.defaultPriority)) {
    throw new GotifyConfigError(`A priority is a whole number, not ${settings.defaultPriority}.`);
  }
  const { name, description, defaultPriority, sortKey } = settings;
  return compact({ name, description, defaultPriority, sortKey });
}
