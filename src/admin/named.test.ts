import { describe, expect, test } from "vitest";
import { pickAllNamed, pickNamed } from "./named.ts";

const ITEMS = [
  { id: 1, name: "Backup" },
  { id: 2, name: "5" },
  { id: 3, name: "1" },
  { id: 4, name: "007" },
];

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof Error && "code" in error ? [error.code, error.message] : error;
  }
}

describe("what is named", () => {
  test.each([
    ["4", 4],
    ["app:1", 1],
    ["app:3", 3],
    ["Backup", 1],
    ["007", 4],
    // Nothing has this id.
    ["5", 2],
  ])("%s is found", (reference, id) => {
    expect(pickNamed("application", ITEMS, reference).id).toBe(id);
  });

  test.each([
    ["", /^Name the application/],
    ["  ", /^Name the application/],
    ["app:5", /There is no application app:5/],
    ["0", /There is no application "0"/],
    ["app:Backup", /There is no application "app:Backup"/],
  ])("%j is not", (reference, text) => {
    expect(() => pickNamed("application", ITEMS, reference)).toThrow(text);
  });

  test("both an id and a name is asked about, and the id can be told apart", () => {
    expect(codeOf(() => pickNamed("application", ITEMS, "1"))).toEqual([
      "GOTIFY_AMBIGUOUS",
      expect.stringContaining("app:1, app:3"),
    ]);
    expect(codeOf(() => pickNamed("client", ITEMS, "1"))).toEqual([
      "GOTIFY_AMBIGUOUS",
      expect.stringContaining("client:1, client:3"),
    ]);
    expect(pickNamed("client", ITEMS, "client:3").id).toBe(3);
  });

  test("an application's way to be written names no client", () => {
    expect(() => pickNamed("client", ITEMS, "app:1")).toThrow(/There is no client "app:1"/);
  });

  test("a number is never taken for a name where something is deleted", () => {
    expect(() => pickAllNamed("application", ITEMS, ["5"])).toThrow(/There is no application 5/);
    expect(() => pickAllNamed("application", ITEMS, ["1"])).toThrow(/app:1, app:3/);
    expect(
      pickAllNamed("application", ITEMS, ["2", "app:2", "Backup"]).map(({ id }) => id),
    ).toEqual([2, 1]);
  });

  test("no name of the server's steers the terminal", () => {
    const evil = [{ id: 9, name: "evil\u001b[2J\u202e\nname" }];
    const said = codeOf(() => pickNamed("application", evil, "none"));
    expect(JSON.stringify(said)).toContain("evil [2J name");
  });
});
