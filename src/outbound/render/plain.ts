// Owns plain text that has to go as Markdown, because only there a link can be tapped everywhere: it reads as it was written.
import { flanks, isAsciiPunctuation } from "./characters.ts";
import { findUrl } from "./urls.ts";

/** Two blanks at the end of a line break it, and show nowhere; a backslash would stay in stripped notifications. */
export const HARD_BREAK = "  ";
/** A blank that neither ends nor begins a line for Markdown. */
export const NO_BREAK_SPACE = "\u00A0";
const TAB = NO_BREAK_SPACE.repeat(4);
const SPECIAL = /[\\`\]<&]|\*+|_+|~+/g;
const EACH = /[^]/g;
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/iy;
const TAG_START = /[a-z/!?]/i;
/** What begins a block: heading, quote, item, fence, definition. */
const BLOCK_START = /^(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|`{3}|~{3}|\[[^\]]*\]:)/;
/** Escaped throughout: half of such a run would still pair with another one. */
const RULE = /^[-*_=:|][-*_=:| \t]*$/;
const NUMBER_START = /^(\d{1,9})([.)])(?=\s|$)/;
const LINK_MARK = /[\\`*_~[\]&<]/g;
/** Somebody has marked already where the address ends. */
const BRACKETED = /([^\s<>\\]*)>/y;
const DELIMITERS = /\*+|_+|~+/g;

/**
 * Markdown that shows `text` as it is, with its addresses as links. It is one paragraph: the web UI
 * puts no gap between two, so a blank line is a line with nothing to see in it.
 */
export function plainAsMarkdown(text: string): string {
  const lines = text.split("\n");
  const split = lines.map((line) => splitLinks(line.trim()));
  const paired = pairedDelimiters(split);
  const shown: string[] = [];
  for (const [index, pieces] of split.entries()) {
    if (pieces.length > 0) {
      shown.push(indentation(lines[index] ?? "") + escapeLine(pieces, paired));
    } else if (shown.at(-1) !== NO_BREAK_SPACE) shown.push(NO_BREAK_SPACE);
  }
  return shown.join(`${HARD_BREAK}\n`);
}

/** Blanks at the beginning would be dropped, or make the line code. */
function indentation(line: string): string {
  const width = line.length - line.trimStart().length;
  if (width === line.length) return "";
  return line.slice(0, width).replaceAll("\t", TAB).replaceAll(" ", NO_BREAK_SPACE);
}

/** A piece of a line: text, or an address with what it opens. */
interface Piece {
  readonly text: string;
  readonly href: string | undefined;
}

function splitLinks(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let url = findUrl(line, 0); url !== undefined; url = findUrl(line, at)) {
    BRACKETED.lastIndex = url.start;
    const bracketed = line[url.start - 1] === "<" ? BRACKETED.exec(line)?.[1] : undefined;
    const start = bracketed === undefined ? url.start : url.start - 1;
    const end = bracketed === undefined ? url.end : url.start + bracketed.length;
    if (start > at) pieces.push({ text: line.slice(at, start), href: undefined });
    const rest = line.slice(url.end, end);
    pieces.push({ text: line.slice(url.start, end), href: url.href + rest });
    at = bracketed === undefined ? end : end + 1;
  }
  if (at < line.length) pieces.push({ text: line.slice(at), href: undefined });
  return pieces;
}

function escapeLine(pieces: readonly Piece[], paired: ReadonlySet<string>): string {
  return pieces
    .map(({ text, href }, index) => {
      if (href !== undefined) return asLink(text, href);
      const isLast = index === pieces.length - 1;
      const escaped = escapeText(text, paired, index === 0, isLast);
      // In front of a link it would make an image of it.
      return isLast ? escaped : escaped.replace(/!$/, "\\!");
    })
    .join("");
}

/** A link that both clients know: the Android app makes none of a bare address in Markdown. */
export function asLink(shown: string, href: string): string {
  return shown === href ? `<${href}>` : `[${shown.replace(LINK_MARK, "\\$&")}](<${href}>)`;
}

function escapeText(
  text: string,
  paired: ReadonlySet<string>,
  isFirst: boolean,
  isLast: boolean,
): string {
  const escaped = text.replace(SPECIAL, (run, at: number) => {
    const before = text[at - 1] ?? (isFirst ? undefined : ">");
    const after = text[at + run.length] ?? (isLast ? undefined : "<");
    const isSpecial = paired.has(run[0] ?? "")
      ? isDelimiter(run, before, after)
      : isMark(text, run, at);
    return isSpecial ? run.replace(EACH, "\\$&") : run;
  });
  if (!isFirst) return escaped;
  if (RULE.test(text)) return text.replace(/[-*_=]/g, "\\$&");
  if (BLOCK_START.test(text)) return escaped.startsWith("\\") ? escaped : `\\${escaped}`;
  return escaped.replace(NUMBER_START, "$1\\$2");
}

/** Not with blanks on both sides, and not the `_` within a name. */
function isDelimiter(run: string, before: string | undefined, after: string | undefined): boolean {
  const { opens, closes } = flanks(run[0] ?? "", before, after);
  return opens || closes;
}

function isMark(text: string, mark: string, at: number): boolean {
  const next = text[at + 1];
  switch (mark) {
    case "\\":
      // At the end of a line it would break it, and be gone.
      return next === undefined || isAsciiPunctuation(next);
    case "]":
      return next === "(";
    case "<":
      return next === undefined || TAG_START.test(next);
    case "&":
      ENTITY.lastIndex = at;
      return ENTITY.test(text);
    default:
      return mark === "`";
  }
}

/** Those of `*`, `_` and `~` that would make a pair somewhere. A lone one is left as it is: it is easier on the eye where Markdown is not rendered. */
function pairedDelimiters(lines: readonly (readonly Piece[])[]): ReadonlySet<string> {
  const opened = new Set<string>();
  const paired = new Set<string>();
  for (const pieces of lines) {
    const line = pieces.map(({ text, href }) => (href === undefined ? text : "<>")).join("");
    for (const { 0: run, index } of line.matchAll(DELIMITERS)) {
      const char = run[0] ?? "";
      const { opens, closes } = flanks(char, line[index - 1], line[index + run.length]);
      if (closes && opened.has(char)) paired.add(char);
      if (opens) opened.add(char);
    }
  }
  return paired;
}
