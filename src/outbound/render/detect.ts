// Owns the question whether a text is Markdown, or merely has some of its characters in it.
import type { Line } from "./blocks.ts";
import { isAsciiWord, isPunctuation } from "./characters.ts";
import { inlineSpans, type Span } from "./inline.ts";

const INLINE_HINT = /[`*_~]|\]\(/;
const DESTINATION = /^\(\s*<?(?:https?:|mailto:|tel:|data:image|www\.|[/#.])/i;
const TASK = /^\[[ xX]\] /;

/**
 * Errs on the side of plain text: Markdown that is shown as it was written can be read, whereas a log
 * line whose `_` and `*` are gone says something else.
 */
export function isMarkdown(text: string, lines: readonly Line[]): boolean {
  return (
    lines.some((line, index) => isMarkdownBlock(text, lines, line, index)) ||
    hasList(lines) ||
    lines.some((line) => isInlineMarkdown(text, line))
  );
}

function isMarkdownBlock(text: string, lines: readonly Line[], line: Line, index: number): boolean {
  if (line.kind === "fence" || line.kind === "table-rule") return true;
  const rest = (): string => text.slice(line.content, line.end);
  if (line.kind === "heading") {
    const content = rest();
    if (!/^#+[ \t]+\S/.test(content)) return false;
    if (content.startsWith("##")) return true;
    // Comments in a configuration file come one under the other.
    const [before, behind] = [lines[index - 1], lines[index + 1]];
    return (before === undefined || before.kind === "blank") && behind?.kind !== "heading";
  }
  return isItem(line) && TASK.test(rest());
}

/** Two items or more; numbers must count up, and a `+` among the dashes is a diff. */
function hasList(lines: readonly Line[]): boolean {
  let dashes = 0;
  let previous: number | undefined;
  let counted = false;
  for (const line of lines) {
    const marker = isItem(line) ? line.containers.at(-1)?.marker : undefined;
    if (marker === undefined || line.kind === "blank") continue;
    if (marker === "+") return false;
    if (marker === "-" || marker === "*") dashes += 1;
    else {
      const number = Number.parseInt(marker, 10);
      if (previous !== undefined && (number === previous + 1 || (number === 1 && previous === 1))) {
        counted = true;
      }
      previous = number;
    }
  }
  return dashes > 1 || counted;
}

function isItem(line: Line): boolean {
  return line.containers.length > line.inherited && line.containers.at(-1)?.kind === "item";
}

function isInlineMarkdown(text: string, line: Line): boolean {
  if (line.kind === "blank" || line.kind === "indented") return false;
  const content = text.slice(line.content, line.end);
  if (!INLINE_HINT.test(content)) return false;
  return inlineSpans(content).some((span) => isMeant(content, span));
}

/** Whether somebody wrote this on purpose, as opposed to `a*b*c`, `__init__` or `list[0](x)`. */
function isMeant(line: string, { kind, start, end, textStart, textEnd }: Span): boolean {
  const inner = line.slice(textStart, textEnd);
  if (inner.trim() === "" && kind !== "image") return false;
  switch (kind) {
    case "code":
    case "strike":
      return kind === "code" || line.startsWith("~~", start);
    case "link":
    case "image":
      return DESTINATION.test(line.slice(textEnd + 1, end));
    case "autolink":
      return false;
    case "strong":
    case "emphasis": {
      if (isAsciiWord(line[start - 1]) || isAsciiWord(line[end])) return false;
      if (line[start] === "_") return inner.includes(" ");
      // "src/*.ts,test/*.ts"
      return kind === "strong" || !(isPunctuation(inner[0]) || isPunctuation(line[start - 1]));
    }
  }
}
