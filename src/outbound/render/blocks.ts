// Owns the block structure of Markdown: what each line is, and in which quotes and list items it stands.
import {
  closesFence,
  isDefinition,
  isHeading,
  isTableRule,
  isThematicBreak,
  isUnderline,
  looksLikeFence,
  readFence,
  type Fence,
} from "./leaves.ts";
import { CODE_INDENT, Cursor, mayOpenContainer, type Container } from "./margin.ts";

export type LineKind =
  | "blank"
  | "text"
  | "heading"
  | "underline"
  | "rule"
  | "definition"
  | "indented"
  | "fence"
  | "fenced"
  | "fence-end"
  | "table-head"
  | "table-rule"
  | "table-row";

/** One line, or a run of blank ones. Offsets are those of the text. */
export interface Line {
  kind: LineKind;
  readonly start: number;
  /** Behind the markers of the containers and the indentation. */
  readonly content: number;
  /** Before the line break. */
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
  readonly containers: readonly Container[];
  /** How many of them were open before: the others begin with this line. */
  readonly inherited: number;
  /** Text: goes on with the paragraph of the line before. */
  readonly continues: boolean;
  /** Of the lines of a fence. */
  readonly fence: Fence | undefined;
  /** Of a table's lines: the index of its head. */
  table: number | undefined;
}

/** A cheap bound for what nobody writes: deeper markers are text. Without it, blank lines in a deep list cost depth times length. */
const MAX_DEPTH = 8;
/** A longer opening line is no fence here, margin included: it could not be repeated in every part. */
const MAX_FENCE_CHARS = 100;
const NONE: readonly Container[] = [];

/** Lines must be separated by `\n` alone. */
export function scanBlocks(text: string): readonly Line[] {
  const scanner = new Scanner(text);
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    start = found === -1 ? end : end + 1;
    scanner.take(end, start);
  }
  return scanner.lines;
}

/** Whether a line of text is none for other readers of Markdown: an opening line that is too long. */
export function isLongFence(text: string, { start, content, end }: Line): boolean {
  return end - start > MAX_FENCE_CHARS && looksLikeFence(text, content, end);
}

class Scanner {
  readonly lines: Line[] = [];
  readonly #text: string;
  readonly #cursor: Cursor;
  /** Where the line that is taken begins. */
  #start = 0;
  #open = NONE;
  #fence: Fence | undefined;
  #inParagraph = false;
  /** Index of the head of the table that is open. */
  #table: number | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#cursor = new Cursor(text);
  }

  take(end: number, next: number): void {
    const cursor = this.#cursor;
    cursor.reset(this.#start, end);
    const open = this.#open;
    let matched = 0;
    while (matched < open.length && cursor.enter(open[matched])) matched += 1;
    const margin = cursor.at;
    cursor.indent();

    const fence = this.#fence;
    if (fence !== undefined && matched >= fence.containers.length) {
      const isEnd = cursor.columns < CODE_INDENT && closesFence(this.#text, cursor.at, end, fence);
      if (isEnd) this.#push("fence-end", cursor.at, end, next, matched, false);
      else this.#push("fenced", margin, end, next, matched, false);
      if (isEnd) this.#fence = undefined;
    } else {
      this.#fence = undefined;
      const reached = matched === open.length ? open : open.slice(0, matched);
      if (cursor.at < end) this.#takeLeaf(end, next, reached);
      else this.#takeBlank(end, next, reached);
    }
    this.#start = next;
  }

  #takeBlank(end: number, next: number, reached: readonly Container[]): void {
    const before = this.lines.at(-1);
    const isBareItem = before?.kind === "blank" && before.containers.length > before.inherited;
    // An item with nothing behind its marker ends at a blank line.
    this.#open = isBareItem ? reached.slice(0, before.inherited) : reached;
    this.#inParagraph = false;
    this.#table = undefined;
    if (before?.kind !== "blank" || isBareItem) {
      this.#push("blank", end, end, next, this.#open.length, false);
    } else Object.assign(before, { end, next, containers: this.#open });
  }

  #takeLeaf(end: number, next: number, reached: readonly Container[]): void {
    const text = this.#text;
    const cursor = this.#cursor;
    const matched = reached.length;
    const allMatched = matched === this.#open.length;
    let containers = reached;
    while (
      cursor.columns < CODE_INDENT &&
      containers.length < MAX_DEPTH &&
      mayOpenContainer(text[cursor.at]) &&
      // Dashes with blanks between them are a rule before they are a list.
      !isThematicBreak(text, cursor.at, end)
    ) {
      const interrupts = this.#inParagraph && allMatched && containers.length === matched;
      const opened = cursor.open(interrupts);
      if (opened === undefined) break;
      containers = [...containers, opened];
      cursor.indent();
    }
    const content = cursor.at;
    const continues = this.#inParagraph && containers.length === matched;
    // A paragraph goes on without the markers of the containers that it stands in.
    const mayBeLazy = continues && !allMatched;
    let kind: LineKind = "blank";
    if (content < end && cursor.columns >= CODE_INDENT) kind = continues ? "text" : "indented";
    else if (content < end) kind = this.#leafKind(content, end, continues && allMatched);
    if (kind !== "text" || !mayBeLazy) this.#open = containers;
    kind = this.#tableKind(kind, content, end, allMatched && containers.length === matched);
    if (kind === "fence") {
      this.#fence = readFence(text, content, end, this.lines.length, containers);
    }
    this.#push(kind, content, end, next, matched, kind === "text" && continues, containers);
    this.#inParagraph = kind === "text";
  }

  #leafKind(at: number, end: number, underParagraph: boolean): LineKind {
    const text = this.#text;
    switch (text[at] ?? "") {
      case "`":
      case "~":
        // The line's own length, margin included: all of it is repeated.
        if (end - this.#start > MAX_FENCE_CHARS) return "text";
        return looksLikeFence(text, at, end) ? "fence" : "text";
      case "#":
        return isHeading(text, at, end) ? "heading" : "text";
      case "[":
        return !underParagraph && isDefinition(text, at, end) ? "definition" : "text";
      case "=":
        return underParagraph && isUnderline(text, at, end) ? "underline" : "text";
      case "-":
        if (underParagraph && isUnderline(text, at, end)) return "underline";
        return isThematicBreak(text, at, end) ? "rule" : "text";
      case "*":
      case "_":
        return isThematicBreak(text, at, end) ? "rule" : "text";
      default:
        return "text";
    }
  }

  /** Lines of a table look like text; it begins when the row of dashes shows under its head. */
  #tableKind(kind: LineKind, at: number, end: number, sameContainers: boolean): LineKind {
    const index = this.lines.length - 1;
    const head = this.lines[index];
    if (!sameContainers || (kind !== "text" && kind !== "underline")) this.#table = undefined;
    else if (this.#table !== undefined) return kind === "text" ? "table-row" : kind;
    else if (
      this.#inParagraph &&
      head?.kind === "text" &&
      isTableRule(this.#text, this.#text.slice(head.content, head.end), at, end)
    ) {
      head.kind = "table-head";
      head.table = index;
      this.#table = index;
      return "table-rule";
    }
    return kind;
  }

  #push(
    kind: LineKind,
    content: number,
    end: number,
    next: number,
    inherited: number,
    continues: boolean,
    containers = this.#open,
  ): void {
    const start = this.#start;
    const fence = this.#fence;
    const table = this.#table;
    this.lines.push({
      kind,
      start,
      content,
      end,
      next,
      containers,
      inherited,
      continues,
      fence,
      table,
    });
  }
}
