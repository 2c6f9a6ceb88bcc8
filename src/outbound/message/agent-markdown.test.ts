import * as fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { describe, expect, test } from "vitest";
import { guardMarkdown, takeInlineImages } from "./agent-markdown.ts";

const HOSTS = ["cams.lan"];
const guard = (text: string): string => guardMarkdown(text, HOSTS);

describe("images", () => {
  test.each([
    ["from a host that is not listed", "![a](https://evil/x.png)", "[a](https://evil/x.png)"],
    ["without a name", "![](https://evil/x.png)", "<https://evil/x.png>"],
    ["with a title", '![a](https://evil/x.png "t")', "[a](https://evil/x.png)"],
    ["by reference", "![a][r]\n\n[r]: https://evil/x", "[a][r]\n\n[r]: https://evil/x"],
    ["by its name alone", "![r]\n\n[r]: https://evil/x", "[r]\n\n[r]: https://evil/x"],
    ["with a bracket in its name", "![a [b]](https://evil/x)", "[a [b]](https://evil/x)"],
    ["behind another mark", "!![a](https://evil/x)", "! [a](https://evil/x)"],
    ["of a link", "[![a](https://evil/x)](https://ok/)", "[[a](https://evil/x)](https://ok/)"],
    ["from the server itself", "![a](/image/x.png)", "a (`/image/x.png`)"],
  ])("an image %s becomes a link", (_, text, shown) => {
    expect(guard(text)).toBe(shown);
  });

  test("an image from a listed host is shown", () => {
    const text = "See ![door](https://cams.lan/door.png) now.";
    expect(guard(text)).toBe(text);
  });

  test("a mark of exclamation before brackets that lead nowhere stays", () => {
    expect(guard("Wow! [see](https://ok/) ok")).toBe("Wow! [see](https://ok/) ok");
    expect(guard("a\\![b](https://ok/)")).toBe("a\\![b](https://ok/)");
  });

  test("bytes of a picture stay, bytes of anything else become a note", () => {
    const png = "![a](data:image/png;base64,iVBORw0KGgo=)";
    expect(guard(png)).toBe(png);
    expect(guard("![a](data:image/svg+xml;base64,PHN2Zz4=)")).toBe(
      "a (an image that cannot be shown)",
    );
  });
});

describe("links", () => {
  test.each([
    "[a](https://x/)",
    "[a](http://x/ 'title')",
    "<https://x/>",
    "[mail](mailto:a@b.c)",
    "[call](tel:+123)",
    "[a][1]\n\n[1]: https://x/",
    "text[^1]\n\n[^1]: See below.",
    "a < b, c <d and [x] too: done",
  ])("%j stays", (text) => {
    expect(guard(text)).toBe(text);
  });

  test.each([
    ["[pay](intent://pay#Intent;end)", "pay (`intent://pay#Intent;end`)"],
    ["[x](javascript:alert)", "x (`javascript:alert`)"],
    ["[x](src/a.ts)", "x (`src/a.ts`)"],
    ["<intent://pay>", "`intent://pay`"],
    ["[x](<intent://pay>)", "[x]\\(`intent://pay`)"],
    ["[x](\nintent://pay)", "[x]\\(\nintent://pay)"],
    ["[x](&#105;ntent://pay)", "x (`&#105;ntent://pay`)"],
    ["[a]\n\n[a]: intent://pay", "[a]\n\n[a]\\: intent://pay"],
    ["> [a]: intent://pay", "> [a]\\: intent://pay"],
    ["<javascript:x<intent://z>>", "&lt;javascript:x`intent://z`>"],
    ["www.a.b/\\<intent://z>", "www.a.b/\\ `intent://z` "],
    ["[x www.a.b/\\](intent://z)", "[x www.a.b/\\]\\(intent://z)"],
  ])("%j leads nowhere", (text, shown) => {
    expect(guard(text)).toBe(shown);
  });
});

describe("code", () => {
  test.each([
    "Write `![a](https://evil/x)` here.",
    "```md\n![a](https://evil/x)\n```",
    "~~~\n[x](intent://pay)\n~~~\nend",
    "1. do\n   ```\n   ![a](https://evil/x)\n   ```\n2. done",
    "```\n![a](https://evil/x)",
  ])("%j stays as it is", (text) => {
    expect(guard(text)).toBe(text);
  });

  test.each([
    ["a fence in a list that ends early", "- ```\n  x\n  ```\n  ![a](https://evil/x)\n  ```"],
    ["a fence that is left by its indentation", "1. a\n   ```\nx\n![a](https://evil/x)\n   ```"],
    ["a fence in a comment", "<!--\n```\n-->\n![a](https://evil/x)\n```"],
    ["a backtick in an attribute", '<a title="`"> ![a](https://evil/x) `'],
    ["a backtick in an address", "[b](`) ![a](https://evil/x) `"],
    ["a backtick in a bare address", "https://x/` ![a](https://evil/x) `"],
    ["a span over two lines", "a ` b\n` ![a](https://evil/x) `"],
    ["a span over two cells", "| `a | ![a](https://evil/x)` |\n|---|---|"],
    ["an escaped backtick", "\\`![a](https://evil/x)`"],
  ])("an image behind %s is none of it", (_, text) => {
    expect(guard(text)).not.toContain("![");
  });
});

const PIECES = [
  ..."![]()<>`~\\|\"'\n \t!-:".split(""),
  ..."![a](http://evil/x)|[ref]: http://evil/y|![ref]|[x](intent://y)|<intent://z>|https://x.y/".split(
    "|",
  ),
  ..."```|``|\n```\n|\n  ```\n|\n    ```\n|\n- |\n1. |\n> |<!--|-->|<div>|</div>|\n\n|data:x|&#33;".split(
    "|",
  ),
];

test("whatever an agent writes, the web page loads no image and leads to no app", () => {
  const text = fc
    .array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 20 })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (written) => {
      const page = renderToStaticMarkup(
        createElement(
          Markdown,
          { remarkPlugins: [remarkGfm], urlTransform: (url: string) => url },
          guard(written),
        ),
      );
      expect(page).not.toMatch(/<img[^>]+src="(?!data:image)/);
      expect(page).not.toMatch(/href="(?:intent|data|javascript):/);
    }),
    { numRuns: 500 },
  );
});

test("what is safe stays as it is when it is checked again", () => {
  const text = '![a](https://evil/x) <intent://z> [x](intent://y "t")\n\n[r]: intent://q';
  expect(guard(guard(text))).toBe(guard(text));
});

test("a long text of nothing but beginnings is checked in no time", () => {
  const started = performance.now();
  for (const piece of ["![", "](", "]:", "<a:", "`", "[a](", "[^", "\\["]) {
    guard(piece.repeat(20_000));
  }
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("pictures in the text are taken out of it, pictures in code are not", () => {
  const png = "![plot](data:image/png;base64,iVBORw0KGgo=)";
  expect(takeInlineImages(`before ${png} after \`${png}\``)).toEqual({
    text: `before  after \`${png}\``,
    images: [png],
  });
});
