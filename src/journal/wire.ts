// Owns the form in which a message is written down: what the journal stores, gives back, and knows it by.
import { createHash } from "node:crypto";
import { parseMessage, type GotifyMessage } from "../gotify/message.ts";
import { asObject, parseJson } from "../gotify/parse.ts";

/** Changes when a stored message of an older form could not be read any more. */
export const STORED_MESSAGE_VERSION = 1;

const SERVER_KEY_LENGTH = 8;

/** A row that cannot be turned back into its message. Trying again will not help. */
export class UnreadableRowError extends Error {
  override readonly name = "UnreadableRowError";
  readonly code = "GOTIFY_UNREADABLE_ROW";
}

/**
 * Stands for a server in the ids of its messages: ids start at 1 on every server, and an account that is
 * pointed at another one must not take its first messages for repetitions.
 */
export function serverKey(serverUrl: string): string {
  return createHash("sha256").update(serverUrl).digest("hex").slice(0, SERVER_KEY_LENGTH);
}

/** What a message is known by in the account's journal: its id, within one counting of one user's server. */
export function eventId(feedKey: string, epoch: number, message: GotifyMessage): string {
  return `${feedKey}:${epoch}:${message.id}`;
}

/** Stands for one user of one server. */
export function feedKeyOf(server: string, userId: number): string {
  return `${server}:${userId}`;
}

/** The message as Gotify itself writes it, so that one parser reads stream, lists and journal. */
export function writeMessage(message: GotifyMessage): string {
  return JSON.stringify({
    id: message.id,
    appid: message.appId,
    message: message.message,
    title: message.title,
    priority: message.priority,
    extras: message.extras,
    date: message.date?.toISOString(),
  });
}

/** A row's payload, as the host's monitor would write it. */
export function writePayload(message: GotifyMessage): string {
  return JSON.stringify({ version: STORED_MESSAGE_VERSION, body: writeMessage(message) });
}

/** @throws {UnreadableRowError} when the text is not a stored message. */
export function readMessage(text: string): GotifyMessage {
  const message = parseMessage(parseJson(text));
  if (message === undefined) {
    throw new UnreadableRowError("The journal holds a message that cannot be read.");
  }
  return message;
}

/** A row's payload. @throws {UnreadableRowError} when it is of no known form. */
export function readPayload(payload: unknown): { version: unknown; body: string } {
  const { version, body } = asObject(payload) ?? {};
  if (typeof body !== "string") {
    throw new UnreadableRowError("The journal holds a row of an unknown form.");
  }
  return { version, body };
}
