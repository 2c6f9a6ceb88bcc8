import { expect, test } from "vitest";
import { renderText } from "./index.ts";

function render(text: string, tableMode: "off" | "bullets" | "code" | "block" = "bullets"): string {
  return renderText(text, { maxBytes: 3_500, tableMode })
    .map(({ message }) => message)
    .join("\n==\n");
}

test.each([
  ["two columns", "|a|b|\n|-|-|\n|x|y|\n|z||", "- **x** – b: y\n- **z**"],
  ["three columns", "|a|b|c|\n|-|-|-|\n|x|y|z|", "- **x**  \n  b: y  \n  c: z"],
  ["a number in front", "|Port|b|\n|-|-|\n|80|http|", "- **Port: 80** – b: http"],
  ["no name in front", "|a|b|c|\n|-|-|-|\n||y|z|", "- b: y  \n  c: z"],
  ["unnamed columns", "||b|\n|-|-|\n|x|y|", "- **x** – b: y"],
  ["marks in the cells", "|a|**b:**|\n|-|-|\n|**x**|`y \\| z`|", "- **x** – b: `y | z`"],
  ["no rows", "|a|b|\n|-|-|", "- **a**, **b**"],
  ["rows of other lengths", "|a|b|\n|-|-|\n|x|y|z|\n|w|", "- **x**  \n  b: y  \n  z\n- **w**"],
  ["a table in a quote", "> |a|b|\n> |-|-|\n> |x|y|", "> - **x** – b: y"],
  ["a table in an item", "- |a|b|\n  |-|-|\n  |x|y|", "- - **x** – b: y"],
  ["text around it", "one\n\n|a|b|\n|-|-|\n|x|y|\n\ntwo", "one\n\n- **x** – b: y\n\ntwo"],
])("a table with %s as a list", (_, text, expected) => {
  expect(render(text)).toBe(expected);
});

test("a table as code is aligned, wide characters too", () => {
  const text = "|名称|n|\n|-|-|\n|日本語|**1**|\n|a|```|";
  for (const mode of ["code", "block"] as const) {
    expect(render(text, mode)).toBe("````\n名称    n\n------  ---\n日本語  1\na       ```\n````");
  }
});

test("what has no row of dashes is no table", () => {
  expect(render("a | b\nc | d")).toBe("a | b\nc | d");
});
