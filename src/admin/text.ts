// Owns text as a terminal shows it: on one line, without what could steer the terminal, and how many columns it takes.

/** Control and formatting characters. The joiner stays: it holds emoji together. */
const INVISIBLE = /(?!\u200d)[\s\p{C}]+/gu;
/** What takes two columns: East Asian scripts, their punctuation and full forms, and emoji. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Of the same scripts, but made to take one. */
const HALF_WIDTH = /^[\uff61-\uffdc]/u;
const ZERO_WIDTH = /^\p{M}+$/u;
const ELLIPSIS = "…";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whoever may post chooses titles and texts: no line breaks, and nothing that moves the cursor or turns letters round. */
export function oneLine(text: string): string {
  return text.replace(INVISIBLE, " ").trim();
}

/** Columns in a terminal. @param text on one line. */
export function widthOf(text: string): number {
  // Most texts are plain, and segmenting takes its time.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/** The text in at most so many columns; what is cut off is told by an ellipsis. */
export function cutToWidth(text: string, maxWidth: number): string {
  if (text.length <= maxWidth && widthOf(text) <= maxWidth) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOfGrapheme(segment);
    if (width > maxWidth - ELLIPSIS.length) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${ELLIPSIS}`;
}

function widthOfGrapheme(segment: string): number {
  if (ZERO_WIDTH.test(segment)) return 0;
  return WIDE.test(segment) && !HALF_WIDTH.test(segment) ? 2 : 1;
}
