// Owns the application calls: what applications there are.
import { exchange, notGotify, type Credential, type HttpSetup } from "./http.ts";
import type { CallOptions } from "./messages.ts";
import { asId, asInstant, asInteger, asObject, asString } from "./parse.ts";

/** A sender in Gotify's sense: whatever holds its token may post under its name. */
export interface GotifyApplication {
  readonly id: number;
  /** Not unique: two applications may share one. */
  readonly name: string;
  readonly description: string;
  /** What a message gets that names no priority. 0, which is silent, on a new application. */
  readonly defaultPriority: number;
  /** True when it belongs to a server plugin. */
  readonly internal: boolean;
  /** Gotify 3 and later. */
  readonly createdAt: Date | undefined;
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
  return json.map(parseApplication).filter((application) => application !== undefined);
}

/** Reads an application without its token: lists of Gotify 2 carry tokens, and nothing here needs them. */
function parseApplication(value: unknown): GotifyApplication | undefined {
  const object = asObject(value);
  const id = asId(object?.["id"]);
  const name = asString(object?.["name"]);
  if (object === undefined || id === undefined || name === undefined) return undefined;
  return {
    id,
    name,
    description: asString(object["description"]) ?? "",
    defaultPriority: asInteger(object["defaultPriority"]) ?? 0,
    internal: object["internal"] === true,
    createdAt: asInstant(object["createdAt"]),
  };
}
