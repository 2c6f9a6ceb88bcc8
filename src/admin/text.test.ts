import { describe, expect, test } from "vitest";
import { oneLine } from "../gotify/one-line.ts";
import { shown } from "./named.ts";
import { table } from "./table.ts";
import { cutToWidth, widthOf } from "./text.ts";

const FAMILY = "👨‍👩‍👧";
const DECOMPOSED = "Cafe\u0301";

describe("the width of a text", () => {
  test.each([
    ["plain", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["备份完成", 8],
    ["ｱｲ", 2],
    ["サーバー・ログ", 14],
    ["㈱㍿㎏", 6],
    ["한글", 4],
    ["👍🏽", 2],
    [FAMILY, 2],
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
    expect(cutToWidth(FAMILY.repeat(2), 3)).toBe(`${FAMILY}…`);
    expect(cutToWidth(`${DECOMPOSED}s`, 4)).toBe("Caf…");
    expect(cutToWidth("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  });

  test("decides whether it is cut, not how many characters it is written with", () => {
    for (const text of [DECOMPOSED, FAMILY, "❤️🇩🇪", "备份"]) {
      expect(cutToWidth(text, widthOf(text))).toBe(text);
    }
  });

  test("is no way in for marks without end", () => {
    const zalgo = `ab${"\u0301".repeat(5_000)}c`;
    for (const columns of [3, 2, 1]) {
      expect(cutToWidth(zalgo, columns).length).toBeLessThan(50);
    }
    // Tags are two units each: none is halved.
    const tags = `🏴${"\u{e0067}".repeat(500)}`;
    expect(cutToWidth(tags, 2)).toMatch(/^🏴\u{e0067}{31}$/u);
  });
});

test("a table shows decomposed letters and emoji whole where there is room, or nobody looks", () => {
  const columns = [{ title: "NAME", minWidth: 2 }];
  const rows = [[DECOMPOSED], [FAMILY.repeat(2)], [`x${"\u0301".repeat(100)}`]];
  expect(table(columns, rows, 80).slice(1, 3)).toEqual([DECOMPOSED, FAMILY.repeat(2)]);
  expect(table(columns, rows, undefined).slice(1)).toEqual(rows.flat());
});

test("what could steer the terminal is not shown, neither in a name", () => {
  const evil = "a\u001b[31mred\u0007\r\nb\u202ec\u009b2J";
  expect(oneLine(evil)).toBe("a [31mred b c 2J");
  expect(shown("application", { id: 5, name: evil })).toBe("application 5 (a [31mred b c 2J)");
});
