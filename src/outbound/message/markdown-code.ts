// Owns which stretches of a Markdown text are code beyond doubt, so that what stands in them may stay as it is.

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Fence {
  readonly start: number;
  readonly mark: string;
  readonly length: number;
  readonly indent: number;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
const FENCE_IN_LIST = /^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)+(?:`{3}|~{3})/;
const CLEAN_LINK = /\]\([^\s()<>"'`\\]*\)/y;
const CLEAN_AUTOLINK = /<(?:https?:\/\/|mailto:)[^\s<>`]*>/iy;
/** The beginning of what a parser may take for HTML, in which neither backticks nor fences count. */
const HTML = /<[a-z/!?]/i;
const CLEAN_AUTOLINKS = /<(?:https?:\/\/|mailto:)[^\s<>`]*>/gi;
const FOOTNOTE_WITH_BACKTICK = /\[\^[^\]`]{0,100}`/y;
const BARE_ADDRESS = /:\/\/|www\.|@|mailto:|xmpp:/i;

/**
 * Fences and code spans, in order. Two clients with two parsers show the text, and a stretch that only one
 * of them takes for code would smuggle an image past the policy. So whatever could be read in two ways is
 * not listed: in doubt up to the next blank line, with HTML up to the end.
 */
export function codeStretches(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let fence: Fence | undefined;
  let isParagraphInDoubt = false;
  for (const { start, end } of linesOf(text)) {
    const line = text.slice(start, end);
    if (fence !== undefined) {
      const state = insideFence(fence, line);
      if (state === "doubtful") return found;
      if (state === "closed") {
        found.push({ start: fence.start, end });
        fence = undefined;
      }
      continue;
    }
    if (/^[ \t]*$/.test(line)) {
      isParagraphInDoubt = false;
      continue;
    }
    const [, indent = "", marks = ""] = FENCE.exec(line) ?? [];
    if (marks !== "") {
      fence = { start, mark: marks.charAt(0), length: marks.length, indent: indent.length };
      continue;
    }
    if (FENCE_IN_LIST.test(line)) return found;
    if (isParagraphInDoubt) {
      if (hasHtml(line)) return found;
      continue;
    }
    const spans = spansOf(line);
    found.push(
      ...spans.found.map((span) => ({ start: start + span.start, end: start + span.end })),
    );
    if (spans.doubt === "html") return found;
    isParagraphInDoubt = spans.doubt === "paragraph";
  }
  // A fence that nobody closed holds the rest.
  if (fence !== undefined) found.push({ start: fence.start, end: text.length });
  return found;
}

function insideFence(fence: Fence, line: string): "open" | "closed" | "doubtful" {
  const [, indent = "", marks = ""] = /^([ \t]*)(`{3,}|~{3,})[ \t]*$/.exec(line) ?? [];
  const isClosing = marks.startsWith(fence.mark) && marks.length >= fence.length;
  if (isClosing && /^ {0,3}$/.test(indent) && indent.length >= fence.indent) return "closed";
  // An indented fence may belong to a list item, which ends where its indentation ends, and measures from there.
  if (fence.indent === 0) return "open";
  const isIndented = line.startsWith(" ".repeat(fence.indent)) || /^[ \t]*$/.test(line);
  return isClosing || !isIndented ? "doubtful" : "open";
}

interface Spans {
  readonly found: readonly Stretch[];
  /** From where on nothing of this paragraph, or of all that follows, is certain. */
  readonly doubt: "html" | "paragraph" | undefined;
}

function spansOf(line: string): Spans {
  const addresses = addressesIn(line);
  const found: Stretch[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === "\\") {
      if (line.charAt(at + 1) === "`") return doubt(found, line, at);
      at += 2;
    } else if (character === "`") {
      const end = spanEnd(line, at);
      const isInAddress = addresses.some(({ start, end: last }) => start < at && at < last);
      if (end === undefined || isInAddress) return doubt(found, line, at);
      // A table is split at its bars first, also inside of code.
      if (line.slice(at, end).includes("|")) return doubt([], line, 0);
      found.push({ start: at, end });
      at = end;
    } else if (character === "<" && HTML.test(line.slice(at, at + 2))) {
      const autolink = matchAt(CLEAN_AUTOLINK, line, at);
      if (autolink === undefined) return { found, doubt: "html" };
      at += autolink.length;
    } else if (line.startsWith("](", at)) {
      // An address or a title can hold a backtick that belongs to no code.
      const link = matchAt(CLEAN_LINK, line, at);
      if (link === undefined) return doubt(found, line, at);
      at += link.length;
    } else if (line.startsWith("[^", at) && matchAt(FOOTNOTE_WITH_BACKTICK, line, at)) {
      return doubt(found, line, at);
    } else {
      at += 1;
    }
  }
  return { found, doubt: undefined };
}

/** HTML that begins behind what is not understood reaches further than the paragraph. */
function doubt(found: readonly Stretch[], line: string, from: number): Spans {
  return { found, doubt: hasHtml(line.slice(from)) ? "html" : "paragraph" };
}

function hasHtml(line: string): boolean {
  return HTML.test(line.replaceAll(CLEAN_AUTOLINKS, ""));
}

/** Addresses without brackets, each to the end of its word: one of the two clients reads on over a backtick. */
function addressesIn(line: string): readonly Stretch[] {
  return [...line.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
    const at = word.search(BARE_ADDRESS);
    return at === -1 ? [] : [{ start: index + at, end: index + word.length }];
  });
}

/** Where the span that begins with these backticks ends: behind the next run of as many. */
function spanEnd(line: string, start: number): number | undefined {
  const length = runLength(line, start);
  let at = start + length;
  while (at < line.length) {
    const next = line.indexOf("`", at);
    if (next === -1) return undefined;
    const run = runLength(line, next);
    if (run === length) return next + run;
    at = next + run;
  }
  return undefined;
}

function runLength(line: string, start: number): number {
  let end = start;
  while (line.charAt(end) === "`") end += 1;
  return end - start;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function* linesOf(text: string): Generator<Stretch> {
  const breaks = /\r\n|\r|\n/g;
  let start = 0;
  for (const found of text.matchAll(breaks)) {
    yield { start, end: found.index };
    start = found.index + found[0].length;
  }
  yield { start, end: text.length };
}
