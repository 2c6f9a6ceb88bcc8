// Owns what stands in a message for a file: a name that gives no path away, and an address that no Markdown parser misreads.
import path from "node:path";

const MAX_NAME_CHARS = 60;
const NAME_END_CHARS = 19;

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Names the host gives to its copies; nothing a person knows the file by. */
const COPY_NAME = new RegExp(`^${UUID}(?:\\.[a-z0-9]+)?$`, "i");
/** What the host's media store adds to a name to make it unique. */
const COPY_SUFFIX = new RegExp(`---${UUID}(?=\\.[^.]*$|$)`, "i");

/** All that means nothing in Markdown. An underscore means something unless it joins two words. */
const UNSAFE_IN_NAME = /[^\p{L}\p{N}\p{M} ._(),+=-]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** The last part of a path or address, fit to stand in Markdown; `undefined` when it says nothing. */
export function fileName(pathOrPathname: string): string | undefined {
  // The rules of Windows know both kinds of slash, and the host may have written either.
  const base = path.win32.basename(pathOrPathname.trim()).replace(COPY_SUFFIX, "");
  if (COPY_NAME.test(base)) return undefined;
  const chars = Array.from(base.replaceAll(UNSAFE_IN_NAME, "-").trim());
  if (!chars.some((char) => /[\p{L}\p{N}]/u.test(char))) return undefined;
  if (chars.length <= MAX_NAME_CHARS) return chars.join("");
  const start = chars.slice(0, MAX_NAME_CHARS - NAME_END_CHARS - 1);
  return [...start, "…", ...chars.slice(-NAME_END_CHARS)].join("");
}

/** The name of a file on the web. */
export function webFileName(url: URL): string | undefined {
  return fileName(decoded(url.pathname));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The address as it can stand in `<…>` and in `![…](…)`. URL has already encoded blanks, line breaks and
 * pointed brackets of a path; a query keeps characters that end a link, and may spell an HTML entity.
 */
export function markdownAddress(url: URL): string {
  return url.href
    .replaceAll(/[\\()<>`|\s]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll(/(&#?[a-z0-9]+);/gi, "$1%3B");
}
