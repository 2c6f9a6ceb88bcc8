// Owns the form in which a message is written down: what the journal stores and gives back.
import { parseMessage, type GotifyMessage } from "../gotify/message.ts";
import { parseJson } from "../gotify/parse.ts";

/** Changes when a stored message of an older form could not be read any more. */
export const STORED_MESSAGE_VERSION = 1;

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

/** @throws {Error} when the text is not a stored message. */
export function readMessage(text: string): GotifyMessage {
  const message = parseMessage(parseJson(text));
  if (message === undefined) throw new Error("The journal holds a message that cannot be read.");
  return message;
}
