// Owns how many columns of a terminal a text takes, and cutting it to so many.

/** What takes two columns: East Asian scripts, their punctuation, marks and full forms, and emoji. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\u30fb\u30fc\u3200-\u33ff\uff01-\uff60\uffe0-\uffe6]/u;
/** Of the same scripts, but made to take one. */
const HALF_WIDTH = /^[\uff61-\uffdc]/u;
const ZERO_WIDTH = /^\p{M}+$/u;
const ELLIPSIS = "…";
/** More than any letter or emoji is made of; without a bound, marks piled up on one letter would be as long as they like. */
const MAX_GRAPHEME_CHARACTERS = 32;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns in a terminal. @param text on one line. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/** The text in at most so many columns; what is cut off is told by an ellipsis. */
export function cutToWidth(text: string, maxWidth: number): string {
  if (text.length <= maxWidth && isPlain(text)) return text;
  /** As much as has room beside the ellipsis. */
  let cut = "";
  let whole = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOfGrapheme(segment);
    if (width > maxWidth) return `${cut.trimEnd()}${ELLIPSIS}`;
    whole += bounded(segment);
    if (width <= maxWidth - ELLIPSIS.length) cut = whole;
  }
  return whole;
}

/** Most texts are, and segmenting takes its time. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function bounded(segment: string): string {
  if (segment.length <= MAX_GRAPHEME_CHARACTERS) return segment;
  // A character is one or two units, and none is to be halved.
  return Array.from(segment.slice(0, 2 * MAX_GRAPHEME_CHARACTERS))
    .slice(0, MAX_GRAPHEME_CHARACTERS)
    .join("");
}

function widthOfGrapheme(segment: string): number {
  if (ZERO_WIDTH.test(segment)) return 0;
  return WIDE.test(segment) && !HALF_WIDTH.test(segment) ? 2 : 1;
}
