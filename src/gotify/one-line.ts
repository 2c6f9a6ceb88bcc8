// Owns putting a text that somebody else wrote on one line, without what could steer a terminal.

/** Control and formatting characters. The joiner stays: it holds emoji together. */
const INVISIBLE = /(?!\u200d)[\s\p{C}]+/gu;

/** Whoever may post chooses titles and texts: no line breaks, and nothing that moves the cursor or turns letters round. */
export function oneLine(text: string): string {
  return text.replace(INVISIBLE, " ").trim();
}
