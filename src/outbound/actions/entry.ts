// Owns how a message of the history is shown to an agent or an operator.
import { firstChars } from "../../gotify/cut-text.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { Author } from "./conversation.ts";

/** Enough to see what it is about; one message alone is shown at greater length. */
export const LISTED_TEXT_CHARS = 1_000;
export const SINGLE_TEXT_CHARS = 16_000;
const TITLE_CHARS = 200;

/** The host's own names where it has some: its CLI prints `user`, `timestamp`, `text` and `id` as a table. */
export interface Entry {
  readonly id: string;
  /** The application's name, or `agent`. */
  readonly user: string;
  /** True for what this OpenClaw posted. */
  readonly own: boolean;
  readonly title: string;
  readonly text: string;
  readonly priority: number;
  /** RFC 3339; absent where the server's date cannot be read. */
  readonly timestamp?: string;
}

export function entryOf(
  message: GotifyMessage,
  author: Author,
  names: ReadonlyMap<number, string>,
  maxChars: number,
): Entry {
  const isOwn = author === "agent";
  return {
    id: String(message.id),
    user: isOwn ? "agent" : (names.get(message.appId) ?? `application ${message.appId}`),
    own: isOwn,
    title: shortened(message.title, TITLE_CHARS),
    text: shortened(message.message, maxChars),
    priority: message.priority,
    ...(message.date === undefined ? {} : { timestamp: message.date.toISOString() }),
  };
}

/** Cut at the limit, with a mark that says how much is missing. */
function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = firstChars(text, maxChars);
  return `${kept}… [${text.length - kept.length} more characters]`;
}
