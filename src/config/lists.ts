// Owns reading lists of words from the configuration: ids may be written as numbers.

/** Trimmed, without what is empty or no word. */
export function readList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const entries: unknown[] = value;
  return entries
    .filter((entry) => typeof entry === "string" || typeof entry === "number")
    .map((entry) => String(entry).trim())
    .filter((entry) => entry !== "");
}
