import { describe, expect, test } from "vitest";
import { table, type Column } from "./table.ts";
import { widthOf } from "./text.ts";
import { progressLine } from "./terminal.ts";

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

  test("has as many rows as a long history has messages", () => {
    const many = Array.from({ length: 200_000 }, (_, n) => [String(n), "name", "", "x"]);
    expect(table(columns, many, 40)).toHaveLength(200_001);
  });
});

test("progress tells how far it is, and how much there is where that is known", () => {
  expect(progressLine("Reading messages", 1200)).toBe("Reading messages: 1,200 …");
  expect(progressLine("Deleting messages", 6, 12)).toBe(
    "Deleting messages ████████████░░░░░░░░░░░░ 6 of 12",
  );
});
