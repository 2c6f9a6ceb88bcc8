// Owns the inside of a paragraph as Gotify's clients need it: line breaks, addresses, tags.
import { inlineSpans, type Span } from "./inline.ts";
import { asLink, HARD_BREAK } from "./plain.ts";
import { findUrl } from "./urls.ts";

const HINT = /[<`[\\]|https?:\/\/|www\./i;
const MARK = /\\[\s\S]|<br\s*\/?>[ \t]*\n?|\n|<(?=[a-z/!?])/gi;

/**
 * A paragraph, from its first line's content to its last one's end, margins of the lines between included.
 *
 * Both clients make a blank of a line break within a paragraph. A tag is dropped by Android and shown
 * by the web UI; escaped, it reads as written in both. `lineBreak` gives what stands for `<br>`.
 */
export function renderInline(content: string, lineBreak: () => string): string {
  if (!HINT.test(content)) {
    return content.includes("\n") ? renderMarks(content, lineBreak) : content;
  }
  const spans = inlineSpans(content).filter(isClosed);
  const parts: string[] = [];
  let url = findUrl(content, 0);
  let next = 0;
  let at = 0;
  while (at < content.length) {
    while ((spans[next]?.start ?? Infinity) < at) next += 1;
    if (url !== undefined && url.start < at) url = findUrl(content, at);
    const spanStart = spans[next]?.start ?? content.length;
    const urlStart = url?.start ?? content.length;
    const stop = Math.min(spanStart, urlStart);
    parts.push(renderMarks(content.slice(at, stop), lineBreak));
    at = stop;
    const span = spans[next];
    if (span !== undefined && spanStart === stop) {
      at = span.end;
      parts.push(content.slice(stop, at));
    } else if (url !== undefined && urlStart === stop) {
      at = Math.min(url.end, spanStart);
      const shown = content.slice(stop, at);
      const href = url.href.slice(0, url.href.length - (url.end - at));
      // In front of a link that is not `<…>`, an exclamation mark would make an image of it.
      parts.push(content[stop - 1] === "!" && href !== shown ? shown : asLink(shown, href));
    }
  }
  return parts.join("");
}

/** What is inside of these is left alone. */
function isClosed({ kind }: Span): boolean {
  return kind === "code" || kind === "link" || kind === "image" || kind === "autolink";
}

/** Escapes are passed; a backslash at the end of a line breaks it already. */
function renderMarks(run: string, lineBreak: () => string): string {
  return run.replace(MARK, (found, at: number) => {
    if (found.startsWith("\\")) return found;
    if (found === "<") return "\\<";
    if (found !== "\n") return found.endsWith("\n") ? `${HARD_BREAK}\n` : lineBreak();
    const blanks = run[at - 1] !== " " ? HARD_BREAK : run[at - 2] !== " " ? " " : "";
    return `${blanks}\n`;
  });
}
