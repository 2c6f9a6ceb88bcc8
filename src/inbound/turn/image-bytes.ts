// Owns how large an image for the agent may be, and the bytes of one that a message carries itself.

/** Larger ones stay links, where nothing else is configured. */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;

const BASE64_BYTES_PER_CHAR = 3 / 4;

/** The bytes of a `data:` address in base64; `undefined` when they are too many or no such thing. */
export function dataBytes(url: string, maxBytes: number = MAX_IMAGE_BYTES): Buffer | undefined {
  const comma = url.indexOf(",");
  // Looked at before it is decoded: the size is known from the length.
  const isUsable =
    /^data:image\/[a-z0-9.+-]+(?:;[a-z0-9=.-]+)*;base64$/i.test(url.slice(0, Math.max(0, comma))) &&
    (url.length - comma) * BASE64_BYTES_PER_CHAR <= maxBytes + 3;
  if (!isUsable) return undefined;
  const bytes = Buffer.from(url.slice(comma + 1), "base64");
  return bytes.length > 0 && bytes.length <= maxBytes ? bytes : undefined;
}
