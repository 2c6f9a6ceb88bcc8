import { expect, test } from "vitest";
import { takeHeading } from "./heading.ts";

test.each([
  ["# Title\n\nbody\n\n# more", "Title", "body\n\n# more"],
  ["\n\n## **Bold** `code` [link](https://example.com) ##\nbody", "Bold code link", "body"],
  ["# a \\* b <https://example.com> ![alt](x.png)\nbody", "a * b https://example.com alt", "body"],
  ["Title\n=====\n\nbody", "Title", "body"],
  ["# Title\r\n\r\n    code\r\n", "Title", "    code\n"],
  ["# snake_case 5 * 3\nbody", "snake_case 5 * 3", "body"],
])("%j has a heading", (text, heading, body) => {
  expect(takeHeading(text)).toEqual({ heading, body });
});

test.each([
  "text\n\n# Title",
  "# Title alone",
  "# Title alone\n\n",
  `# ${"long ".repeat(60)}\nbody`,
  `# ${"x".repeat(1_000_000)}\nbody`,
  "#tag\nbody",
  "# \nbody",
  "#1 issue\nbody",
  "> # quoted\nbody",
  "```\n# comment\n```",
  "",
])("%j has none, and stays whole", (text) => {
  expect(takeHeading(text)).toEqual({ heading: undefined, body: text });
});
