// Owns the classes of characters that decide what Markdown sees in a text.

const ASCII_PUNCTUATION = new Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
const PUNCTUATION = /[\p{P}\p{S}]/u;
const WHITESPACE = /\s/u;

/** A space or a tab: what separates within a line. */
export function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

export function isAsciiPunctuation(char: string | undefined): boolean {
  return char !== undefined && ASCII_PUNCTUATION.has(char);
}

export function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

export function isAsciiLetter(char: string | undefined): boolean {
  return char !== undefined && ((char >= "a" && char <= "z") || (char >= "A" && char <= "Z"));
}

export function isAsciiWord(char: string | undefined): boolean {
  return isAsciiLetter(char) || isDigit(char);
}

function isWhitespace(char: string | undefined): boolean {
  return char === undefined || char === "" || WHITESPACE.test(char);
}

export function isPunctuation(char: string | undefined): boolean {
  if (char === undefined) return false;
  return char < "\x80" ? ASCII_PUNCTUATION.has(char) : PUNCTUATION.test(char);
}

/**
 * Whether a run of `*`, `_` or `~` may open or close emphasis, by what stands beside it
 * (CommonMark 6.2: left- and right-flanking).
 */
export function flanks(
  delimiter: string,
  before: string | undefined,
  after: string | undefined,
): { readonly opens: boolean; readonly closes: boolean } {
  const spaceBefore = isWhitespace(before);
  const spaceAfter = isWhitespace(after);
  const signBefore = isPunctuation(before);
  const signAfter = isPunctuation(after);
  // The web UI's parser does not look at the kind of what stands behind another delimiter.
  const left = !spaceAfter && (!signAfter || spaceBefore || signBefore || isDelimiter(after));
  const right = !spaceBefore && (!signBefore || spaceAfter || signAfter || isDelimiter(before));
  if (delimiter !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || signBefore), closes: right && (!left || signAfter) };
}

function isDelimiter(char: string | undefined): boolean {
  return char === "*" || char === "_" || char === "~";
}
