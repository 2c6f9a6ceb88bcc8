// Owns the end of a message to whoever named something that is not there: what there is instead.

/** What still reads as one line. */
const MAX_NAMED = 10;

/** @param plural what they are, e.g. `applications`. @param things each as it can be named. */
export function whatThereIs(plural: string, things: readonly string[]): string {
  if (things.length === 0) return `There are no ${plural}.`;
  const more = things.length - MAX_NAMED;
  return `There are: ${things.slice(0, MAX_NAMED).join(", ")}${more > 0 ? `, and ${more} more` : ""}.`;
}
