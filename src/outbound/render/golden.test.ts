import { expect, test } from "vitest";
import { TYPICAL_REPLIES } from "../../../test/rendered/replies.ts";
import { renderText } from "./index.ts";

test.each(TYPICAL_REPLIES)("renders: $name", async ({ name, text, options }) => {
  const parts = renderText(text, { maxBytes: 3_500, ...options });
  // Blanks at the end of a line break it: an asterisk would not be seen in a diff, this is.
  const shown = parts
    .map(({ message, contentType }) => `== ${contentType}\n${message.replace(/ +$/gm, visible)}\n`)
    .join("\n");
  const file = `../../../test/rendered/golden/${name.replaceAll(" ", "-")}.txt`;
  await expect(shown).toMatchFileSnapshot(file);
});

function visible(blanks: string): string {
  return "·".repeat(blanks.length);
}
