// Owns how stored things look on the wire: which members, in which order, with or without a token.
import { formatInstant, isAfter, type Instant } from "./clock.ts";
import type { Core } from "./core.ts";
import type { Json } from "./json-encode.ts";
import type { ApplicationRecord, ClientRecord, MessageRecord, UserRecord } from "./records.ts";

/** The same in an answer to a post, in a list and on the stream. */
export function messageJson(message: MessageRecord): Json {
  return {
    id: message.id,
    appid: message.applicationId,
    message: message.message,
    title: message.title,
    priority: message.priority,
    extras: message.extras.size === 0 ? undefined : message.extras,
    date: formatInstant(message.date),
  };
}

/** @param token undefined leaves the member out, as Gotify 3 does in lists. */
export function applicationJson(
  { personality }: Core,
  application: ApplicationRecord,
  token: string | undefined,
): Json {
  return {
    id: application.id,
    token,
    name: application.name,
    description: application.description,
    internal: false,
    image: application.image === "" ? "static/defaultapp.png" : `image/${application.image}`,
    defaultPriority: application.defaultPriority,
    createdAt: personality === "v3" ? formatInstant(application.createdAt) : undefined,
    lastUsed: formatOptional(application.lastUsed),
    sortKey: application.sortKey,
  };
}

export function clientJson(core: Core, client: ClientRecord, token: string | undefined): Json {
  const common = { id: client.id, token, name: client.name };
  const lastUsed = formatOptional(client.lastUsed);
  if (core.personality === "v2") return { ...common, lastUsed };
  const expiresAt = core.store.expiryOf(client);
  return {
    ...common,
    createdAt: formatInstant(client.createdAt),
    lastUsed,
    elevatedUntil: elevationOf(core, client),
    expiresAfterInactivitySeconds: client.expiresAfterInactivitySeconds,
    expiresAt: expiresAt === undefined ? undefined : formatInstant(expiresAt),
  };
}

export function userJson({ personality }: Core, user: UserRecord): Json {
  return {
    id: user.id,
    name: user.name,
    admin: user.admin,
    createdAt: personality === "v3" ? formatInstant(user.createdAt) : undefined,
  };
}

export function currentUserJson(
  core: Core,
  user: UserRecord,
  client: ClientRecord | undefined,
): Json {
  const common = { id: user.id, name: user.name, admin: user.admin };
  if (core.personality === "v2") return common;
  return {
    ...common,
    createdAt: formatInstant(user.createdAt),
    clientId: client?.id,
    elevatedUntil: client === undefined ? undefined : elevationOf(core, client),
  };
}

/** An elevation that is over is not shown. */
function elevationOf({ clock }: Core, { elevatedUntil }: ClientRecord): string | undefined {
  if (elevatedUntil === null || !isAfter(elevatedUntil, clock.now())) return undefined;
  return formatInstant(elevatedUntil);
}

function formatOptional(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}
