import { describe, expect, test } from "vitest";
import { table, type Column } from "./table.ts";
import { cutToWidth, oneLine, widthOf } from "./text.ts";
import { progressLine } from "./terminal.ts";

describe("the width of a text", () => {
  test.each([
    ["plain", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["备份完成", 8],
    ["ｱｲ", 2],
    ["한글", 4],
    ["👍🏽", 2],
    ["👨‍👩‍👧", 2],
    ["❤️", 2],
    ["🇩🇪", 2],
    ["…", 1],
    ["", 0],
  ])("%s takes %d columns", (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  test("is kept when it is cut, between two letters and never in one", () => {
    expect(cutToWidth("plain", 5)).toBe("plain");
    expect(cutToWidth("plainly", 5)).toBe("plai…");
    expect(cutToWidth("备份完成", 6)).toBe("备份…");
    expect(cutToWidth("👨‍👩‍👧👨‍👩‍👧", 3)).toBe("👨‍👩‍👧…");
  });
});

test("what could steer the terminal is not shown", () => {
  expect(oneLine("a\u001b[31mred\u0007\r\nb\u202ec\u009b2J")).toBe("a [31mred b c 2J");
});

describe("a table", () => {
  const columns: readonly Column[] = [
    { title: "ID", align: "right" },
    { title: "NAME", minWidth: 6 },
    { title: "NEVER" },
    { title: "TEXT", minWidth: 10 },
  ];
  const rows = [
    ["5", "Backup", "", "all is well\nand more"],
    ["12", "备份服务器的名字", "", "x".repeat(100)],
  ];

  test("fits into the terminal, cuts the roomiest column first, and leaves empty ones out", () => {
    const lines = table(columns, rows, 40);
    expect(lines).toEqual([
      "ID  NAME              TEXT",
      " 5  Backup            all is well and m…",
      `12  备份服务器的名字  ${"x".repeat(17)}…`,
    ]);
    expect(Math.max(...lines.map(widthOf))).toBe(40);
  });

  test("cuts names, too, where there is less room, and no ids", () => {
    const lines = table(columns, rows, 22);
    expect(lines[2]).toBe("12  备份…   xxxxxxxxx…");
    expect(table(columns, rows, 5)[2]).toBe("12  备份…   xxxxxxxxx…");
  });

  test("is not cut for a program", () => {
    expect(table(columns, rows, undefined)[2]).toBe(`12  备份服务器的名字  ${"x".repeat(100)}`);
  });
});

test("progress tells how far it is, and how much there is where that is known", () => {
  expect(progressLine("Reading messages", 1200)).toBe("Reading messages: 1,200 …");
  expect(progressLine("Deleting messages", 6, 12)).toBe(
    "Deleting messages ████████████░░░░░░░░░░░░ 6 of 12",
  );
});
