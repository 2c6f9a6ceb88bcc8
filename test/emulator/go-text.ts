// Owns how Go, in which the server is written, looks at texts where JavaScript differs: blanks, quotes, equal names.

/** What Go calls white space. JavaScript has U+FEFF in the place of U+0085. */
const BLANKS = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+`;
const OUTER_BLANKS = new RegExp(`^${BLANKS}|${BLANKS}$`, "g");

export function trimBlanks(text: string): string {
  return text.replace(OUTER_BLANKS, "");
}

const NAMED: Readonly<Record<string, string>> = {
  "\u0007": String.raw`\a`,
  "\b": String.raw`\b`,
  "\t": String.raw`\t`,
  "\n": String.raw`\n`,
  "\v": String.raw`\v`,
  "\f": String.raw`\f`,
  "\r": String.raw`\r`,
  '"': String.raw`\"`,
  "\\": "\\\\",
};

/** What is neither a letter, a mark, a number, a punctuation, a symbol nor an ASCII blank is shown by its number. */
export function quoteText(text: string): string {
  const shown = text.replace(/["\\]|(?! )[\p{C}\p{Z}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x80) return NAMED[char] ?? String.raw`\x${hex.padStart(2, "0")}`;
    return code < 0x1_00_00
      ? String.raw`\u${hex.padStart(4, "0")}`
      : String.raw`\U${hex.padStart(8, "0")}`;
  });
  return `"${shown}"`;
}

/** Names that differ in case only are the same, and so is the long s. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll("\u017f", "s");
}
