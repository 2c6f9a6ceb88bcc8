// Owns the title of a reply: what was asked for, the account's template, its first heading, or the agent's name.
import type { ResolvedAccount } from "../../config/types.ts";
import { takeHeading } from "../render/index.ts";
import type { AnsweredTurn } from "../reply.ts";

export interface TitleInput {
  /** Asked for with this very message. */
  readonly asked: string | undefined;
  readonly account: ResolvedAccount;
  readonly answers: AnsweredTurn;
  readonly text: string;
  /** Whether a heading of the text may move into the title. */
  readonly mayTakeHeading: boolean;
}

/** A phone shows two lines of it at most; the databases keep more. */
const MAX_TITLE_BYTES = 250;
const CUT_MARK = "…";
/** Line breaks and other controls, and marks that turn the direction of what follows them. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Zl}\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu;

/** The title, and the text without the heading that became one. `undefined` leaves Gotify the application's name. */
export function chooseTitle(input: TitleInput): { title: string | undefined; text: string } {
  const { account, answers, text } = input;
  const asked = titleLine(input.asked ?? "");
  if (asked !== "") return { title: asked, text };
  const template = account.outbound.title;
  const fromTemplate = template === undefined ? "" : titleLine(fill(template, input));
  if (fromTemplate !== "") return { title: fromTemplate, text };
  if (template === undefined && input.mayTakeHeading) {
    const { heading, body } = takeHeading(text);
    const line = titleLine(heading ?? "");
    if (line !== "") return { title: line, text: body };
  }
  return { title: titleLine(answers.agentName ?? "") || undefined, text };
}

/** `Ada (2/3)`, with whatever is cut off it before the number. */
export function numberedTitle(title: string | undefined, part: number, parts: number): string {
  const number = `(${part}/${parts})`;
  if (title === undefined) return `Part ${part}/${parts}`;
  return `${cut(title, MAX_TITLE_BYTES - Buffer.byteLength(number) - 1)} ${number}`;
}

/** One line that every client shows whole. */
function titleLine(text: string): string {
  const line = text.toWellFormed().replace(NOT_IN_A_LINE, " ").replace(/\s+/g, " ").trim();
  return cut(line, MAX_TITLE_BYTES);
}

function fill(template: string, { account, answers }: TitleInput): string {
  const values: Readonly<Record<string, string | undefined>> = {
    agent: answers.agentName ?? answers.agentId,
    account: account.name ?? account.accountId,
    app: answers.appName,
  };
  return (
    template
      .replace(/\{(agent|account|app)\}/g, (_, name: string) => values[name] ?? "")
      // What stood between two values is left over where one is missing.
      .replace(/^[\s·•|:,/–—-]+|[\s·•|:,/–—-]+$/gu, "")
  );
}

/** Cut between code points, so that nothing ends in half a character. */
function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = "";
  let bytes = Buffer.byteLength(CUT_MARK);
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept.trimEnd() + CUT_MARK;
}
