// Owns splitting a rendered text into parts: by their length, at the kindest place, each part whole in itself.
import { measureOf, type Measure } from "./bytes.ts";
import { scanBlocks, type Line, type LineKind } from "./blocks.ts";
import { cutLine } from "./cut.ts";
import type { Fence } from "./leaves.ts";
import { continuation, type Container } from "./margin.ts";
import { NO_BREAK_SPACE } from "./plain.ts";

/** The bodies of all pieces together are the text; what is repeated or closed around them is not. */
export interface Piece {
  readonly opening: string;
  readonly body: string;
  readonly closing: string;
}

/** How much a boundary is worth, against how full the part is (0 to 1). */
const VALUE = { section: 1.2, paragraph: 1, block: 0.75, line: 0.35, inside: 0 };
/** Below this, a boundary counts for less: a part of one short line is no gain. */
const FULL_VALUE_FILL = 0.3;
/** Of a cut within a line that fits into no part: better than a part that is nearly empty. */
const INLINE_VALUE = 1.15;
/** A line that has to be cut begins in a part only while this much of it is free. */
const INLINE_FLOOR = 0.6;
/** Where paragraphs come first: more than any other boundary can come to. */
const PARAGRAPH_FIRST = 10;
/** What is repeated at the beginning of a part may take this much of it. */
const MAX_OPENING_PART = 0.4;
const VISIBLE = /\S/;
const BEYOND_ASCII = /[^\0-\x7f]/;

interface Boundary {
  /** Index of the line behind it. */
  readonly line: number;
  readonly offset: number;
  readonly score: number;
}

export interface SplitOptions {
  readonly maxBytes: number;
  /** Bound of a part in UTF-16 units besides. Default: none. */
  readonly maxChars?: number | undefined;
  /** `newline`: between paragraphs, wherever there are two. Default: `length`, at the kindest place. */
  readonly chunkMode?: "length" | "newline" | undefined;
}

export function splitMarkdown(text: string, options: SplitOptions): readonly Piece[] {
  return new Splitter(text, scanBlocks(text), options, true).pieces();
}

export function splitPlain(text: string, options: SplitOptions): readonly Piece[] {
  return new Splitter(text, scanPlain(text), options, false).pieces();
}

/** The message that a piece is sent as: without the blank lines at its ends. */
export function messageOf({ opening, body, closing }: Piece): string {
  const end = closing === "" ? body.trimEnd() : body;
  return opening + end + closing;
}

class Splitter {
  readonly #text: string;
  readonly #lines: readonly Line[];
  readonly #measure: Measure;
  /** What a part may come to, in the measure's own numbers, like all lengths here. */
  readonly #limit: number;
  /** Then every character of the text is as long as the next, and none has to be looked at. */
  readonly #isAscii: boolean;
  readonly #isMarkdown: boolean;
  readonly #paragraphsFirst: boolean;

  constructor(text: string, lines: readonly Line[], options: SplitOptions, isMarkdown: boolean) {
    this.#text = text;
    this.#lines = lines;
    this.#measure = measureOf(options.maxBytes, options.maxChars);
    this.#limit = this.#measure.limit;
    this.#isAscii = !BEYOND_ASCII.test(text);
    this.#isMarkdown = isMarkdown;
    this.#paragraphsFirst = options.chunkMode === "newline";
  }

  pieces(): readonly Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    let first = 0;
    while (from < this.#text.length) {
      const opening = this.#opening(first, from);
      const cut = this.#nextCut(first, from, this.#measure.length(opening));
      const body = this.#text.slice(from, cut.offset);
      pieces.push({ opening, body, closing: this.#closing(cut.line, cut.offset, body) });
      from = cut.offset;
      first = cut.line;
    }
    return pieces;
  }

  /** Where the part that begins at `from` ends, and the line that goes on there. */
  #nextCut(first: number, from: number, opening: number): { line: number; offset: number } {
    const lines = this.#lines;
    const { ascii } = this.#measure;
    let used = opening;
    let best: Boundary | undefined;
    for (let index = first; index < lines.length; index += 1) {
      const line = lines[index];
      if (line === undefined) break;
      const start = Math.max(line.start, from);
      if (index > first) best = this.#better(best, index, used);
      // A line that is longer than a part is not counted to its end: that would be done for each of its parts.
      const counted = Math.min(this.#visibleEnd(line, start), start + this.#limit / ascii + 1);
      const size = this.#lengthOf(start, counted);
      const closing = closingLength(line) * ascii;
      if (used + size + closing > this.#limit) {
        const fence = line.fence;
        if (fence !== undefined && line.kind !== "fence") {
          best = this.#beforeFence(fence, first, from) ?? best;
        }
        const tooLong = size + closing + opening > this.#limit;
        const isWorthIt = tooLong && used < this.#limit * INLINE_FLOOR;
        if (best !== undefined && (!isWorthIt || best.score >= INLINE_VALUE)) return best;
        const budget = this.#limit - used - closing;
        const syntax = this.#syntax(line);
        const offset = cutLine(this.#text, start, line.end, budget, syntax, this.#measure);
        if (offset >= line.end) return { line: index + 1, offset: line.next };
        return { line: index, offset };
      }
      used += this.#lengthOf(line.kind === "blank" ? start : line.end, line.next);
      if (line.kind !== "blank") used += size;
    }
    return { line: lines.length, offset: this.#text.length };
  }

  /** A fence that fits into one part is not cut, however empty that leaves the part before it. */
  #beforeFence(fence: Fence, first: number, from: number): Boundary | undefined {
    const head = this.#lines[fence.line];
    if (fence.line <= first || head === undefined || head.start <= from) return undefined;
    let size = this.#measure.length(this.#opening(fence.line, head.start));
    for (let index = fence.line; this.#lines[index]?.fence === fence; index += 1) {
      const { start, next } = this.#lines[index] ?? head;
      size += this.#lengthOf(start, next);
      if (size > this.#limit) return undefined;
    }
    return { line: fence.line, offset: head.start, score: Infinity };
  }

  /** The boundary before a line, if it is better than what there was; of two that are equal, the later. */
  #better(best: Boundary | undefined, index: number, used: number): Boundary | undefined {
    const value = this.#valueBefore(index);
    const line = this.#lines[index];
    if (value === undefined || line === undefined) return best;
    const fill = used / this.#limit;
    const score =
      this.#paragraphsFirst && value >= VALUE.paragraph
        ? fill + PARAGRAPH_FIRST
        : fill + value * Math.min(1, fill / FULL_VALUE_FILL);
    if (best !== undefined && best.score > score) return best;
    return { line: index, offset: line.start, score };
  }

  #valueBefore(index: number): number | undefined {
    const line = this.#lines[index];
    const before = this.#lines[index - 1];
    if (line === undefined || before === undefined) return undefined;
    const { kind, containers, inherited } = line;
    if (kind === "blank" || kind === "fence-end" || kind === "underline" || kind === "table-rule") {
      return undefined;
    }
    if (kind === "table-row") return VALUE.inside;
    if (kind === "fenced") return before.kind === "fence" ? undefined : VALUE.inside;
    // A heading belongs to what stands below it.
    if (before.kind === "heading" || before.kind === "underline") return VALUE.inside;
    if (this.#lines[index - 2]?.kind === "heading" && before.kind === "blank") return VALUE.inside;
    // Plain text as Markdown is one paragraph, its blank lines included.
    if (this.#isGap(line)) return undefined;
    if (this.#isGap(before)) return VALUE.paragraph;
    if (line.continues || isInItem(containers, inherited)) return VALUE.line;
    if (kind === "heading") return VALUE.section;
    return before.kind === "blank" ? VALUE.paragraph : VALUE.block;
  }

  #isGap({ kind, content, end }: Line): boolean {
    if (kind !== "text" || this.#text[content] !== NO_BREAK_SPACE) return false;
    return !VISIBLE.test(this.#text.slice(content, end));
  }

  /** What the part has to begin with so that its first line means what it meant. */
  #opening(index: number, offset: number): string {
    const line = this.#lines[index];
    if (line === undefined || offset === 0 || !this.#isMarkdown) return "";
    const opening = this.#openingLines(line, offset > line.start);
    return this.#measure.length(opening) > this.#limit * MAX_OPENING_PART ? "" : opening;
  }

  #openingLines(line: Line, isWithin: boolean): string {
    const { kind, fence, containers } = line;
    if (fence !== undefined && kind !== "fence") {
      const { marker, info, margin } = fence;
      const lists = listOpening(fence.containers);
      return `${lists}${margin}${marker}${info}\n${isWithin ? margin : ""}`;
    }
    if (isWithin) return containers.map(asBeginning).join("");
    const lists = listOpening(containers.slice(0, line.inherited));
    const head = line.table === undefined ? undefined : this.#lines[line.table];
    const rule = line.table === undefined ? undefined : this.#lines[line.table + 1];
    if (kind !== "table-row" || head === undefined || rule === undefined) return lists;
    const margin = continuation(containers);
    const repeated = [head, rule].map(({ content, end }) => this.#text.slice(content, end));
    return lists + repeated.map((row) => `${margin}${row}\n`).join("");
  }

  /** What closes the fence that is open where the part ends. */
  #closing(index: number, offset: number, body: string): string {
    const next = this.#lines[index];
    const isWithin = next !== undefined && offset > next.start;
    const last = isWithin ? next : this.#lines[index - 1];
    if (last?.fence === undefined || !(last.kind === "fenced" || last.kind === "fence")) return "";
    const { marker, margin } = last.fence;
    return `${body.endsWith("\n") ? "" : "\n"}${margin}${marker}`;
  }

  #lengthOf(from: number, to: number): number {
    const { ascii, length } = this.#measure;
    return this.#isAscii ? (to - from) * ascii : length(this.#text, from, to);
  }

  /** Blank lines at the end of a part are not sent. */
  #visibleEnd(line: Line, start: number): number {
    if (line.kind !== "blank") return line.end;
    return VISIBLE.test(this.#text.slice(start, line.end)) ? line.end : start;
  }

  #syntax({ kind }: Line): "markdown" | "code" | "plain" {
    if (kind === "fenced" || kind === "indented" || kind === "fence-end") return "code";
    return this.#isMarkdown ? "markdown" : "plain";
  }
}

function isInItem(containers: readonly Container[], inherited: number): boolean {
  return containers.some(({ kind }, depth) => depth < inherited && kind === "item");
}

/** Reserved in every part that might end behind this line. */
function closingLength({ fence, kind }: Line): number {
  if (fence === undefined || kind === "fence-end") return 0;
  return 1 + fence.margin.length + fence.marker.length;
}

/** Lists that go on in a part begin anew there, with an item that says so: indented lines alone would be code. */
function listOpening(containers: readonly Container[]): string {
  const last = containers.findLastIndex(({ kind }) => kind === "item");
  return last === -1
    ? ""
    : `${containers
        .slice(0, last + 1)
        .map(asBeginning)
        .join("")}…\n`;
}

function asBeginning({ kind, marker, width }: Container): string {
  return kind === "quote" ? "> " : marker.padStart(width - 1).padEnd(width);
}

/** Plain text has paragraphs and lines, and nothing else. */
function scanPlain(text: string): readonly Line[] {
  const lines: Line[] = [];
  const none = { containers: [], inherited: 0, fence: undefined, table: undefined };
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const next = found === -1 ? end : end + 1;
    const isBlank = !VISIBLE.test(text.slice(start, end));
    const before = lines.at(-1);
    const kind: LineKind = isBlank ? "blank" : "text";
    const continues = before?.kind === "text";
    if (isBlank && before?.kind === "blank") lines[lines.length - 1] = { ...before, end, next };
    else lines.push({ kind, start, content: start, end, next, continues, ...none });
    start = next;
  }
  return lines;
}
