// Owns arithmetic in UTF-8 bytes over JavaScript's UTF-16 text.

/** Bytes that `text` takes between two offsets; a lone surrogate counts as the three of U+FFFD. */
export function utf8Length(text: string, from = 0, to = text.length): number {
  let bytes = to - from;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    // Both halves of a pair count two each.
    bytes += code < 0x800 || isPairedSurrogate(text, at, code) ? 1 : 2;
  }
  return bytes;
}

/** The last offset up to `to` with at most `budget` bytes before it, never inside a code point. */
export function offsetWithin(text: string, from: number, to: number, budget: number): number {
  let left = budget;
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code < 0x80) left -= 1;
    else if (code < 0x800) left -= 2;
    else left -= isPairedSurrogate(text, at, code) ? 4 : 3;
    if (left < 0) return at;
    at += code >= 0xd800 && isPairedSurrogate(text, at, code) ? 2 : 1;
  }
  return at;
}

function isPairedSurrogate(text: string, at: number, code: number): boolean {
  if (code >= 0xd800 && code < 0xdc00) return isLow(text.charCodeAt(at + 1));
  return isLow(code) && at > 0 && isHigh(text.charCodeAt(at - 1));
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
