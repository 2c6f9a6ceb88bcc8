import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { accountFolder, accountPath, pluginFolder } from "../config/state-folder.ts";
import { openJournal } from "../journal/journal.ts";
import { takeLease } from "../journal/lease.ts";
import { pruneFiles, removeAccountFiles } from "./account-files.ts";

const DAY_MS = 86_400_000;

function setup() {
  const stateDir = mkdtempSync(join(tmpdir(), "gotify-files-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const path = (account: string): string => accountPath(stateDir, account);
  /** An account that has run once, and is not in use. */
  const leave = (account: string): string => {
    openJournal(accountFolder(stateDir, account)).journal.close();
    return path(account);
  };
  const age = (folder: string, days: number): void => {
    const at = new Date(Date.now() - days * DAY_MS);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), at, at);
    utimesSync(folder, at, at);
  };
  return { stateDir, path, leave, age };
}

test("the files of a removed account go, and those of the others stay", () => {
  const { stateDir, path, leave } = setup();
  leave("home");
  leave("home-2");
  writeFileSync(join(pluginFolder(stateDir), "install-id"), "abcdefgh");
  expect(removeAccountFiles(stateDir, "home")).toBe("removed");
  expect(existsSync(path("home"))).toBe(false);
  expect(readdirSync(path("home-2"))).toEqual(["journal.sqlite"]);
  expect(readdirSync(join(stateDir, "gotify")).toSorted()).toEqual(["home-2", "install-id"]);
  expect(removeAccountFiles(stateDir, "home")).toBe("nothing");
});

test("the files of a removed account that a Gateway still runs go when the next one starts", () => {
  const { stateDir, path } = setup();
  const { journal } = openJournal(accountFolder(stateDir, "home"));
  const lease = takeLease(journal);
  expect(removeAccountFiles(stateDir, "home")).toBe("in-use");
  expect(pruneFiles(stateDir, [], Date.now())).toEqual([]);
  expect(existsSync(path("home"))).toBe(true);
  lease.release();
  journal.close();
  expect(pruneFiles(stateDir, [], Date.now())).toEqual([path("home")]);
  expect(existsSync(path("home"))).toBe(false);
});

test("an account that is there again before that keeps its files", () => {
  const { stateDir, path } = setup();
  const { journal } = openJournal(accountFolder(stateDir, "home"));
  takeLease(journal).release();
  writeFileSync(join(path("home"), "removed"), "");
  journal.close();
  expect(pruneFiles(stateDir, ["home"], Date.now())).toEqual([]);
  // And the mark is gone, so that it does not count when the account is only commented out later.
  expect(pruneFiles(stateDir, [], Date.now())).toEqual([]);
  expect(existsSync(path("home"))).toBe(true);
});

test("an account that is not named any more keeps its journal for a month", () => {
  const { stateDir, leave, age } = setup();
  const gone = leave("gone");
  const named = leave("named");
  age(gone, 29);
  age(named, 300);
  expect(pruneFiles(stateDir, ["named"], Date.now())).toEqual([]);
  age(gone, 31);
  // What somebody leaves behind who has only looked is no use.
  writeFileSync(join(gone, "journal.sqlite-wal"), "");
  expect(pruneFiles(stateDir, ["named"], Date.now())).toEqual([gone]);
  expect(existsSync(named)).toBe(true);
});

test("a folder with anything else in it is left alone, however old it is", () => {
  const { stateDir, leave, age } = setup();
  const folder = leave("gone");
  writeFileSync(join(folder, "notes.txt"), "mine");
  age(folder, 400);
  const other = join(stateDir, "gotify", "photos");
  mkdirSync(other);
  writeFileSync(join(other, "one.jpg"), "x");
  age(other, 400);
  expect(pruneFiles(stateDir, [], Date.now())).toEqual([]);
});

test("of damaged journals the newest three are kept, and none for more than a month", () => {
  const { stateDir, leave } = setup();
  const folder = leave("home");
  const now = Date.UTC(2026, 10, 23);
  const names = [
    "journal.sqlite.damaged-2026-11-20T10-20-30",
    "journal.sqlite.damaged-2026-11-20T10-20-30-wal",
    "journal.sqlite.damaged-2026-11-20T10-20-30-2",
    "journal.sqlite.damaged-2026-11-19T10-20-30",
    "journal.sqlite.damaged-2026-11-18T10-20-30",
    "journal.sqlite.damaged-2026-11-18T10-20-30-shm",
    "journal.sqlite.damaged-2026-10-01T10-20-30",
  ];
  for (const name of names) writeFileSync(join(folder, name), "x");
  const removed = pruneFiles(stateDir, ["home"], now);
  expect(removed.map((path) => path.slice(folder.length + 1)).toSorted()).toEqual([
    "journal.sqlite.damaged-2026-10-01T10-20-30",
    "journal.sqlite.damaged-2026-11-18T10-20-30",
    "journal.sqlite.damaged-2026-11-18T10-20-30-shm",
  ]);
  expect(readdirSync(folder).toSorted()).toEqual(
    ["journal.sqlite", ...names.slice(0, 4)].toSorted(),
  );
  expect(pruneFiles(stateDir, ["home"], now + 31 * DAY_MS)).toHaveLength(4);
  expect(readdirSync(folder)).toEqual(["journal.sqlite"]);
});

test("drafts of files whose process was killed go after a day", () => {
  const { stateDir } = setup();
  const folder = pluginFolder(stateDir);
  const draft = join(folder, "made-clients.json.4711.0a1b2c3d");
  writeFileSync(draft, "[]");
  writeFileSync(join(folder, "made-clients.json"), "[]");
  expect(pruneFiles(stateDir, [], Date.now())).toEqual([]);
  expect(pruneFiles(stateDir, [], Date.now() + 2 * DAY_MS)).toEqual([draft]);
  expect(readdirSync(folder)).toEqual(["made-clients.json"]);
});
