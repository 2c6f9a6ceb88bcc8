import * as fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { describe, expect, test } from "vitest";
import { shownText, webUiHtml } from "../../../test/rendered/web-ui.ts";
import { renderText } from "./index.ts";
import { messageOf, splitMarkdown, splitPlain } from "./split.ts";

const anyWord = fc.oneof(
  fc.constantFrom(
    "word",
    "Überraschung",
    "你好，世界。",
    "👨‍👩‍👧‍👦",
    "e\u0301",
    "**bold**",
    "`code`",
    "end.",
  ),
  fc.constantFrom(
    "[a link](https://example.com/some/path)",
    "<https://example.com>",
    "- ",
    "1.",
    "# ",
    "> ",
    "```",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, " ")),
);
const anySentence = fc
  .array(anyWord, { minLength: 1, maxLength: 40 })
  .map((words) => words.join(" "));
const plainSentence = fc
  .array(fc.constantFrom("word", "Überraschung", "你好，世界。", "**bold**", "`code`", "end."), {
    minLength: 1,
    maxLength: 60,
  })
  .map((words) => words.join(" "));
const codeLine = fc.constantFrom(
  "const a = 1;",
  "",
  "  return x",
  "# not a heading",
  "- not a list",
  "``",
  '{"k": [1, 2]}',
);
const anyFence = fc
  .record({
    marker: fc.constantFrom("```", "~~~", "`````"),
    info: fc.constantFrom("", "ts", " json5 {1,3}"),
    lines: fc.array(codeLine, { maxLength: 60 }),
    margin: fc.constantFrom("", "> ", "> > "),
    closed: fc.boolean(),
  })
  .map(({ marker, info, lines, margin, closed }) =>
    [marker + info, ...lines, ...(closed ? [marker] : [])].map((line) => margin + line).join("\n"),
  );
const anyList = fc
  .array(fc.record({ depth: fc.nat(3), text: plainSentence, code: fc.boolean() }), {
    maxLength: 12,
  })
  .map((items) => {
    let depth = -1;
    return items
      .map((item) => {
        // An item that is indented further than its parent's content is code.
        depth = Math.min(item.depth, depth + 1);
        const margin = "  ".repeat(depth);
        const code = `\n${margin}  \`\`\`sh\n${margin}  ls\n${margin}  \`\`\``;
        return `${margin}- ${item.text}${item.code ? code : ""}`;
      })
      .join("\n");
  });
const anyTable = fc
  .array(fc.tuple(fc.constantFrom("a", "b c"), fc.constantFrom("1", "long ".repeat(9))), {
    maxLength: 40,
  })
  .map((rows) =>
    ["| x | y |", "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n"),
  );
const anyBlock = fc.oneof(
  fc.array(anySentence, { maxLength: 4 }).map((lines) => lines.join("\n")),
  anyFence,
  anyList,
  anyTable,
  anySentence.map((text) => `## ${text}`),
  anySentence.map((text) => `> ${text}`),
  fc.constantFrom("", "\n\n\n", "---", "    indented"),
);
const markdown = fc
  .array(fc.tuple(anyBlock, fc.constantFrom("\n", "\n\n")), { minLength: 1, maxLength: 8 })
  .map((blocks) => blocks.flat().join("").trim())
  .filter((text) => text !== "");
const anything = fc
  .string({
    unit: fc.constantFrom(...Array.from("`~-*#>|[]()<\\ \n\t1.a你😀")),
    minLength: 1,
    maxLength: 4_000,
  })
  .filter((text) => text.trim() !== "");
const budget = fc.integer({ min: 500, max: 1_200 });

/** Shrinking such texts takes minutes. */
const BOUNDED = { interruptAfterTimeLimit: 6_000 };

interface Code {
  readonly value: string;
  /** Goes on to the end of the text, without a line that closes it. */
  readonly isOpen: boolean;
}

/** The fenced code in a text, as CommonMark reads it. */
function fencedCode(text: string): readonly Code[] {
  const found: Code[] = [];
  const visit = (node: ReturnType<typeof fromMarkdown>["children"][number]): void => {
    if (node.type === "code" && node.position !== undefined) {
      const { start, end } = node.position;
      const source = text.slice(start.offset, end.offset);
      const marker = /^(`{3,}|~{3,})/.exec(source)?.[0];
      if (marker !== undefined) {
        const isClosed = new RegExp(`\n[ >]*${marker}[\`~]*$`).test(source);
        const isOpen = !isClosed && text.slice(end.offset).trim() === "";
        found.push({ value: node.value, isOpen });
      }
    } else if ("children" in node) for (const child of node.children) visit(child);
  };
  for (const node of fromMarkdown(text).children) visit(node);
  return found;
}

describe("the pieces of a text", () => {
  test("give it back together, fit the budget and are well-formed", () => {
    fc.assert(
      fc.property(fc.oneof(markdown, anything), budget, (text, maxBytes) => {
        for (const split of [splitMarkdown, splitPlain]) {
          const pieces = split(text, { maxBytes });
          expect(pieces.map(({ body }) => body).join("")).toBe(text);
          for (const message of pieces.map(messageOf)) {
            expect(Buffer.byteLength(message)).toBeLessThanOrEqual(maxBytes);
            expect(message.isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: 400, ...BOUNDED },
    );
  });

  test("fit a limit in characters besides", () => {
    fc.assert(
      fc.property(fc.oneof(markdown, anything), budget, budget, (text, maxBytes, maxChars) => {
        for (const split of [splitMarkdown, splitPlain]) {
          const pieces = split(text, { maxBytes, maxChars });
          expect(pieces.map(({ body }) => body).join("")).toBe(text);
          for (const message of pieces.map(messageOf)) {
            expect(Buffer.byteLength(message)).toBeLessThanOrEqual(maxBytes);
            expect(message.length).toBeLessThanOrEqual(maxChars);
          }
        }
      }),
      { numRuns: 200, ...BOUNDED },
    );
  });

  test("have no open fence", () => {
    fc.assert(
      fc.property(markdown, budget, (text, maxBytes) => {
        // As it is sent: what is no fence for the splitter must be none for anybody.
        for (const { message } of renderText(text, { maxBytes, contentType: "text/markdown" })) {
          expect(fencedCode(message).filter(({ isOpen }) => isOpen)).toEqual([]);
        }
      }),
      { numRuns: 300, ...BOUNDED },
    );
  });

  test("have the same code in them as the text", () => {
    const simple = fc
      .array(
        fc.oneof(
          anyFence.filter((text) => !text.includes("> ")),
          anySentence.map(() => "Some *text*."),
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      )
      .map((blocks) => blocks.join("\n\n"));
    const codeOf = (text: string): string =>
      fencedCode(text)
        .map(({ value }) => value)
        .join("\n");
    fc.assert(
      fc.property(simple, budget, (text, maxBytes) => {
        const messages = splitMarkdown(text, { maxBytes }).map(messageOf);
        const squeeze = (code: string): string => code.replace(/\n+/g, "\n").trim();
        expect(squeeze(messages.map(codeOf).join("\n"))).toBe(squeeze(codeOf(text)));
      }),
    );
  });
});

test("the parts say together what the text says, and in the same form", () => {
  const form = fc
    .array(
      fc.oneof(
        anyList,
        anyFence,
        plainSentence,
        plainSentence.map((text) => `> ${text}`),
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((blocks) => blocks.join("\n\n"));
  // Without the item that says that a list goes on.
  const said = (message: string): string => {
    const html = webUiHtml({ message, contentType: "text/markdown" });
    return shownText(html).replace(/…|\s/g, "");
  };
  const codes = (message: string): number =>
    webUiHtml({ message, contentType: "text/markdown" }).split("<code").length - 1;
  fc.assert(
    fc.property(form, budget, (text, maxBytes) => {
      const [whole] = renderText(text, { maxBytes: 60_000, contentType: "text/markdown" });
      const parts = renderText(text, { maxBytes, contentType: "text/markdown" });
      expect(parts.map(({ message }) => said(message)).join("")).toBe(said(whole?.message ?? ""));
      if (parts.length === 1) return;
      // A part that began with indented lines would show them as code.
      const repeated = parts.filter(({ message }) =>
        /^[ >\d.-]*(?:…\n *)?(?:```|~~~)/.test(message),
      ).length;
      const all = parts.reduce((sum, { message }) => sum + codes(message), 0);
      expect(all).toBeLessThanOrEqual(codes(whole?.message ?? "") + repeated);
    }),
    { numRuns: 200, ...BOUNDED },
  );
});

describe("a cut", () => {
  const parts = (text: string, maxBytes = 500): string[] =>
    splitMarkdown(text, { maxBytes }).map(messageOf);

  test("is made between paragraphs rather than in them", () => {
    const paragraph = "Some words of a paragraph. ".repeat(9).trim();
    expect(parts([paragraph, paragraph, paragraph].join("\n\n"), 600)).toEqual([
      `${paragraph}\n\n${paragraph}`,
      paragraph,
    ]);
  });

  test("leaves a fence whole that fits, however empty the part before it is", () => {
    const intro = "Look at this, in which nothing is odd:";
    const fence = `\`\`\`js\n${"let a = 1;\n".repeat(43)}\`\`\``;
    expect(parts(`${intro}\n${fence}\nThat is it.`)).toEqual([intro, `${fence}\nThat is it.`]);
  });

  test("closes a fence that is longer than a part, and opens it again with its language", () => {
    const [first = "", second = "", third] = parts(
      `\`\`\`\`js {1}\n${"let a = 1;\n".repeat(60)}\`\`\`\``,
    );
    expect(first).toMatch(/^````js \{1\}\nlet a[^]*;\n````$/);
    expect(second).toMatch(/^````js \{1\}\nlet a[^]*;\n````$/);
    expect(third).toBeUndefined();
  });

  test("repeats the quote and the item around a fence", () => {
    const quoted = `> ~~~\n${"> a line of a log file\n".repeat(30)}> ~~~`;
    expect(parts(quoted)[1]).toMatch(/^> ~~~\n> a line[^]*\n> ~~~$/);
    const listed = `3. Do:\n\n   \`\`\`sh\n${"   echo some words\n".repeat(40)}   \`\`\``;
    expect(parts(listed)[1]).toMatch(/^3\. …\n {3}```sh\n {3}echo[^]*\n {3}```$/);
  });

  test("begins a list anew where the next part starts inside of it", () => {
    const nested = `- Rooms\n${Array.from({ length: 12 }, () => `    - ${"word ".repeat(12).trim()}`).join("\n")}`;
    expect(parts(nested)[1]).toMatch(/^- …\n {4}- word/);
  });

  test("repeats the head of a table", () => {
    const table = `| a | b |\n|---|---|\n${"| one | two |\n".repeat(50)}`;
    expect(parts(table)[1]).toMatch(/^\| a \| b \|\n\|---\|---\|\n\| one/);
  });

  test("keeps a heading with what stands below it", () => {
    const words = "word ".repeat(90).trim();
    expect(parts(`${words}\n\n## Next\n\n${words}`)).toEqual([words, `## Next\n\n${words}`]);
  });

  test("is made behind a sentence, and beside links, code and bold", () => {
    const sentence = "This sentence has about sixty bytes in it, as they have often. ";
    const text = sentence.repeat(20).trim();
    for (const part of parts(text)) expect(part).toMatch(/\.$/);
    const link = `${"x".repeat(450)} [a link with some words](https://example.com/${"y".repeat(60)}) z`;
    expect(parts(link)).toEqual(["x".repeat(450), link.slice(451)]);
    const bold = `${"x".repeat(450)} **${"bold words ".repeat(10).trim()}** z`;
    expect(parts(bold)).toEqual(["x".repeat(450), bold.slice(451)]);
  });

  test("in Chinese is made behind a sentence, and never within a character as a reader counts them", () => {
    const text = "这是一段很长的文字，用来测试。".repeat(30);
    for (const part of parts(text)) expect(part).toMatch(/。$/);
    const families = "👨‍👩‍👧‍👦".repeat(60);
    for (const part of parts(`a${families}`)) expect(part).toMatch(/^a?(?:👨‍👩‍👧‍👦)+$/u);
  });

  test("makes no list of a dash in the middle of a line", () => {
    const text = "a - b ".repeat(200).trim();
    for (const part of parts(text)) expect(part).not.toMatch(/^-/);
  });
});

describe("between paragraphs first", () => {
  const words = (count: number): string => "Some words of a paragraph. ".repeat(count).trim();
  const parts = (text: string): string[] =>
    splitMarkdown(text, { maxBytes: 600, chunkMode: "newline" }).map(messageOf);

  test("a part ends behind a short paragraph where the next one does not fit", () => {
    const list = Array.from({ length: 30 }, (_, index) => `- item ${index} of a list`).join("\n");
    expect(parts(`${words(3)}\n\n${list}`)[0]).toBe(words(3));
    // Otherwise the lines of the list are as good a place, and the part is fuller.
    const fuller = splitMarkdown(`${words(3)}\n\n${list}`, { maxBytes: 600 }).map(messageOf);
    expect(fuller[0]).toContain("item 3");
  });

  test("paragraphs that fit together stay together", () => {
    const text = [words(5), words(5), words(5), words(5), words(5)].join("\n\n");
    expect(parts(text)).toEqual([[words(5), words(5), words(5), words(5)].join("\n\n"), words(5)]);
  });

  test("a paragraph that fits into no part is cut all the same", () => {
    const cut = parts(`${words(3)}\n\n${words(60)}`);
    expect(cut[0]).toBe(words(3));
    expect(cut.length).toBeGreaterThan(3);
  });
});
