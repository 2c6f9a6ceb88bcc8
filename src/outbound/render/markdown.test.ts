import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shownText, webUiHtml } from "../../../test/rendered/web-ui.ts";
import { scanBlocks } from "./blocks.ts";
import { clientMarkdown } from "./markdown.ts";

function render(text: string): string {
  return clientMarkdown(text, scanBlocks(text), "off");
}

function html(text: string): string {
  return webUiHtml({ message: text, contentType: "text/markdown" });
}

describe("a line break", () => {
  test.each([
    ["in a paragraph", "one\ntwo\nthree\n\nfour", "one  \ntwo  \nthree\n\nfour"],
    [
      "in a list item, and in a lazy line",
      "- one\n  two\n- three\nfour",
      "- one  \n  two\n- three  \nfour",
    ],
    ["in a quote", "> one\n> two\n\nthree", "> one  \n> two\n\nthree"],
    ["in front of a list that begins at once", "one\n- two", "one\n- two"],
    ["in front of what looks like a number", "built in\n2026. Then", "built in  \n2026. Then"],
    ["around a lazy line of a quote", "> one\ntwo\n> three", "> one  \ntwo  \n> three"],
    ["that is marked already", "one  \ntwo\\\nthree", "one  \ntwo\\\nthree"],
    ["behind an escaped backslash", "one\\\\\ntwo", "one\\\\  \ntwo"],
    ["under a heading", "# one\ntwo\n===", "# one\ntwo\n==="],
    ["written as a tag", "one<br>two<br/>\nthree", "one  \ntwo  \nthree"],
  ])("%s", (_, text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test.each([
    ["a fence", "```\na\nb <x> https://example.com\n```"],
    ["a fence in a list", "1. x\n\n   ~~~ts\n   a\n   b\n   ~~~"],
    ["indented code", "x\n\n    a\n    b"],
    ["code below an item with nothing in it", "*\n\n     https://example.com\n     a"],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"],
    ["definitions", "[a]: https://example.com\n[b]: https://example.com"],
  ])("changes nothing in %s", (_, text) => {
    expect(render(text)).toBe(text);
  });
});

describe("an address", () => {
  test.each([
    ["bare", "see https://example.com/a_b.", "see <https://example.com/a_b>."],
    ["in bold", "**https://example.com**", "**<https://example.com>**"],
    ["in brackets", "(http://example.com/(x))", "(<http://example.com/(x)>)"],
    ["of an IPv6 host", "http://[::1]:8080/x", "<http://[::1]:8080/x>"],
    [
      "without a scheme",
      "www.example.com/x_y",
      "[www.example.com/x\\_y](<http://www.example.com/x_y>)",
    ],
    ["in front of Chinese", "在https://example.com查看", "在<https://example.com>查看"],
    ["with an umlaut", "https://de.example/Köln, ja", "<https://de.example/Köln>, ja"],
    ["with a port in front of a colon", "http://nas:8080: down", "<http://nas:8080>: down"],
    ["in a heading", "# https://example.com", "# <https://example.com>"],
  ])("%s can be tapped", (_, text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test.each([
    '[text](https://example.com/a_(b) "title")',
    "![alt](https://example.com/a.png)",
    "[https://example.com](https://example.com)",
    "[![alt](https://example.com/a.png)](https://example.com)",
    "<https://example.com>",
    "`https://example.com`",
    "``a ` https://example.com``",
    "xhttps://example.com",
    "https://",
  ])("stays as it is in %j", (text) => {
    expect(render(text)).toBe(text);
  });

  test.each([
    "[a\nb](https://example.com)",
    "`a\nhttps://example.com <b>`",
    "> [a\n> b](https://example.com)",
  ])("stays as it is in what goes on in the next line: %j", (text) => {
    expect(render(text)).toBe(text);
  });
});

test("a tag reads as it was written, where Android would drop it", () => {
  expect(render("use <name> or `<name>`, 1 < 2, \\<kept>")).toBe(
    "use \\<name> or `<name>`, 1 < 2, \\<kept>",
  );
});

test("a fence that nothing closes is closed", () => {
  expect(render("```js\nlet a")).toBe("```js\nlet a\n```");
  expect(render("> ~~~\n> a\n\nb")).toBe("> ~~~\n> a\n> ~~~\n\nb");
});

test("an opening line too long to be repeated is text for everybody", () => {
  const text = `\`\`\` ${"x".repeat(120)}\ny`;
  expect(html(render(text))).not.toContain("<code");
  expect(html(render(`a\n${text}`))).not.toContain("<code");
});

test("whatever the text is, it says the same as before", () => {
  const token = fc.constantFrom(
    ..."*_`~#>-+=|[]()>!&\\:.1 \n".split(""),
    "**",
    "__",
    "```",
    "\n```\n",
    "word",
    "a_b",
    "](",
    "[a](",
    // Not at the beginning of a line: there it would hide what follows, which is mended.
    "a<",
    "w<b>w",
    "1. ",
    "- ",
    "# ",
    "\n\n",
    "    ",
    " https://example.com/a_b ",
    " <https://x.org> ",
    " (https://y.org/z) ",
    "你好",
    "😀",
    "\n> ",
    "\n- ",
  );
  // A break is a blank before and a break after; nothing else may change. But `<!` begins a declaration that goes to
  // the next `>`, be it that of an address: escaped, the address is a link again, and shown without its brackets.
  const said = (text: string): string => shownText(html(text)).replace(/\s+/g, "");
  const withoutBrackets = (shown: string): string => shown.replace(/<(https?:[^<>]+)>/g, "$1");
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
      const text = tokens.join("");
      const read = text.includes("<!") ? withoutBrackets : String;
      expect(read(said(render(text)))).toBe(read(said(text)));
    }),
    { numRuns: 1_000, examples: [[["a<", "!", "word", " <https://x.org> "]]] },
  );
});
