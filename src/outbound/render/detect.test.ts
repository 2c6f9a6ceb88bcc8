import { expect, test } from "vitest";
import { scanBlocks } from "./blocks.ts";
import { isMarkdown } from "./detect.ts";

const detect = (text: string): boolean => isMarkdown(text, scanBlocks(text));

test.each([
  "**bold** text",
  "这是**重点**内容",
  "a [link](https://example.com)",
  "![plot](data:image/png;base64,AA==)",
  "run `ls`",
  "~~gone~~",
  "an *important* word",
  "_as said before_, no",
  "# Title\n\ntext",
  "text\n\n## Section",
  "```\ncode\n```",
  "- one\n- two",
  "1. one\n2. two",
  "1. one\n\ntext\n\n2. two",
  "- [ ] milk",
  "a | b\n--|--\n1 | 2",
])("%j is Markdown", (text) => {
  expect(detect(text)).toBe(true);
});

test.each([
  "Done.",
  "file_name_with_underscores and __init__.py and _id_",
  "5 * 3 * 2 = 30, a*b*c, 2**10, x**y**z",
  "cp src/*.ts,test/*.ts to *.bak",
  "#1 issue, #tag",
  "# a comment\n# another\nkey=value",
  "~/a ~5 min",
  "list[0](x) and f[i](y)",
  "- only one",
  "- removed\n+ added\n- removed",
  "22. November: x\n25. November: y",
  "> 90 % of the disk",
  "Report\n======\nall well\n------",
  "[INFO] started\n[WARN] slow",
  "<b>html</b> and <name>",
  "a | b | c",
  "    at run (main.js:1)\n    at main",
  '{ "a": [1, 2], "b_c": "*" }',
  "mail <a@example.org> or <https://example.org>",
  "",
])("%j is not", (text) => {
  expect(detect(text)).toBe(false);
});
