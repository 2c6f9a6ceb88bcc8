// Owns what a line is by its own content: heading, rule, fence, row of dashes and so on.
import { isBlank } from "./characters.ts";
import { continuation, restIsBlank, type Container } from "./margin.ts";

export interface Fence {
  /** The run of backticks or tildes. */
  readonly marker: string;
  /** What stands behind it: mostly the language. */
  readonly info: string;
  /** Index of its first line. */
  readonly line: number;
  readonly containers: readonly Container[];
  /** What a line of it begins with outside of the content. */
  readonly margin: string;
}

/** Whether the line would open a fence; also one that is too long to be taken for a fence here. */
export function looksLikeFence(text: string, at: number, end: number): boolean {
  const char = text[at];
  if (char !== "`" && char !== "~") return false;
  const run = runEnd(text, at, end);
  if (run - at < 3) return false;
  if (char === "~") return true;
  const tick = text.indexOf("`", run);
  return tick === -1 || tick >= end;
}

export function readFence(
  text: string,
  at: number,
  end: number,
  line: number,
  containers: readonly Container[],
): Fence {
  const run = runEnd(text, at, end);
  return {
    marker: text.slice(at, run),
    info: text.slice(run, end).trimEnd(),
    line,
    containers,
    margin: continuation(containers),
  };
}

export function closesFence(text: string, at: number, end: number, { marker }: Fence): boolean {
  if (text[at] !== marker[0]) return false;
  const run = runEnd(text, at, end);
  return run - at >= marker.length && restIsBlank(text, run, end);
}

export function isHeading(text: string, at: number, end: number): boolean {
  const run = runEnd(text, at, end);
  return run - at <= 6 && (run >= end || isBlank(text[run]));
}

export function isUnderline(text: string, at: number, end: number): boolean {
  return restIsBlank(text, runEnd(text, at, end), end);
}

export function isThematicBreak(text: string, at: number, end: number): boolean {
  const char = text[at];
  if (char !== "-" && char !== "*" && char !== "_") return false;
  let count = 0;
  for (let here = at; here < end; here += 1) {
    if (text[here] === char) count += 1;
    else if (!isBlank(text[here])) return false;
  }
  return count >= 3;
}

export function isDefinition(text: string, at: number, end: number): boolean {
  for (let here = at + 1; here < end; here += 1) {
    if (text[here] === "\\") here += 1;
    else if (text[here] === "[") return false;
    else if (text[here] === "]") return here > at + 1 && text[here + 1] === ":";
  }
  return false;
}

/** A row of dashes under a line with as many cells. */
export function isTableRule(text: string, headText: string, at: number, end: number): boolean {
  let hasPipe = false;
  for (let here = at; here < end; here += 1) {
    const char = text[here];
    if (char === "|") hasPipe = true;
    else if (char !== "-" && char !== ":" && !isBlank(char)) return false;
  }
  if (!hasPipe && !headText.includes("|")) return false;
  const cells = tableCells(text.slice(at, end));
  return (
    cells.every((cell) => /^:?-+:?$/.test(cell)) && cells.length === tableCells(headText).length
  );
}

/** The cells of a table's row as written, without the blanks around them. */
export function tableCells(row: string): readonly string[] {
  const cells: string[] = [];
  const trimmed = row.trim();
  let from = trimmed.startsWith("|") ? 1 : 0;
  for (let at = from; at < trimmed.length; at += 1) {
    if (trimmed[at] === "\\") at += 1;
    else if (trimmed[at] === "|") {
      cells.push(trimmed.slice(from, at).trim());
      from = at + 1;
    }
  }
  if (from < trimmed.length) cells.push(trimmed.slice(from).trim());
  return cells;
}

function runEnd(text: string, at: number, end: number): number {
  let after = at;
  while (after < end && text[after] === text[at]) after += 1;
  return after;
}
