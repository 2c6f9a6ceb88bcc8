// Owns which bytes are an image for the agent: told by their first bytes, never by what the sender calls them.

/** Larger ones stay links. */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;

const BASE64_BYTES_PER_CHAR = 3 / 4;

/** The bytes of a `data:` address in base64; `undefined` when they are too many or no such thing. */
export function dataBytes(url: string): Buffer | undefined {
  const comma = url.indexOf(",");
  // Looked at before it is decoded: the size is known from the length.
  const isUsable =
    /^data:image\/[a-z0-9.+-]+(?:;[a-z0-9=.-]+)*;base64$/i.test(url.slice(0, Math.max(0, comma))) &&
    (url.length - comma) * BASE64_BYTES_PER_CHAR <= MAX_IMAGE_BYTES + 3;
  if (!isUsable) return undefined;
  const bytes = Buffer.from(url.slice(comma + 1), "base64");
  return bytes.length > 0 && bytes.length <= MAX_IMAGE_BYTES ? bytes : undefined;
}

/** PNG, JPEG, GIF or WebP; `undefined` for everything else, SVG above all, which is a program. */
export function imageType(bytes: Uint8Array): string | undefined {
  const starts = (text: string, at = 0): boolean =>
    bytes.length >= at + text.length &&
    Buffer.from(bytes.buffer, bytes.byteOffset + at, text.length).toString("latin1") === text;
  if (starts("\u0089PNG\r\n\u001a\n")) return "image/png";
  if (starts("\u00ff\u00d8\u00ff")) return "image/jpeg";
  if (starts("GIF87a") || starts("GIF89a")) return "image/gif";
  if (starts("RIFF") && starts("WEBP", 8)) return "image/webp";
  return undefined;
}
