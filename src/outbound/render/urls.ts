// Owns finding web addresses that stand bare in a text.
import { isAsciiLetter, isDigit } from "./characters.ts";

export interface BareUrl {
  readonly start: number;
  readonly end: number;
  /** What it opens: `http://` is added to one that begins with `www.`. */
  readonly href: string;
}

const START = /https?:\/\/|www\./gi;
/** Characters that no address has, whatever its language; what stands behind `|` is the next cell of a table. */
const STOP = /[\s<>"`\\|\p{Cc}]/u;
const FOREIGN_PUNCTUATION = /[\p{P}\p{S}\p{Z}]/u;
const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const TRAILING = new Set("?!.,:;*_~'\"([{");
const COMPLETE_HOST = /\.[a-z]{2,}(?::\d+)?$/i;

/** The first bare address of a line at or behind an offset. */
export function findUrl(line: string, from: number): BareUrl | undefined {
  START.lastIndex = from;
  for (let match = START.exec(line); match !== null; match = START.exec(line)) {
    const start = match.index;
    const host = start + match[0].length;
    const isWww = !match[0].includes(":");
    if (!isAsciiLetter(line[start - 1]) && isHostStart(line[host], isWww)) {
      const url = line.slice(start, urlEnd(line, host));
      if (!isWww || url.includes(".", match[0].length)) {
        return { start, end: start + url.length, href: isWww ? `http://${url}` : url };
      }
    }
    START.lastIndex = host;
  }
  return undefined;
}

function isHostStart(char: string | undefined, isWww: boolean): boolean {
  if (char === undefined) return false;
  if (char === "[") return !isWww;
  return isAsciiLetter(char) || isDigit(char) || char >= "\x80";
}

function urlEnd(text: string, from: number): number {
  const depth: Record<string, number> = { "(": 0, "[": 0, "{": 0 };
  let inHost = true;
  let end = from;
  for (; end < text.length; end += 1) {
    const char = text[end] ?? "";
    if (char < "\x80") {
      if (STOP.test(char)) break;
      if (char === "/" || char === "?" || char === "#") inHost = false;
      const opener = CLOSERS[char];
      if (depth[char] !== undefined) depth[char] += 1;
      // "(see https://example.com)": the bracket was opened before the address.
      if (opener !== undefined) {
        if (depth[opener] === 0) break;
        depth[opener] = (depth[opener] ?? 0) - 1;
      }
    } else {
      if (FOREIGN_PUNCTUATION.test(char)) break;
      // Chinese goes on without a blank behind "https://example.com".
      if (inHost && COMPLETE_HOST.test(text.slice(Math.max(from, end - 64), end))) break;
    }
  }
  while (end > from && TRAILING.has(text[end - 1] ?? "")) end -= 1;
  return end;
}
