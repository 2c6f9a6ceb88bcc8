// Owns Markdown as Gotify's clients need it: line breaks that hold, links that can be tapped, tags and tables that show.
import type { MarkdownTableMode } from "openclaw/plugin-sdk/config-contracts";
import { isLongFence, type Line, type LineKind } from "./blocks.ts";
import { renderInline } from "./inline-markdown.ts";
import { tableCells } from "./leaves.ts";
import { continuation } from "./margin.ts";
import { HARD_BREAK } from "./plain.ts";
import { tableLines } from "./tables.ts";

const cellBreak = (): string => "; ";
const headingBreak = (): string => " ";

export function clientMarkdown(
  text: string,
  lines: readonly Line[],
  tableMode: MarkdownTableMode,
): string {
  const parts: string[] = [];
  let copied = 0;
  // What stays as it is goes over in long stretches: most lines of a long text do.
  const replace = (from: number, to: number, replacement: string): void => {
    parts.push(text.slice(copied, from), replacement);
    copied = to;
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined) break;
    if (line.kind === "table-head" && tableMode !== "off") {
      const end = tableEnd(lines, index);
      const last = lines[end - 1] ?? line;
      replace(line.start, last.end, renderTable(text, lines.slice(index, end), tableMode));
      index = end - 1;
    } else if (isShown(line.kind)) {
      const end = line.kind === "text" ? paragraphEnd(text, lines, index) : index + 1;
      const last = lines[end - 1] ?? line;
      const content = text.slice(line.content, last.end);
      const rendered = renderContent(text, line, content);
      if (rendered !== content) replace(line.content, last.end, rendered);
      index = end - 1;
    } else if (line.fence !== undefined && isLeftOpen(line, lines[index + 1])) {
      replace(line.end, line.end, `\n${line.fence.margin}${line.fence.marker}`);
    }
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

/** A fence may end with its quote or the text, without a line of its own: then nothing tells where a part ends. */
function isLeftOpen({ kind, fence }: Line, next: Line | undefined): boolean {
  return kind !== "fence-end" && next?.fence !== fence;
}

function isShown(kind: LineKind): boolean {
  return kind === "text" || kind === "heading" || kind === "table-head" || kind === "table-row";
}

/** The index behind the last line of a paragraph: what stands inside of it may go on from line to line. */
function paragraphEnd(text: string, lines: readonly Line[], first: number): number {
  let end = first + 1;
  for (let line = lines[end]; line?.kind === "text" && line.continues; line = lines[end]) {
    if (isLongFence(text, line)) break;
    end += 1;
  }
  return end;
}

function renderContent(text: string, line: Line, content: string): string {
  if (line.kind !== "text") {
    return renderInline(content, line.kind === "heading" ? headingBreak : cellBreak);
  }
  const lineBreak = (): string => `${HARD_BREAK}\n${continuation(line.containers)}`;
  const rendered = renderInline(content, lineBreak);
  // Too long to be repeated in the next part, it is no fence for the splitter: nor for anybody else.
  return isLongFence(text, line) ? `\\${rendered}` : rendered;
}

function tableEnd(lines: readonly Line[], head: number): number {
  let end = head + 1;
  while (end < lines.length && lines[end]?.table === head) end += 1;
  return end;
}

function renderTable(text: string, lines: readonly Line[], mode: MarkdownTableMode): string {
  const [head, rule, ...rows] = lines;
  if (head === undefined || rule === undefined) return "";
  const cellsOf = ({ content, end }: Line): readonly string[] =>
    tableCells(text.slice(content, end)).map((cell) =>
      renderInline(cell.replaceAll("\\|", "|"), cellBreak),
    );
  const rendered = tableLines({ head: cellsOf(head), rows: rows.map(cellsOf) }, mode) ?? [];
  const first = text.slice(head.start, head.content);
  const further = text.slice(rule.start, rule.content);
  return rendered.map((line, index) => (index === 0 ? first : further) + line).join("\n");
}
