// Owns the heading that a text begins with, as the title of a message.
import { scanBlocks } from "./blocks.ts";
import { plainText } from "./plain-text.ts";

/** A longer one is a paragraph by mistake. */
const MAX_HEADING_CHARS = 200;

export interface Headed {
  /** Plain text. */
  readonly heading: string | undefined;
  /** What is left of the text, never blank where the text is not. */
  readonly body: string;
}

/** A heading with nothing below it stays where it is: a message needs a text. */
export function takeHeading(text: string): Headed {
  const unix = text.replaceAll("\r\n", "\n");
  const start = unix.search(/\S/);
  // Only the beginning is looked at, however long the text is.
  const opening = unix.slice(0, start + 2 * MAX_HEADING_CHARS);
  const lines = scanBlocks(opening).filter(({ kind }) => kind !== "blank");
  const [first, second] = lines;
  const untouched = { heading: undefined, body: text };
  if (first === undefined || first.containers.length > 0) return untouched;
  const isUnderlined = first.kind === "text" && second?.kind === "underline";
  if (first.kind !== "heading" && !isUnderlined) return untouched;
  const end = isUnderlined ? second.next : first.next;
  const content = unix.slice(first.content, first.end);
  const heading = plainText(
    isUnderlined ? content : content.replace(/^#{1,6}/, "").replace(/[ \t]#+[ \t]*$/, ""),
  );
  const rest = unix.slice(end);
  const body = rest.slice(rest.lastIndexOf("\n", rest.search(/\S/)) + 1);
  if (end >= opening.length && end < unix.length) return untouched;
  if (heading === "" || heading.length > MAX_HEADING_CHARS || body.trim() === "") return untouched;
  return { heading, body };
}
