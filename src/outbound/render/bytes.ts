// Owns how long a text is: in UTF-8 bytes, over JavaScript's UTF-16 text, and against a limit in characters besides.

/** What a part is measured with. The numbers are its own: bytes where there is no limit in characters. */
export interface Measure {
  /** What a part may come to. */
  readonly limit: number;
  /** What an ASCII character takes, the least of all. */
  readonly ascii: number;
  readonly length: (text: string, from?: number, to?: number) => number;
  /** The last offset up to `to` with at most `budget` before it, never inside a code point. */
  readonly offsetWithin: (text: string, from: number, to: number, budget: number) => number;
}

/**
 * A part is full when it has `maxBytes` bytes or `maxChars` UTF-16 units. Each code point takes the larger of
 * its shares in the two, so one number tells; only where scripts are mixed may a part end a little early.
 */
export function measureOf(maxBytes: number, maxChars: number = maxBytes): Measure {
  // No unit takes less than a byte.
  if (maxChars >= maxBytes) return { limit: maxBytes, ascii: 1, length: utf8Length, offsetWithin };
  const ascii = maxBytes;
  const weigh = (bytes: number, units: number): number =>
    Math.max(bytes * maxChars, units * maxBytes);
  const weightAt = (text: string, at: number): number => {
    return weigh(bytesAt(text, at), unitsAt(text, at));
  };
  return {
    limit: maxBytes * maxChars,
    ascii,
    length: (text, from = 0, to = text.length) => {
      let weight = 0;
      for (let at = from; at < to; at += unitsAt(text, at)) weight += weightAt(text, at);
      return weight;
    },
    offsetWithin: (text, from, to, budget) => {
      let left = budget;
      for (let at = from; at < to; at += unitsAt(text, at)) {
        left -= weightAt(text, at);
        if (left < 0) return at;
      }
      return to;
    },
  };
}

function unitsAt(text: string, at: number): 1 | 2 {
  return bytesAt(text, at) === 4 ? 2 : 1;
}

/** Bytes of the code point that begins there. */
function bytesAt(text: string, at: number): 1 | 2 | 3 | 4 {
  const code = text.charCodeAt(at);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return isHigh(code) && isLow(text.charCodeAt(at + 1)) ? 4 : 3;
}

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
