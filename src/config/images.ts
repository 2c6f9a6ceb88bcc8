// Owns two questions about images that both ways ask: what the bytes are, and whether the operator allows the address.

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

/**
 * True when the operator allows the address: its host and port exactly as listed. A host without a port
 * means the usual ones, so that a sender cannot try others.
 */
export function isAllowedImageUrl(url: string, hosts: readonly string[]): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return (
    parsed !== undefined &&
    (parsed.protocol === "https:" || parsed.protocol === "http:") &&
    parsed.username === "" &&
    parsed.password === "" &&
    hosts.includes(parsed.host)
  );
}
