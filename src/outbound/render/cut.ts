// Owns where a line that is too long for one part is cut.
import type { Measure } from "./bytes.ts";
import { isBlank } from "./characters.ts";
import { inlineSpans } from "./inline.ts";

/** How far behind the cut a link or a piece of code is followed to see where it ends. */
const LOOK_AHEAD_CHARS = 512;
/** A sentence may end this early in the part, a word that early; before that, the part would be mostly empty. */
const SENTENCE_FLOOR = 0.5;
const WORD_FLOOR = 0.25;
/** The longest cluster that is kept together: a flag or a family takes eleven units. */
const CLUSTER_CHARS = 64;
const SENTENCE_END = /[.!?…。！？；]/u;
const FULL_WIDTH_END = /[。！？；，、：]/u;
/** What would become a list, a heading, a quote and so on at the beginning of a part. */
const BLOCK_CHAR = /[-+*#>=~`|_:<[\d]/;
const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The offset at which to cut `text` between `from` and `to`, with at most `budget` before it, as measured:
 * behind a sentence, between words, or between characters as a reader counts them.
 */
export function cutLine(
  text: string,
  from: number,
  to: number,
  budget: number,
  syntax: "markdown" | "code" | "plain",
  measure: Measure,
): number {
  const limit = Math.max(
    measure.offsetWithin(text, from, to, budget),
    from + charLength(text, from),
  );
  if (limit >= to) return to;
  const kept =
    syntax === "markdown" ? keptTogether(text, from, Math.min(to, limit + LOOK_AHEAD_CHARS)) : [];
  const sentenceFloor = from + (limit - from) * SENTENCE_FLOOR;
  const wordFloor = from + (limit - from) * WORD_FLOOR;
  const forced = outside(kept, limit, wordFloor);
  let word: number | undefined;
  for (let at = limit; at > wordFloor; at -= 1) {
    while ((kept.at(-1)?.start ?? -1) >= at) kept.pop();
    const around = kept.at(-1);
    if (around !== undefined && at < around.end && around.start > wordFloor) {
      at = around.start + 1;
      continue;
    }
    const before = text[at - 1] ?? "";
    if (!isBlank(before) && (before < "\x80" || !FULL_WIDTH_END.test(before))) continue;
    const after = text[at] ?? "";
    if (isBlank(after) || (syntax === "markdown" && BLOCK_CHAR.test(after))) continue;
    word ??= at;
    if (syntax === "code" || at < sentenceFloor) break;
    if (SENTENCE_END.test(isBlank(before) ? (text[at - 2] ?? "") : before)) return at;
  }
  return word ?? clusterStart(text, from, forced);
}

function charLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The outermost links, code and emphasis, in order. */
function keptTogether(text: string, from: number, to: number): { start: number; end: number }[] {
  const kept: { start: number; end: number }[] = [];
  for (const { start, end } of inlineSpans(text.slice(from, to))) {
    const last = kept.at(-1);
    if (last === undefined || from + start >= last.end)
      kept.push({ start: from + start, end: from + end });
  }
  return kept;
}

function outside(
  kept: readonly { start: number; end: number }[],
  at: number,
  floor: number,
): number {
  const around = kept.find(({ start, end }) => start < at && at < end);
  return around !== undefined && around.start > floor ? around.start : at;
}

/** The last boundary between two characters as a reader counts them, at or before `at`. */
function clusterStart(text: string, from: number, at: number): number {
  const windowStart = Math.max(from, at - CLUSTER_CHARS);
  const cluster = clusters
    .segment(text.slice(windowStart, at + CLUSTER_CHARS))
    .containing(at - windowStart);
  const start = windowStart + (cluster?.index ?? at - windowStart);
  return start > windowStart ? start : at;
}
