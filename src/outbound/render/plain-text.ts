// Owns what a line of Markdown says without its marks.
import { isAsciiPunctuation } from "./characters.ts";
import { inlineSpans } from "./inline.ts";

const ESCAPE = /\\([\s\S])/g;

/** Links keep their text, images their description, code its content. */
export function plainText(line: string): string {
  const spans = inlineSpans(line);
  const cuts = spans
    .flatMap(({ kind, start, end, textStart, textEnd }) => {
      const isCode = kind === "code";
      return [
        { from: start, to: textStart, isCode: false },
        { from: textEnd, to: end, isCode },
      ];
    })
    .sort((a, b) => a.from - b.from);
  let result = "";
  let at = 0;
  for (const { from, to, isCode } of cuts) {
    if (to <= at) continue;
    const piece = line.slice(at, from);
    result += isCode ? piece : unescape(piece);
    at = to;
  }
  return (result + unescape(line.slice(at))).trim();
}

function unescape(piece: string): string {
  return piece.replace(ESCAPE, (escape, char: string) =>
    isAsciiPunctuation(char) ? char : escape,
  );
}
