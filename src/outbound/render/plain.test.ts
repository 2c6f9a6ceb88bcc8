import * as fc from "fast-check";
import { expect, test } from "vitest";
import { shownText, webUiHtml } from "../../../test/rendered/web-ui.ts";
import { plainAsMarkdown } from "./plain.ts";

function shown(text: string): string {
  return shownText(webUiHtml({ message: plainAsMarkdown(text), contentType: "text/markdown" }));
}

/** Lines as a reader tells them apart: blank ones and the width of blanks aside. */
function readable(text: string): string[] {
  return text
    .split("\n")
    .map((line) =>
      line
        .replaceAll("\t", "    ")
        .replace(/(\S)\s+(?=\S)/g, "$1 ")
        .replaceAll("\u00A0", " ")
        .trimEnd(),
    )
    .filter((line) => line !== "");
}

test.each([
  "some_name_here and *args, **kwargs, a*b*c",
  "__init__.py calls _x_ and ~/a ~~b~~",
  "# comment\n#tag\n## more",
  "- one\n+ two\n* three\n1. four\n2) five",
  "> quote\n>> more\n--- \n===\n***\n___",
  "a `b` ``c`` ```\n```\nd\n~~~\ne",
  "[a](b) ![c](d) [e]: f\n[g]: h\n[^1]: i",
  "<b>x</b> <!-- y --> </z> a < b && c > d &amp; &#65; &nbsp;",
  "C:\\dir\\file\\\nnext \\* line\\",
  "    four\n\tTab\n  two",
  "title\n-----\n====",
  "| a | b |\nno table",
])("%j reads as it was written", (text) => {
  const withUrl = `${text}\nhttps://example.com/a_b`;
  expect(readable(shown(withUrl))).toEqual(readable(withUrl));
});

test("whatever the text is, it reads as it was written", () => {
  const token = fc.constantFrom(
    ..."*_`~#>-+=|[]()<>!&\\:.1 \n\t".split(""),
    "**",
    "__",
    "```",
    "word",
    "a_b",
    "](",
    "<b>",
    "&amp;",
    "1. ",
    "- ",
    "# ",
    "---",
    "\n\n",
    "    ",
    "https://example.com/a_b?c=*d*",
    "<https://x.org>",
    "(https://y.org/(z))",
    "www.example.org",
    "你好",
    "😀",
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
      const text = tokens.join("");
      expect(readable(shown(text))).toEqual(
        readable(text.replaceAll(/<((?:https?:\/\/|www\.)[^\s<>\\]*)>/g, "$1")),
      );
    }),
    { numRuns: 1_000 },
  );
});
