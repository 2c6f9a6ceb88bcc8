// Owns what a dead letter is told as, to people and programs: a message the agent was never given for good, or a reply that nobody sends any more.
import { oneLine } from "../../../gotify/one-line.ts";
import type { DeadMessage } from "../../../journal/dead-messages.ts";
import type { OutboxEntry } from "../../../journal/outbox.ts";

export const LETTER_KINDS = ["message", "reply"] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** As it is listed. */
export interface Letter {
  readonly kind: LetterKind;
  /** As short as it can be typed. */
  readonly id: string;
  /** A message's in the journal, a reply's in OpenClaw's queue. */
  readonly fullId: string;
  readonly account: string;
  /** Who wrote it. */
  readonly from: string;
  /** The conversation, as OpenClaw addresses it. */
  readonly to: string;
  /** ISO 8601, in UTC: when the message was given up, when the reply was written. */
  readonly since: string;
  /** For programs. A message's reason, e.g. `no-agent`; of a reply `waiting`, `unknown` or `refused`. */
  readonly state: string;
  /** One line for people. */
  readonly reason: string;
  readonly attempts: number;
  /** The beginning of its text, on one line. */
  readonly preview: string;
}

export interface FoundMessage {
  readonly kind: "message";
  readonly letter: Letter;
  readonly row: DeadMessage;
}

export interface FoundReply {
  readonly kind: "reply";
  readonly letter: Letter;
  /** Everything that OpenClaw handed over under this id. */
  readonly entries: readonly OutboxEntry[];
  /** False while OpenClaw still tries it. */
  readonly isGivenUp: boolean;
}

export type Found = FoundMessage | FoundReply;

const PREVIEW_CHARACTERS = 60;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whoever may post can write texts without end: what is looked at is bounded. */
export function previewOf(text: string): string {
  const start = oneLine(text.slice(0, 20 * PREVIEW_CHARACTERS));
  const characters = Array.from(graphemes.segment(start), ({ segment }) => segment);
  const isCut = characters.length > PREVIEW_CHARACTERS || text.length > 20 * PREVIEW_CHARACTERS;
  const shown = characters.slice(0, PREVIEW_CHARACTERS).join("");
  return isCut ? `${shown.trimEnd()}…` : shown;
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** As it is called in a sentence. */
export function nameOf({ kind, id }: Pick<Letter, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** Three lines of a list. */
export function listed(letter: Letter): readonly string[] {
  const { kind, id, account, from, to, since } = letter;
  return [
    `${oneLine(id)}  ${oneLine(`${kind} of account ${account}, from ${from}, for ${to}, since ${since}`)}`,
    `    ${letter.preview}`,
    `    ${reasonLine(letter)}`,
  ];
}

export function reasonLine({ state, reason }: Pick<Letter, "state" | "reason">): string {
  return oneLine(`${STATE_WORDS[state] ?? state}: ${reason}`);
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  waiting: "not sent",
  unknown: "unresolved, it may have arrived",
};

/** A line of what is known of one. */
export function fact(name: string, value: string): string {
  return `${`${name}:`.padEnd(11)}${oneLine(value)}`;
}

/** A text in full, below what stands beside it. */
export function textLines(text: {
  readonly title: string | null;
  readonly text: string;
  readonly priority: number;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly stored?: number | null;
}): readonly string[] {
  const { title, extras, stored } = text;
  return [
    "",
    ...(title === null || title === "" ? [] : [fact("title", title)]),
    fact("priority", `${text.priority}`),
    ...(Object.keys(extras).length === 0 ? [] : [fact("extras", JSON.stringify(extras))]),
    ...(stored === undefined || stored === null ? [] : [fact("in Gotify", `message ${stored}`)]),
    ...safeLines(text.text).map((line) => `    ${line}`.trimEnd()),
  ];
}

/** Its lines, and nothing in them that could steer a terminal. */
function safeLines(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) =>
    line
      .replaceAll("\t", "    ")
      .replaceAll(/(?!\u200d)\p{C}+/gu, " ")
      .trimEnd(),
  );
}
