// Owns how a text becomes the bodies of Gotify messages: Markdown or plain, in parts that fit, in order.
import type { MarkdownTableMode } from "openclaw/plugin-sdk/config-contracts";
import { scanBlocks } from "./blocks.ts";
import { isMarkdown } from "./detect.ts";
import { clientMarkdown } from "./markdown.ts";
import { plainAsMarkdown } from "./plain.ts";
import { messageOf, splitMarkdown, splitPlain } from "./split.ts";
import { findUrl } from "./urls.ts";

export { takeHeading } from "./heading.ts";

export type ContentType = "text/markdown" | "text/plain";

export interface RenderedText {
  readonly message: string;
  readonly contentType: ContentType;
}

export interface RenderTextOptions {
  /** Budget of one part in UTF-8 bytes; at most `HARD_LIMIT_BYTES`. */
  readonly maxBytes: number;
  /** Bound of one part in characters, as UTF-16 units, besides. */
  readonly maxChars?: number | undefined;
  /** Where a long text is split. Default: `length`, at the kindest place near the end of a part. */
  readonly chunkMode?: "length" | "newline" | undefined;
  /** Left out: decided by whether the text is Markdown, or has an address that should open at a tap. */
  readonly contentType?: ContentType | undefined;
  /** What becomes of tables. Default: `bullets`. */
  readonly tableMode?: MarkdownTableMode | undefined;
}

/** MySQL keeps 65,535 bytes of a message, and cuts or refuses the rest. */
export const HARD_LIMIT_BYTES = 60_000;
/** Room for what is repeated at the beginning of a part, and a line besides. */
const MIN_LENGTH = 500;
const VISIBLE = /[^\s\p{Cc}\p{Cf}]/u;

/** The bodies in the order in which they are to be posted; none for a text in which there is nothing to see. */
export function renderText(text: string, options: RenderTextOptions): readonly RenderedText[] {
  const clean = cleanText(text).replace(/\r\n?/g, "\n");
  if (!VISIBLE.test(clean)) return [];
  const limits = {
    maxBytes: Math.min(HARD_LIMIT_BYTES, atLeast(options.maxBytes)),
    maxChars: options.maxChars === undefined ? undefined : atLeast(options.maxChars),
    chunkMode: options.chunkMode,
  };
  const { body, contentType } = render(withoutBlankEnds(clean), options);
  const pieces =
    contentType === "text/markdown" ? splitMarkdown(body, limits) : splitPlain(body, limits);
  return pieces
    .map((piece) => ({ message: messageOf(piece), contentType }))
    .filter(({ message }) => VISIBLE.test(message));
}

function atLeast(length: number): number {
  return Math.max(MIN_LENGTH, Math.floor(length));
}

/** What every database stores: no NUL (PostgreSQL refuses it), no half of a surrogate pair. */
export function cleanText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

function render(
  text: string,
  { contentType, tableMode = "bullets" }: RenderTextOptions,
): { readonly body: string; readonly contentType: ContentType } {
  if (contentType === "text/plain") return { body: text, contentType };
  const lines = scanBlocks(text);
  if (contentType === "text/markdown" || isMarkdown(text, lines)) {
    return { body: clientMarkdown(text, lines, tableMode), contentType: "text/markdown" };
  }
  // The web UI makes links in Markdown only.
  if (!hasUrl(text)) return { body: text, contentType: "text/plain" };
  return { body: plainAsMarkdown(text), contentType: "text/markdown" };
}

function hasUrl(text: string): boolean {
  return text.split("\n").some((line) => findUrl(line, 0) !== undefined);
}

/** The indentation of the first line stays: it may be code. */
function withoutBlankEnds(text: string): string {
  return text.slice(text.lastIndexOf("\n", text.search(/\S/)) + 1).trimEnd();
}
