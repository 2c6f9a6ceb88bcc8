// Owns tables in the form that a phone shows: a list of rows, or columns of code.
import type { MarkdownTableMode } from "openclaw/plugin-sdk/config-contracts";
import { plainText } from "./plain-text.ts";
import { HARD_BREAK } from "./plain.ts";

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Extended_Pictographic}/u;
const LETTER = /\p{L}/u;

/** The lines that stand for a table, or nothing where it stays as it is. */
export function tableLines(table: Table, mode: MarkdownTableMode): readonly string[] | undefined {
  if (mode === "off") return undefined;
  return mode === "bullets" ? asBullets(table) : asCode(table);
}

/**
 * Each row an item, its first cell in bold. Android draws tables in its list but writes their cells
 * one after the other into the notification, and a narrow screen squeezes them to a word a line.
 */
function asBullets({ head, rows }: Table): readonly string[] {
  if (rows.length === 0) return [`- ${head.filter(isFilled).map(bold).join(", ")}`];
  const prefixes = head.map(namePrefix);
  return rows.flatMap((row) => rowLines(row, prefixes));
}

function rowLines(row: readonly string[], prefixes: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [column, cell] of row.entries()) {
    if (!isFilled(cell)) continue;
    const named = `${prefixes[column] ?? ""}${cell}`;
    if (column > 0) lines.push(named);
    // A number says little without the head of its column.
    else lines.push(bold(LETTER.test(cell) ? cell : named));
  }
  const [first, second] = lines;
  if (first === undefined) return [];
  if (isFilled(row[0] ?? "") && second !== undefined && lines.length === 2) {
    return [`- ${first} – ${second}`];
  }
  const last = lines.length - 1;
  return lines.map(
    (line, index) => `${index === 0 ? "- " : "  "}${line}${index < last ? HARD_BREAK : ""}`,
  );
}

/** The name of a column is often in bold already, and would compete with the row's. */
function namePrefix(name: string): string {
  return isFilled(name) ? `${name.replace(/^\*\*(.+)\*\*$/, "$1").replace(/:$/, "")}: ` : "";
}

function bold(text: string): string {
  return text.includes("**") || text.includes("__") ? text : `**${text}**`;
}

function isFilled(cell: string): boolean {
  return cell !== "";
}

function asCode({ head, rows }: Table): readonly string[] {
  const texts = [head, ...rows].map((row) => row.map(plainText));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => width(row[column] ?? ""))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd();
  const [first = [], ...others] = texts;
  const body = [
    line(first),
    widths.map((count) => "-".repeat(count)).join("  "),
    ...others.map(line),
  ];
  const longest = Math.max(
    2,
    ...body.flatMap((text) => [...text.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = "`".repeat(longest + 1);
  return [fence, ...body, fence];
}

/** Columns in a monospaced font: East Asian characters and emoji take two. */
function width(text: string): number {
  let columns = 0;
  for (const char of text) columns += WIDE.test(char) ? 2 : 1;
  return columns;
}
