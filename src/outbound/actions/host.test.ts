import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { accountFolder } from "../../config/state-folder.ts";
import { openJournal } from "../../journal/journal.ts";
import { actionHost } from "./host.ts";

function setup() {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-actions-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  return { stateDir, folder: accountFolder(stateDir, "home"), host: actionHost(stateDir) };
}

test("what the Gateway remembers of senders and of the server's counting is known beside it", () => {
  const { folder, host } = setup();
  const { journal } = openJournal(folder);
  onTestFinished(() => journal.close());
  journal.db.exec(`
    insert into grants (app, name, suspended_at) values (5, 'Phone', null), (6, 'Backup', 7);
    insert into feed (server, user, epoch) values ('abcd1234', 1, 3);
  `);
  expect([...host.grants("home")]).toEqual([
    [5, "fits"],
    [6, "suspended"],
  ]);
  expect(host.epochOf("home", "abcd1234", 1)).toBe(3);
  expect(host.epochOf("home", "abcd1234", 2)).toBeUndefined();
});

test("without a journal, or with one that cannot be read, nothing is remembered", () => {
  const { folder, host } = setup();
  expect([[...host.grants("home")], host.epochOf("home", "abcd1234", 1)]).toEqual([[], undefined]);
  writeFileSync(join(folder, "journal.sqlite"), "no database");
  expect([[...host.grants("home")], host.epochOf("home", "abcd1234", 1)]).toEqual([[], undefined]);
});
