// Owns what stands inside a paragraph of Markdown: code, links, emphasis. Linear, whatever stands there.
import { flanks, isAsciiPunctuation, isBlank } from "./characters.ts";

export interface Span {
  readonly kind: "code" | "link" | "image" | "autolink" | "strong" | "emphasis" | "strike";
  readonly start: number;
  readonly end: number;
  /** What is shown of it. */
  readonly textStart: number;
  readonly textEnd: number;
}

interface Bracket {
  readonly at: number;
  readonly isImage: boolean;
}

interface Run {
  at: number;
  count: number;
}

const SPECIAL = /[`[\]<*_~\\]/g;
const AUTOLINK = /<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/iy;
/** CommonMark's own bound; without one, a line of opening brackets would cost its square. */
const MAX_PARENTHESES = 32;

/** The spans of a line or a paragraph, by start, the outer before the inner. */
export function inlineSpans(text: string): readonly Span[] {
  const to = text.length;
  const spans: Span[] = [];
  const brackets: Bracket[] = [];
  const openers = new Map<string, Run[]>();
  let ticks: TickRuns | undefined;

  SPECIAL.lastIndex = 0;
  for (let match = SPECIAL.exec(text); match !== null; match = SPECIAL.exec(text)) {
    const at = match.index;
    const char = match[0];
    let next = at + 1;
    if (char === "\\") {
      if (isAsciiPunctuation(text[at + 1])) next = at + 2;
    } else if (char === "`") {
      const run = runEnd(text, at, to);
      ticks ??= findTickRuns(text, at);
      const close = nextRun(ticks, run - at, run);
      if (close === undefined) next = run;
      else {
        next = close + (run - at);
        spans.push({ kind: "code", start: at, end: next, textStart: run, textEnd: close });
      }
    } else if (char === "<") {
      AUTOLINK.lastIndex = at;
      const end = AUTOLINK.test(text) ? AUTOLINK.lastIndex : undefined;
      if (end !== undefined) {
        next = end;
        spans.push({ kind: "autolink", start: at, end, textStart: at + 1, textEnd: end - 1 });
      }
    } else if (char === "[") {
      brackets.push({ at, isImage: text[at - 1] === "!" });
    } else if (char === "]") {
      const open = brackets.pop();
      const end = open === undefined ? undefined : linkTail(text, at + 1, to);
      if (open !== undefined && end !== undefined) {
        const start = open.isImage ? open.at - 1 : open.at;
        const kind = open.isImage ? "image" : "link";
        spans.push({ kind, start, end, textStart: open.at + 1, textEnd: at });
        next = end;
      }
    } else {
      next = runEnd(text, at, to);
      matchRun(text, { at, count: next - at }, openers, spans);
    }
    SPECIAL.lastIndex = next;
  }
  return spans.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Where `(destination "title")` ends, if it begins here. */
function linkTail(text: string, from: number, to: number): number | undefined {
  if (text[from] !== "(" || from >= to) return undefined;
  let at = skipBlanks(text, from + 1, to);
  if (text[at] === "<") {
    for (at += 1; at < to && text[at] !== ">"; at += 1) {
      if (text[at] === "<") return undefined;
      if (text[at] === "\\") at += 1;
    }
    at += 1;
  } else {
    let depth = 0;
    for (; at < to && !isBlank(text[at]); at += 1) {
      const char = text[at];
      if (char === "\\") at += 1;
      else if (char === "(") depth += 1;
      else if (char === ")" && (depth -= 1) < 0) break;
      if (depth > MAX_PARENTHESES) return undefined;
    }
    if (depth > 0) return undefined;
  }
  const destinationEnd = at;
  at = skipBlanks(text, at, to);
  const quote = text[at];
  if (at > destinationEnd && (quote === '"' || quote === "'" || quote === "(")) {
    const closing = quote === "(" ? ")" : quote;
    for (at += 1; at < to && text[at] !== closing; at += 1) {
      if (text[at] === "\\") at += 1;
      else if (quote === "(" && text[at] === "(") return undefined;
    }
    at = skipBlanks(text, at + 1, to);
  }
  return at < to && text[at] === ")" ? at + 1 : undefined;
}

function matchRun(text: string, run: Run, openers: Map<string, Run[]>, spans: Span[]): void {
  const char = text[run.at] ?? "";
  const { opens, closes } = flanks(char, text[run.at - 1], text[run.at + run.count]);
  const open = openers.get(char) ?? [];
  openers.set(char, open);
  let opener = closes ? open.at(-1) : undefined;
  while (opener !== undefined && run.count > 0) {
    const used = Math.min(2, opener.count, run.count);
    const start = opener.at + opener.count - used;
    spans.push({
      kind: char === "~" ? "strike" : used === 2 ? "strong" : "emphasis",
      start,
      end: run.at + used,
      textStart: start + used,
      textEnd: run.at,
    });
    opener.count -= used;
    run.at += used;
    run.count -= used;
    if (opener.count === 0) open.pop();
    opener = open.at(-1);
  }
  if (opens && run.count > 0) open.push(run);
}

/** Runs of backticks by length, in order: a search for each would be quadratic in a text full of them. */
type TickRuns = Map<number, { readonly at: number[]; next: number }>;

function findTickRuns(text: string, from: number): TickRuns {
  const runs: TickRuns = new Map();
  for (let at = text.indexOf("`", from); at !== -1;) {
    const end = runEnd(text, at, text.length);
    const known = runs.get(end - at);
    if (known === undefined) runs.set(end - at, { at: [at], next: 0 });
    else known.at.push(at);
    at = text.indexOf("`", end);
  }
  return runs;
}

function nextRun(runs: TickRuns, length: number, from: number): number | undefined {
  const known = runs.get(length);
  if (known === undefined) return undefined;
  while ((known.at[known.next] ?? Infinity) < from) known.next += 1;
  return known.at[known.next];
}

function runEnd(text: string, at: number, to: number): number {
  let end = at;
  while (end < to && text[end] === text[at]) end += 1;
  return end;
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(text[at])) at += 1;
  return at;
}
