// Owns what an agent's Markdown may show and lead to: images from listed hosts alone, links to web, mail and telephone.
import { isAllowedImageUrl } from "../../config/images.ts";
import { cutText } from "../../gotify/cut-text.ts";
import { codeStretches } from "./markdown-code.ts";

/** Images written into the text as bytes, in the only types that both clients show. */
const INLINE_IMAGE = /!\[([^[\]\\`\r\n]*)\]\(\s*(data:[^\s()<>\\"'`]*)\s*\)/iy;
const SHOWN_INLINE = /^data:image\/(?:png|jpeg|gif);base64,[a-z0-9+/]+={0,2}$/i;
const IMAGE =
  /!\[([^[\]\\`\r\n]*)\]\([ \t]*(https?:\/\/[^\s()<>\\"'`]+)(?:[ \t]+"[^"\\`\r\n]*")?[ \t]*\)/iy;
const LINK = /\[([^[\]\\`<!\r\n]*)\]\(([^\s()<>\\`]+)\)/y;
const LINK_TARGET = /\]\([ \t\r\n]*<?([^ \t\r\n>)]{0,20})/y;
const DEFINITION_TARGET = /\]:[ \t\r\n>]*<?([^ \t\r\n]{0,300})/y;
const REST_OF_WORD = /[^ \t\r\n]*/y;
const AUTOLINK = /<([a-z][a-z0-9+.-]{1,31}:[^ \t\r\n<>]*)>/iy;
const FOOTNOTE_LABEL = /\[\^[^\]\s]{0,100}\]:/g;
const AUTOLINK_BEGINNING = /<([a-z][a-z0-9+.-]{1,31}):/iy;

/** Also what is not opened by a tap as it is written, because the app in between could read it otherwise. */
const ALLOWED_TARGET = /^(?:https?:\/\/|mailto:|tel:)/i;
const MAX_LABEL_CHARS = 1_000;
const MAX_SHOWN_CHARS = 200;
/** Nothing of what is looked for can be in a text without one of these. */
const HAS_LINKS = /!\[|\]\(|\]:|<[a-z]/i;

/** Where a change, or a backslash, can begin. */
const NEXT_MARK = /[![\]<\\]/g;

const UNSHOWN_IMAGE = "(an image that cannot be shown)";

/** Images that stand in the text as bytes, taken out of it: they must not be split with it. */
export function takeInlineImages(text: string): { text: string; images: readonly string[] } {
  if (!text.includes("![") || !/data:/i.test(text)) return { text, images: [] };
  const images: string[] = [];
  const left = rewrite(text, (source, at) => {
    const found = matchAt(INLINE_IMAGE, source, at);
    if (found === undefined) return undefined;
    const [whole, name = "", url = ""] = found;
    if (!SHOWN_INLINE.test(url)) return undefined;
    images.push(`![${name}](${url})`);
    return { length: whole.length, replacement: "" };
  });
  return { text: left, images };
}

/**
 * An agent may have been talked into what it writes. An image is loaded without a tap: its address can
 * carry out what the agent knows, so one from a host that is not listed becomes a link. A link with a
 * scheme of its own starts other apps on the phone, so it becomes text. Code stays as it is.
 *
 * Safe to be applied again to what it returns, in whole or in pieces.
 */
export function guardMarkdown(text: string, imageHosts: readonly string[]): string {
  if (!HAS_LINKS.test(text)) return text;
  return rewrite(text, (source, at, before) => {
    switch (source.charAt(at)) {
      case "!":
        return image(source, at, before, imageHosts);
      case "[":
        return link(source, at);
      case "]":
        return complexLink(source, at) ?? definition(source, at);
      case "<":
        return autolink(source, at, before);
      default:
        return undefined;
    }
  });
}

interface Change {
  /** Characters of the source that are replaced. */
  readonly length: number;
  readonly replacement: string;
}

function image(
  source: string,
  at: number,
  before: string,
  imageHosts: readonly string[],
): Change | undefined {
  if (source.charAt(at + 1) !== "[") return undefined;
  const inline = matchAt(INLINE_IMAGE, source, at);
  if (inline !== undefined) {
    const [whole, name = "", url = ""] = inline;
    const note = name.trim() === "" ? UNSHOWN_IMAGE : `${name.trim()} ${UNSHOWN_IMAGE}`;
    return { length: whole.length, replacement: SHOWN_INLINE.test(url) ? whole : note };
  }
  // A mark of exclamation right before would make an image of the link again.
  const gap = before.endsWith("!") ? " " : "";
  const [whole, name = "", url = ""] = matchAt(IMAGE, source, at) ?? [];
  if (whole !== undefined) {
    if (isAllowedImageUrl(url, imageHosts)) return { length: whole.length, replacement: whole };
    const shown = name.trim() === "" ? `<${url}>` : `[${name}](${url})`;
    return { length: whole.length, replacement: gap + shown };
  }
  // Whatever image it is, without its mark it is a link, and is looked at as one next.
  return source.startsWith("![]", at)
    ? { length: 2, replacement: `${gap}[image` }
    : { length: 1, replacement: gap };
}

function link(source: string, at: number): Change | undefined {
  const [whole, label = "", target = ""] = matchAt(LINK, source, at) ?? [];
  if (whole === undefined || ALLOWED_TARGET.test(target)) return undefined;
  return { length: whole.length, replacement: `${label} (${shownTarget(target)})` };
}

/** What is no simple link, but could be one to one of the parsers: it stays as it is, and leads nowhere. */
function complexLink(source: string, at: number): Change | undefined {
  const [whole, target = ""] = matchAt(LINK_TARGET, source, at) ?? [];
  if (whole === undefined || ALLOWED_TARGET.test(target)) return undefined;
  const isEmpty = target === "" && source.charAt(at + whole.length) === ")";
  if (isEmpty) return undefined;
  return { length: 2, replacement: "]\\(" };
}

/** `[label]: address`, to which any `[label]` of the text would lead. */
function definition(source: string, at: number): Change | undefined {
  const [whole, target = ""] = matchAt(DEFINITION_TARGET, source, at) ?? [];
  if (whole === undefined || ALLOWED_TARGET.test(target)) return undefined;
  // Without any of these there is no scheme in it: a footnote, or a plain path.
  if (!/:\S|[&\\]/.test(target) || !isDefinition(source, at)) return undefined;
  if (!/^data:/i.test(target)) return { length: 2, replacement: "]\\:" };
  const rest = matchAt(REST_OF_WORD, source, at + whole.length)?.[0] ?? "";
  return { length: whole.length + rest.length, replacement: `]\\: ${UNSHOWN_IMAGE}` };
}

/** True when nothing but marks of quotes, lists and footnotes stands before the label on its line. */
function isDefinition(source: string, labelEnd: number): boolean {
  const from = Math.max(0, labelEnd - MAX_LABEL_CHARS);
  const before = source.slice(from, labelEnd);
  let start = before.lastIndexOf("[");
  while (start > 0 && isEscaped(before, start)) start = before.lastIndexOf("[", start - 1);
  if (start === -1) return false;
  const labelStart = from + start;
  const lineBefore = source.slice(Math.max(0, labelStart - MAX_LABEL_CHARS), labelStart);
  const marks = lineBefore
    .slice(Math.max(lineBefore.lastIndexOf("\n"), lineBefore.lastIndexOf("\r")) + 1)
    .replaceAll(FOOTNOTE_LABEL, "");
  return /^[ \t>*+\-\d.)!]*$/.test(marks);
}

function isEscaped(source: string, at: number): boolean {
  let backslashes = 0;
  while (source.charAt(at - 1 - backslashes) === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

function autolink(source: string, at: number, before: string): Change | undefined {
  const [whole, target = ""] = matchAt(AUTOLINK, source, at) ?? [];
  if (whole === undefined) return openAutolink(source, at);
  if (ALLOWED_TARGET.test(target)) return undefined;
  // Code right behind or before code would join it, and an escaped backtick would open some further on.
  const isCrowded = /[`\\]/.test(before) || source.charAt(at + whole.length) === "`";
  const shown = shownTarget(target);
  return { length: whole.length, replacement: isCrowded ? ` ${shown} ` : shown };
}

/** One without an end, to which what is changed behind it could give one. */
function openAutolink(source: string, at: number): Change | undefined {
  const [, scheme] = matchAt(AUTOLINK_BEGINNING, source, at) ?? [];
  const isAllowed = scheme === undefined || /^(?:https?|mailto|tel)$/i.test(scheme);
  return isAllowed ? undefined : { length: 1, replacement: "&lt;" };
}

function shownTarget(target: string): string {
  if (/^data:/i.test(target)) return "data";
  return `\`${cutText(target, MAX_SHOWN_CHARS).replaceAll("`", "'")}\``;
}

/** Walks over what is not code and not escaped, and puts in what `change` answers. */
function rewrite(
  text: string,
  change: (source: string, at: number, before: string) => Change | undefined,
): string {
  const stretches = codeStretches(text)[Symbol.iterator]();
  let code = stretches.next();
  let written = "";
  let at = 0;
  while (at < text.length) {
    while (code.done !== true && code.value.end <= at) code = stretches.next();
    if (code.done !== true && code.value.start <= at) {
      written += text.slice(at, code.value.end);
      at = code.value.end;
      continue;
    }
    // In a bare address a backslash is part of it, and `<` and `](` behind it end the address.
    if (text.charAt(at) === "\\") {
      const isSkipped = /^[^<\]]?$/.test(text.charAt(at + 1));
      written += text.slice(at, at + (isSkipped ? 2 : 1));
      at += isSkipped ? 2 : 1;
      continue;
    }
    const found = change(text, at, written.slice(-1));
    if (found === undefined) {
      // At once up to where something can be again: most of a text is just text.
      NEXT_MARK.lastIndex = at + 1;
      const mark = NEXT_MARK.exec(text)?.index ?? text.length;
      const next = code.done === true ? mark : Math.min(mark, code.value.start);
      written += text.slice(at, next);
      at = next;
    } else {
      written += found.replacement;
      at += found.length;
    }
  }
  return written;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
