// Owns the margin of a line: the markers and the indentation of the quotes and items that it stands in.
import { isBlank, isDigit } from "./characters.ts";

/** A block that holds others. */
export interface Container {
  readonly kind: "quote" | "item";
  /** As written: `>`, `-` or `3.`. */
  readonly marker: string;
  /** Columns from the parent's content to this one's; lines of an item are indented by it. */
  readonly width: number;
}

/** Blanks that make a line code instead of a block. */
export const CODE_INDENT = 4;
const TAB = 4;

/** What a further line of these containers begins with. */
export function continuation(containers: readonly Container[]): string {
  if (containers.length === 0) return "";
  return containers
    .map(({ kind, width }) => (kind === "quote" ? "> " : " ".repeat(width)))
    .join("");
}

/** Goes through the markers at the beginning of a line. Tabs count to the next multiple of four. */
export class Cursor {
  readonly #text: string;
  #end = 0;
  #column = 0;
  at = 0;
  /** Width of the blanks that `indent` has passed. */
  columns = 0;

  constructor(text: string) {
    this.#text = text;
  }

  reset(start: number, end: number): void {
    this.at = start;
    this.#end = end;
    this.#column = 0;
    this.columns = 0;
  }

  /** Passes the blanks. */
  indent(): void {
    const before = this.#column;
    while (this.at < this.#end && isBlank(this.#text[this.at])) this.#pass();
    this.columns = this.#column - before;
  }

  /** Passes what a line needs to belong to an open container; where it does not, nothing is passed. */
  enter(container: Container | undefined): boolean {
    const { at } = this;
    const column = this.#column;
    this.indent();
    const isBlankRest = this.at >= this.#end;
    if (container?.kind === "quote" && this.columns < CODE_INDENT && this.#text[this.at] === ">") {
      if (!isBlankRest) {
        this.#passQuoteMarker();
        return true;
      }
    } else if (container?.kind === "item" && (isBlankRest || this.columns >= container.width)) {
      if (isBlankRest) return true;
      this.at = at;
      this.#column = column;
      this.#passColumns(container.width);
      return true;
    }
    this.at = at;
    this.#column = column;
    return false;
  }

  /** Passes the marker of a new container behind the blanks; undefined where there is none. */
  open(interruptsParagraph: boolean): Container | undefined {
    const text = this.#text;
    const char = text[this.at];
    if (char === ">") {
      this.#passQuoteMarker();
      return { kind: "quote", marker: ">", width: 0 };
    }
    const markerEnd = listMarkerEnd(text, this.at, this.#end);
    if (markerEnd === undefined) return undefined;
    const marker = text.slice(this.at, markerEnd);
    const isBare = restIsBlank(text, markerEnd, this.#end);
    // "In 2026. That was" must not become a list in the middle of a paragraph.
    if (interruptsParagraph && (isBare || (isDigit(char) && Number.parseInt(marker, 10) !== 1))) {
      return undefined;
    }
    const before = this.columns + marker.length;
    this.at = markerEnd;
    this.#column += marker.length;
    const column = this.#column;
    this.indent();
    const padding = isBare || this.columns > CODE_INDENT ? 1 : this.columns;
    this.at = markerEnd;
    this.#column = column;
    this.#passColumns(padding);
    return { kind: "item", marker, width: before + padding };
  }

  #passQuoteMarker(): void {
    this.at += 1;
    this.#column += 1;
    this.#passColumns(1);
  }

  /** A tab that is wider than what is left is taken whole. */
  #passColumns(count: number): void {
    const to = this.#column + count;
    while (this.#column < to && this.at < this.#end && isBlank(this.#text[this.at])) this.#pass();
  }

  #pass(): void {
    this.#column += this.#text[this.at] === "\t" ? TAB - (this.#column % TAB) : 1;
    this.at += 1;
  }
}

export function mayOpenContainer(char: string | undefined): boolean {
  return char === ">" || char === "-" || char === "*" || char === "+" || isDigit(char);
}

function listMarkerEnd(text: string, at: number, end: number): number | undefined {
  const char = text[at];
  let after = at + 1;
  if (isDigit(char)) {
    while (after < end && after - at < 9 && isDigit(text[after])) after += 1;
    if (text[after] !== "." && text[after] !== ")") return undefined;
    after += 1;
  } else if (char !== "-" && char !== "*" && char !== "+") return undefined;
  return after >= end || isBlank(text[after]) ? Math.min(after, end) : undefined;
}

export function restIsBlank(text: string, at: number, end: number): boolean {
  for (let here = at; here < end; here += 1) if (!isBlank(text[here])) return false;
  return true;
}
