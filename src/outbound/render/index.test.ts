import { describe, expect, test } from "vitest";
import { cleanText, HARD_LIMIT_BYTES, renderText } from "./index.ts";

const render = (text: string, maxBytes = 3_500) => renderText(text, { maxBytes });

test.each(["", " ", "\n\t \n", "\0", "\u00A0\u3000", "\u200B\uFEFF\u200D"])(
  "%j sends nothing",
  (text) => {
    for (const contentType of [undefined, "text/plain", "text/markdown"] as const) {
      expect(renderText(text, { maxBytes: 3_500, contentType })).toEqual([]);
    }
  },
);

test("NUL goes, half a surrogate pair becomes a replacement character", () => {
  expect(cleanText("a\0b\uD83Dc😀")).toBe("ab\uFFFDc😀");
  expect(render("a\0b\uDE00")).toEqual([{ message: "ab\uFFFD", contentType: "text/plain" }]);
});

test("line breaks of other systems are line breaks", () => {
  expect(render("**a**\r\nb\rc")).toEqual([
    { message: "**a**  \nb  \nc", contentType: "text/markdown" },
  ]);
});

test("blank lines around the text go, the indentation of its first line stays", () => {
  expect(render("\n \n    code\n\n")).toEqual([{ message: "    code", contentType: "text/plain" }]);
});

test("plain text with an address goes as Markdown that reads as it was written", () => {
  expect(render("- x_y_z *a* https://example.com")).toEqual([
    { message: "- x_y_z *a* <https://example.com>", contentType: "text/markdown" },
  ]);
  expect(render("__x__ # 1\n# https://example.com")).toEqual([
    { message: "\\_\\_x\\_\\_ # 1  \n\\# <https://example.com>", contentType: "text/markdown" },
  ]);
});

test("blank lines of such a text stay, and it is cut there", () => {
  const [gap, words] = ["\u00A0", "some words ".repeat(30).trim()];
  const parts = render(`https://example.com\n\n\n${words}\n \n${words}\n${words}`, 900);
  expect(parts.map(({ message }) => message)).toEqual([
    `<https://example.com>  \n${gap}  \n${words}`,
    `${words}  \n${words}`,
  ]);
});

test("what the caller says about the text counts", () => {
  const options = { maxBytes: 3_500 };
  expect(
    renderText("**a**\nb https://example.com", { ...options, contentType: "text/plain" }),
  ).toEqual([{ message: "**a**\nb https://example.com", contentType: "text/plain" }]);
  expect(renderText("a_b\nc", { ...options, contentType: "text/markdown" })).toEqual([
    { message: "a_b  \nc", contentType: "text/markdown" },
  ]);
});

test("no part is larger than what MySQL stores, whatever is asked for", () => {
  const parts = render("ä".repeat(100_000), 1_000_000);
  expect(parts.map(({ message }) => Buffer.byteLength(message))).toEqual([
    HARD_LIMIT_BYTES,
    HARD_LIMIT_BYTES,
    HARD_LIMIT_BYTES,
    200_000 - 3 * HARD_LIMIT_BYTES,
  ]);
});

describe("a long text of anything", () => {
  const CHARS = 200_000;
  /** A hundred times what it takes: only what grows with the square of the length takes longer. */
  const PATIENCE_MS = 5_000;
  const fill = (text: string): string =>
    text.repeat(Math.ceil(CHARS / text.length)).slice(0, CHARS);

  test.each([
    ..."`*_[]()<>~#|\\-&=.x \n😀".split(""),
    "` ",
    "*a ",
    "**a*",
    "](",
    "[](",
    "[a](b ",
    "](a \"](a '](a (",
    "> ",
    "- ",
    "- a\n",
    "```\n",
    "``` x\n",
    "|a|b|\n|-|-|\n",
    "|a",
    "<a:",
    "https://a.b ",
    "https://",
    "www.",
    "`a` ",
    "\t-",
    "[a\n",
    "a\u0301",
    "Words, and more words. ",
    "> > > > > > > > > > a\n",
    "1. a\n   1. b\n      1. c\n\n\n",
    "你好，世界。",
  ])("takes no square of its time: %j", (text) => {
    const startedAt = performance.now();
    for (const contentType of [undefined, "text/markdown", "text/plain"] as const) {
      const parts = renderText(`a${fill(text)}b`, { maxBytes: 3_500, contentType });
      expect(parts.length).toBeGreaterThan(0);
    }
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS);
  });

  test("also with runs of backticks of every length, and an address at the very end", () => {
    const runs = Array.from({ length: 1_400 }, (_, index) => "`".repeat(index + 1)).join(" ");
    const startedAt = performance.now();
    render(`${runs} https://example.com`);
    render(`${fill("`a` ")}https://example.com`);
    render(`https://${fill("a")}`);
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS);
  });
});
