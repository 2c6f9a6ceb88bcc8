// Owns the beginning of a text that is too long to be shown whole, never cut through the middle of a character.

/** At most so many UTF-16 units from the start; half of a pair at the end is left out. */
export function firstChars(text: string, maxChars: number): string {
  return text.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, "");
}

/** The text, or its beginning with an ellipsis behind it. */
export function cutText(text: string, maxChars: number): string {
  return text.length > maxChars ? `${firstChars(text, maxChars)}…` : text;
}
