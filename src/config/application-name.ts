// Owns how names of applications are compared where somebody wrote one, and how they are shown to a person or an agent.
import { cutText } from "../gotify/cut-text.ts";
import { oneLine } from "../gotify/one-line.ts";

/** Whoever may make applications chooses their names. */
const SHOWN_CHARS = 80;

/** The same letters may be written in two ways, in any case, and with any space between. */
export function comparableName(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
}

/** On one line, and not at any length. */
export function shownName(name: string, maxChars: number = SHOWN_CHARS): string {
  return cutText(oneLine(name), maxChars);
}
