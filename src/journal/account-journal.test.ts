import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setRuntime, type PluginRuntime } from "../config/runtime.ts";
import { accountFolder } from "../config/state-folder.ts";
import { isInUse, withJournal } from "./account-journal.ts";
import { openJournal } from "./journal.ts";
import { takeLease } from "./lease.ts";

/** A state directory, and a host that knows nothing else. */
function stateFolder(): string {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-account-journal-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const core = { state: { resolveStateDir: () => stateDir } };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of the host that is asked
  setRuntime(core as PluginRuntime);
  return stateDir;
}

test.each(["read", "write"] as const)(
  "a command that would %s where no account has run leaves no folder behind",
  (mode) => {
    const stateDir = stateFolder();
    expect(withJournal("home", mode, () => "opened")).toBeUndefined();
    expect(isInUse("home")).toBe(false);
    expect(readdirSync(stateDir)).toEqual([]);
  },
);

test("a journal is in use while somebody holds its lease, and a command may read it all the same", () => {
  const { journal } = openJournal(accountFolder(stateFolder(), "home"));
  onTestFinished(() => journal.close());
  const lease = takeLease(journal);
  expect(isInUse("home")).toBe(true);
  expect(withJournal("home", "read", ({ file }) => file)).toBe(journal.file);
  lease.release();
  expect(isInUse("home")).toBe(false);
});

test("a command's journal is closed again, also when its work fails", () => {
  openJournal(accountFolder(stateFolder(), "home")).journal.close();
  let isOpen = (): boolean => true;
  const work = (): never => {
    throw new Error("half way");
  };
  expect(() =>
    withJournal("home", "write", ({ db }) => {
      isOpen = () => db.isOpen;
      return work();
    }),
  ).toThrow("half way");
  expect(isOpen()).toBe(false);
});
