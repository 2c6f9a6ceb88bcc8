// Owns how a change is put in words for the person who approves it: all of what counts, and nobody else's words as our own.
import { shownName } from "../config/application-name.ts";
import { firstChars } from "../gotify/cut-text.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { oneLine } from "../gotify/one-line.ts";
import { ToolRefusedError } from "./tools-request.ts";

/** The host refuses longer ones. */
const MAX_DESCRIPTION_CHARS = 512;
/** Of the address; the account's name is never cut. */
const MAX_SERVER_CHARS = 120;
const TITLE_CHARS = 40;
const CANNOT_BE_UNDONE = "This cannot be undone.";

/** What somebody else wrote: a quotation it cannot end, without what a Markdown view would follow or hide. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[[\]()!<>`]/g, String.raw`\$&`);
}

/** The same with nothing left out: what cannot be seen is written as its number. The joiner holds emoji together. */
function quotedWhole(text: string): string {
  return quoted(text).replace(
    /(?!\u200d)[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

export function shownThing(kind: string, id: number, name: string): string {
  return `${kind} ${id} ${quoted(shownName(name))}`;
}

export function settingsText(settings: object): string {
  return Object.entries(settings)
    .map(
      ([key, value]) =>
        `${key} ${typeof value === "string" ? quotedWhole(value) : JSON.stringify(value)}`,
    )
    .join(", ");
}

/** Every id, and behind them the titles for which there is room. */
export function deletionText(messages: readonly GotifyMessage[], where: string): string {
  const ids = messages.map(({ id }) => id).join(", ");
  const what = messages.length === 1 ? `message ${ids}` : `${messages.length} messages, ${ids}`;
  const room = MAX_DESCRIPTION_CHARS - where.length - 1;
  let text = `Delete ${what}. ${CANNOT_BE_UNDONE}`;
  let lead = messages.length === 1 ? " Its title:" : " Titles:";
  for (const { id, title } of messages) {
    const line = oneLine(title);
    const cut = line.length > TITLE_CHARS ? `${firstChars(line, TITLE_CHARS - 1)}…` : line;
    const next = `${text}${lead} ${messages.length === 1 ? "" : `${id} `}${quoted(cut)}`;
    if (next.length > room) break;
    text = next;
    lead = ",";
  }
  return text;
}

/** As it stands at the end of a description. @param href may be of any length. */
export function whereText(accountId: string, href: string): string {
  const server = href.length > MAX_SERVER_CHARS ? `${href.slice(0, MAX_SERVER_CHARS - 1)}…` : href;
  return `(Gotify account ${accountId}, ${server})`;
}

/** @throws {ToolRefusedError} where a person could not read all of what is to be approved. */
export function descriptionOf(what: string, where: string): string {
  const description = `${what} ${where}`;
  if (description.length <= MAX_DESCRIPTION_CHARS) return description;
  throw new ToolRefusedError(
    `Nobody was asked: this has ${description.length} characters, and a question shows ${MAX_DESCRIPTION_CHARS} of them. Shorten the texts, or do it in several calls.`,
  );
}
