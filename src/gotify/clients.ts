// Owns the client calls: list, create, change, delete, elevate the tokens that read and manage.
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
import { fetchCurrentUser } from "./server.ts";

/** A reader in Gotify's sense: whatever holds its token sees and manages all that the user has. */
export interface GotifyClientEntry {
  /** Greater than 0, unique on its server. */
  readonly id: number;
  /** Not unique: two clients may share one. */
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
  /** Not blank. Need not be unique. */
  readonly name?: string;
  /**
   * Whole seconds; 0 never expires, and is what a new client gets. An open stream counts as use.
   * Ignored by Gotify 2.
   */
  readonly expiresAfterInactivitySeconds?: number;
}

/** A new client with its token, which Gotify 3 shows this once only. */
export interface CreatedClient {
  readonly client: GotifyClientEntry;
  /** Opaque text: its form differs between Gotify 2 and 3, and may change again. */
  readonly token: string;
}

export async function listClients(
  setup: HttpSetup,
  credential: Credential,
  deadline: Deadline,
): Promise<readonly GotifyClientEntry[]> {
  return (await exchangeList(setup, "/client", credential, deadline))
    .map(parseClient)
    .filter((client) => client !== undefined);
}

/** The client that a token belongs to: Gotify 2 shows tokens in its list, Gotify 3 tells it with the user. */
export async function findClientByToken(
  setup: HttpSetup,
  credential: Extract<Credential, { token: string }>,
  deadline: Deadline,
): Promise<GotifyClientEntry | undefined> {
  const listed = await exchangeList(setup, "/client", credential, deadline);
  const shown = listed.find((item) => asObject(item)?.["token"] === credential.token);
  if (shown !== undefined) return parseClient(shown);
  const { clientId } = await fetchCurrentUser(setup, credential, deadline);
  return listed.map(parseClient).find((client) => client !== undefined && client.id === clientId);
}

export async function createClient(
  setup: HttpSetup,
  credential: Credential,
  settings: ClientSettings & { readonly name: string },
  deadline: Deadline,
): Promise<CreatedClient> {
  const { json } = await exchange(setup, {
    method: "POST",
    path: "/client",
    json: settingsToWire(settings),
    credential,
    deadline,
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
  deadline: Deadline,
): Promise<GotifyClientEntry> {
  const path = `/client/${checkedId(id)}`;
  const wanted = settingsToWire(changes);
  const current = await findListed(setup, "client", credential, id, deadline);
  const name = changes.name ?? (asString(current["name"]) || undefined);
  if (name === undefined) throw wouldBeLost("client", id, "name");
  const { json } = await exchange(setup, {
    method: "PUT",
    path,
    json: { ...wanted, name },
    credential,
    deadline,
  });
  const client = parseClient(json);
  if (client === undefined) throw notGotify(setup, path);
  return client;
}

export async function deleteClient(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<void> {
  const path = `/client/${checkedId(id)}`;
  await exchangeNothing(setup, { method: "DELETE", path, credential, deadline });
}

export async function elevateClient(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  durationSeconds: number,
  deadline: Deadline,
): Promise<void> {
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds <= 0) {
    throw new GotifyConfigError("An elevation lasts a whole number of seconds, at least 1.");
  }
  await exchangeNothing(setup, {
    method: "POST",
    path: `/client/${checkedId(id)}/elevate`,
    json: { durationSeconds },
    credential,
    deadline,
  });
}

/** @throws {GotifyConfigError} for what Gotify would refuse, or take for something else. */
function settingsToWire(settings: ClientSettings): JsonObject {
  const { name, expiresAfterInactivitySeconds } = settings;
  if (name?.trim() === "") throw new GotifyConfigError("A client needs a name.");
  if (
    expiresAfterInactivitySeconds !== undefined &&
    asId(expiresAfterInactivitySeconds) === undefined
  ) {
    throw new GotifyConfigError(
      `A client expires after a whole number of seconds, or 0 for never, not ${expiresAfterInactivitySeconds}.`,
    );
  }
  return compact({ name, expiresAfterInactivitySeconds });
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
