import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openPractice, type Practice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import { installId } from "../../config/install-id.ts";
import { accountFolder, pluginFolder } from "../../config/state-folder.ts";
import { openJournal } from "../../journal/journal.ts";

/** With a journal as an account leaves it behind. */
async function used(): Promise<Practice & { folder: string; file: string }> {
  const practice = await openPractice();
  const folder = accountFolder(practice.stateDir, "default");
  const { journal } = openJournal(folder);
  journal.db.exec(
    `with recursive n(value) as (select 1 union all select value + 1 from n where value < 400)
     insert into inbox (id, state, payload, received_at, updated_at)
     select value, 'failed', printf('%.900c', 'x'), 1, 1 from n`,
  );
  journal.close();
  return { ...practice, folder, file: join(folder, "journal.sqlite") };
}

test("files that are as they should be are told in one line each, and nothing is made by looking", async () => {
  const fresh = await openPractice();
  const first = await fresh.visit(fresh.account());
  expect(first.of("files")).toEqual(["ok: The plugin has no files yet."]);
  expect(first.of("journal")).toEqual(["ok: The account has no journal yet."]);
  const { visit, account, stateDir } = await used();
  installId(stateDir);
  const { of } = await visit(account());
  expect(of("files")).toEqual(["ok: The plugin's folder is private, and can be written."]);
  expect(of("journal")).toEqual([textLike(/^ok: The journal is whole \(\d+ KiB\)\.$/)]);
  expect(of("disk")).toEqual([textLike(/^ok: There is room/)]);
});

test("a folder that others may look into is told before anything mends it", async () => {
  const { visit, account, stateDir, folder } = await used();
  chmodSync(pluginFolder(stateDir), 0o755);
  chmodSync(folder, 0o750);
  const { of } = await visit(account());
  expect(of("files")).toEqual([
    textLike(/^warning: .*\/gotify \(mode 755\).* → Run: chmod 700 /),
    textLike(/^warning: .*\/gotify\/default \(mode 750\).* → Run: chmod 700 /),
  ]);
});

test("a journal that is damaged in the middle is found, and left as it is", async () => {
  const { visit, account, file } = await used();
  const bytes = readFileSync(file);
  bytes.fill(0xaa, 20 * 4_096, 24 * 4_096);
  writeFileSync(file, bytes);
  const report = await visit(account());
  expect(report.of("journal")).toEqual([
    textLike(/^error: .*is damaged: .* → Restart the Gateway/),
  ]);
  expect(report.ok).toBe(false);
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

test("a journal that is none, one of a newer version, and damaged ones set aside are told", async () => {
  const { visit, account, file, folder } = await used();
  writeFileSync(join(folder, "journal.sqlite.damaged-2026-03-01T10-20-30"), "");
  expect((await visit(account())).of("journal")).toEqual([
    textLike(/^ok: /),
    textLike(
      /^warning: A damaged journal was set aside: journal\.sqlite\.damaged-2026-03-01T10-20-30\./,
    ),
  ]);
  const db = new DatabaseSync(file);
  db.exec("pragma user_version = 99");
  db.close();
  expect((await visit(account())).of("journal")[0]).toMatch(/^error: .*format 99.* → Restart/);
  writeFileSync(file, "no database at all, but long enough to be looked at ".repeat(100));
  expect((await visit(account())).of("journal")[0]).toMatch(/^error: .*damaged/);
});

test("an id of the installation that is damaged, and a file in place of a folder, are told", async () => {
  const { visit, account, stateDir } = await openPractice();
  writeFileSync(join(pluginFolder(stateDir), "install-id"), "no id!");
  expect((await visit(account())).of("files")).toEqual([
    textLike(/^error: .*install-id is damaged/),
  ]);
  const other = await openPractice();
  mkdirSync(join(other.stateDir, "elsewhere"));
  writeFileSync(join(other.stateDir, "gotify"), "");
  const { of, bad } = await other.visit(other.account());
  expect(bad.filter(({ level }) => level === "error").map(({ check }) => check)).toContain("files");
  // The other checks are read all the same.
  expect(of("client-token")).toEqual([textLike(/^ok: /)]);
});
