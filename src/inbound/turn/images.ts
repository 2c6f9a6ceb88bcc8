// Owns which images a message carries, and what stands in the text in place of their bytes.
import type { GotifyMessage } from "../../gotify/message.ts";
import { asObject, asString } from "../../gotify/parse.ts";

/** An image that a message shows; not looked at yet. */
export interface ImageReference {
  /** `data:` or `http(s):`. */
  readonly url: string;
  /** What the sender calls it; may be empty. */
  readonly name: string;
}

/**
 * `![name](address)`. Every part is bounded or cannot match its own beginning again, so that no text makes
 * the search slow.
 */
const MARKDOWN_IMAGE =
  /!\[([^\]\n]{0,300})\]\(\s{0,8}(data:[a-z0-9+/=;:,.-]+|https?:\/\/[^\s)]{1,2048})(?:\s{1,8}"[^"\n]{0,300}")?\s{0,8}\)/gi;

/** Bytes in base64 outside of an image: nothing a model can read. */
const DATA_BLOB =
  /data:[a-z]{1,20}\/[a-z0-9.+-]{1,80}(?:;[a-z0-9=.-]{1,80}){0,3};base64,[a-z0-9+/=]{64,}/gi;

const BYTES_PER_KB = 1024;

/** The images a message shows in its text, in order. */
function imagesInText(text: string): ImageReference[] {
  if (!text.includes("![")) return [];
  return [...text.matchAll(MARKDOWN_IMAGE)].map(([, name = "", url = ""]) => ({ url, name }));
}

/** The images of a message: those in its text, and the one its push notification shows. */
export function imagesOf(message: GotifyMessage): ImageReference[] {
  const found = imagesInText(message.message);
  const big = asString(asObject(message.extras["client::notification"])?.["bigImageUrl"]);
  const isNew = big !== undefined && found.every(({ url }) => url !== big);
  return isNew ? [...found, { url: big, name: "" }] : found;
}

/**
 * The text as the agent shall read it: bytes are replaced by a few words, an image that is shown to the
 * agent by its number, and any other stays the link it was.
 */
export function withoutImageBytes(
  text: string,
  numberOf: (image: ImageReference) => number | undefined = () => undefined,
): string {
  if (!text.includes("data:") && !text.includes("![")) return text;
  return text
    .replaceAll(MARKDOWN_IMAGE, (link: string, name: string, url: string) => {
      const number = numberOf({ url, name });
      const isData = /^data:/i.test(url);
      if (number === undefined) return isData ? leftOut(name, url) : link;
      const label = name === "" ? `[image ${number}]` : `[image ${number}: ${name}]`;
      return isData ? label : `${label}(${url})`;
    })
    .replaceAll(DATA_BLOB, (blob) => leftOut("", blob));
}

function leftOut(name: string, url: string): string {
  const size = Math.ceil((url.length * 3) / 4 / BYTES_PER_KB);
  return `[image${name === "" ? "" : ` "${name}"`} left out, about ${size} kB]`;
}
