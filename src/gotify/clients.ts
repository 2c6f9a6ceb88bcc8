// Owns the client calls: list, create, change, delete, elevate the tokens that read and manage.
import { unknownId } from "./applications.ts";
import { checkedId, type CallOptions } from "./call-options.ts";
import { GotifyConfigError } from "./errors.ts";
import { exchange, exchangeNothing, notGotify, type Credential, type HttpSetup } from "./http.ts";
import { asId, asInstant, asInteger, asObject, asString, compact } from "./parse.ts";

/** A reader in Gotify's sense: whatever holds its token sees and manages all that the user has. */
export interface GotifyClientEntry {
  readonly id: number;
  readonly name: string;
  /** When its token was last used, to within five minutes. Gotify 2.4 and later. */
  readonly lastUsed: Date | undefined;
  /** Gotify 3 and later. */
  readonly createdAt: Date | undefined;
  /** Until when it may delete and rotate. Gotify 3 and later. */
  readonly elevatedUntil: Date | undefined;
  /** Seconds without use after which it expires; 0 never. Gotify 3 and later. */
  readonly expiresAfterInactivitySeconds: number;
}

/** What can be said about a client. On a change, what is left out stays as it is. */
export interface ClientSettings {
  readonly name?: string;
  /** Seconds; 0 never expires. An open stream counts as use. Ignored by Gotify 2. */
  readonly expiresAfterInactivitySeconds?: number;
}

/** A new client with its token, which Gotify 3 shows this once only. */
export interface CreatedClient {
  readonly client: GotifyClientEntry;
  readonly token: string;
}

export async function listClients(
  setup: HttpSetup,
  credential: Credential,
  options: CallOptions,
): Promise<readonly GotifyClientEntry[]> {
  const { json } = await exchange(setup, {
    method: "GET",
    path: "/client",
    credential,
    ...options,
  });
  if (!Array.isArray(json)) throw notGotify(setup, "/client");
  return json.map(parseClient).filter((client) => client !== undefined);
}

export async function createClient(
  setup: HttpSetup,
  credential: Credential,
  settings: ClientSettings & { readonly name: string },
  options: CallOptions,
): Promise<CreatedClient> {
  if (settings.name.trim() === "") throw new GotifyConfigError("A client needs a name.");
  const { json } = await exchange(setup, {
    method: "POST",
    path: "/client",
    json: compact({ ...settings }),
    credential,
    ...options,
  });
  const token = asString(asObject(json)?.["token"]);
  const client = parseClient(json);
  if (client === undefined || token === undefined || token === "") {
    throw notGotify(setup, "/client");
  }
  return { client, token };
}

/** Gotify asks for the name with every change, so it is read first when it is not named. */
export async function updateClient(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  changes: ClientSettings,
  options: CallOptions,
): Promise<GotifyClientEntry> {
  const wanted = checkedId(id);
  const current = (await listClients(setup, credential, options)).find(
    (client) => client.id === wanted,
  );
  if (current === undefined) throw unknownId(setup, "client", id);
  const path = `/client/${id}`;
  const { json } = await exchange(setup, {
    method: "PUT",
    path,
    json: { name: current.name, ...compact({ ...changes }) },
    credential,
    ...options,
  });
  const client = parseClient(json);
  if (client === undefined) throw notGotify(setup, path);
  return client;
}

export async function deleteClient(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  options: CallOptions,
): Promise<void> {
  const path = `/client/${checkedId(id)}`;
  await exchangeNothing(setup, { method: "DELETE", path, credential, ...options });
}

export async function elevateClient(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  durationSeconds: number,
  options: CallOptions,
): Promise<void> {
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds <= 0) {
    throw new GotifyConfigError("An elevation lasts a whole number of seconds, at least 1.");
  }
  await exchangeNothing(setup, {
    method: "POST",
    path: `/client/${checkedId(id)}/elevate`,
    json: { durationSeconds },
    credential,
    ...options,
  });
}

function parseClient(value: unknown): GotifyClientEntry | undefined {
  const object = asObject(value);
  const id = asId(object?.["id"]);
  const name = asString(object?.["name"]);
  if (object === undefined || id === undefined || name === undefined) return undefined;
  return {
    id,
    name,
    lastUsed: asInstant(object["lastUsed"]),
    createdAt: asInstant(object["createdAt"]),
    elevatedUntil: asInstant(object["elevatedUntil"]),
    expiresAfterInactivitySeconds: asInteger(object["expiresAfterInactivitySeconds"]) ?? 0,
  };
}
