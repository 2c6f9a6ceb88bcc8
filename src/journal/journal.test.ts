import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { isPassing, JournalError } from "./journal-errors.ts";
import { createJournalQueue } from "./journal-queue.ts";
import { openJournal, visitJournal, type Journal } from "./journal.ts";

const identity = { channelId: "gotify", accountId: "home", queueName: "gotify:home" };
const opened: Journal[] = [];
let folder = "";

const open = () => {
  const result = openJournal(folder, () => Date.UTC(2026, 10, 23, 10, 20, 30));
  opened.push(result.journal);
  return result;
};
const file = (): string => join(folder, "journal.sqlite");
const problemOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-journal-"));
  onTestFinished(() => {
    for (const journal of opened.splice(0)) journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the journal file", () => {
  test("written by a newer version is refused, and left as it is", () => {
    const { journal } = open();
    journal.db.exec("pragma user_version = 999");
    journal.close();
    const error = problemOf(open);
    expect(error).toBeInstanceOf(JournalError);
    expect(error).toMatchObject({ code: "GOTIFY_JOURNAL_NEWER" });
    expect(String(error)).toMatch(
      /journal\.sqlite was written by a newer version.*format 999.*Update/,
    );
    expect(readdirSync(folder)).toEqual(["journal.sqlite"]);
    const reader = new DatabaseSync(file());
    expect(reader.prepare("pragma user_version").get()).toEqual({ user_version: 999 });
    reader.close();
  });

  test("of the first format is brought up to date, with all that is in it", async () => {
    const old = new DatabaseSync(file());
    old.exec(`
      create table inbox (
        seq integer primary key autoincrement, id text not null unique,
        state text not null check (state in ('pending', 'claimed', 'completed', 'failed')),
        lane text, payload text, metadata text, received_at integer not null,
        updated_at integer not null, attempts integer not null default 0, attempted_at integer,
        last_error text, claim_token text, claim_owner text, claimed_at integer, reason text,
        reason_text text
      ) strict;
      create index inbox_by_state on inbox (state, received_at, seq);
      insert into inbox (id, state, lane, payload, received_at, updated_at)
        values ('a:7', 'pending', '5', '"body"', 1, 1), ('a:6', 'completed', '5', null, 1, 1);
      pragma user_version = 1;
    `);
    old.close();
    const { journal, setAside } = open();
    expect(setAside).toBeUndefined();
    const inbox = createJournalQueue(journal, { identity });
    expect(await inbox.listPending()).toMatchObject([{ id: "a:7", laneKey: "5", payload: "body" }]);
    expect((await inbox.enqueue("a:6", "again")).kind).toBe("completed");
    expect(journal.db.prepare("pragma user_version").get()).toEqual({ user_version: 5 });
  });

  test("that is no database is set aside whole, and a new one begun", () => {
    const content = "no database, but long enough to be read as one".repeat(20);
    writeFileSync(file(), content);
    const { journal, setAside } = open();
    expect(setAside).toBe(`${file()}.damaged-2026-11-23T10-20-30`);
    expect(readFileSync(setAside ?? "", "utf8")).toBe(content);
    expect(journal.db.prepare("select count(*) as n from inbox").get()).toEqual({ n: 0 });
  });

  test("with a damaged page is set aside beside earlier ones", async () => {
    const { journal } = open();
    const inbox = createJournalQueue(journal, { identity });
    for (let id = 0; id < 200; id += 1) await inbox.enqueue(String(id), "x".repeat(400));
    journal.close();
    const bytes = readFileSync(file());
    bytes.fill(0xff, 2 * 4096, 12 * 4096);
    for (const suffix of ["", "-2"]) {
      writeFileSync(file(), bytes);
      const again = open();
      expect(again.setAside).toBe(`${file()}.damaged-2026-11-23T10-20-30${suffix}`);
      again.journal.close();
    }
  });

  test("that is damaged while a command reads it goes aside with its log", async () => {
    const { journal } = open();
    const inbox = createJournalQueue(journal, { identity });
    for (let id = 0; id < 200; id += 1) await inbox.enqueue(String(id), "x".repeat(400));
    journal.db.exec("pragma wal_checkpoint(truncate)");
    await inbox.enqueue("the last one", "body");
    const log = readFileSync(`${file()}-wal`);
    const bytes = readFileSync(file());
    bytes.fill(0xff, 2 * 4096, 12 * 4096);
    writeFileSync(file(), bytes);
    // Somebody else still has the file open, so that closing it does not end the log.
    const { setAside } = open();
    expect(readFileSync(`${setAside}-wal`)).toEqual(log);
  });

  test("keeps all of a transaction or nothing", () => {
    const { journal } = open();
    expect(() =>
      journal.transaction(() => {
        journal.db.exec(
          "insert into inbox (id, state, received_at, updated_at) values ('1', 'pending', 0, 0)",
        );
        throw new Error("half way");
      }),
    ).toThrow("half way");
    expect(journal.db.prepare("select count(*) as n from inbox").get()).toEqual({ n: 0 });
  });

  test("waits for the disk only where an answer depends on it", () => {
    const { journal } = open();
    const synchronous = (): unknown => journal.sql("pragma synchronous").get()?.["synchronous"];
    const [NORMAL, FULL] = [1, 2];
    expect(journal.durably(synchronous)).toBe(FULL);
    expect(journal.transaction(synchronous)).toBe(NORMAL);
    const failing = (): never => {
      throw new Error("half way");
    };
    expect(() => journal.durably(failing)).toThrow("half way");
    expect(journal.transaction(synchronous)).toBe(NORMAL);
    // It would be as durable as the one around it.
    expect(() => journal.transaction(() => journal.durably(synchronous))).toThrow("halfway");
  });

  test("takes a transaction within another for a part of it", () => {
    const { journal } = open();
    const grant = (app: number): void =>
      journal.transaction(() => {
        journal.sql("insert into grants (app, name) values ($app, 'Phone')").run({ app });
      });
    expect(() =>
      journal.transaction(() => {
        grant(5);
        throw new Error("half way");
      }),
    ).toThrow("half way");
    grant(6);
    expect(journal.sql("select app from grants").all()).toEqual([{ app: 6 }]);
  });

  test("says so when the disk is full, keeps what it has, and goes on when there is room", async () => {
    const { journal } = open();
    const inbox = createJournalQueue(journal, { identity });
    await inbox.enqueue("1", "before");
    const pages = Number(journal.db.prepare("pragma page_count").get()?.["page_count"]);
    journal.db.exec(`pragma max_page_count = ${pages}`);
    await expect(inbox.enqueue("2", "x".repeat(100_000))).rejects.toThrow(
      /wait on the Gotify server until there is room/,
    );
    expect(await inbox.listPending()).toMatchObject([{ id: "1" }]);
    journal.db.exec("pragma max_page_count = 1000000");
    expect((await inbox.enqueue("2", "x".repeat(100_000))).kind).toBe("accepted");
  });

  test("that another program is writing into is busy, is told so soon, and works afterwards", () => {
    const { journal } = open();
    const other = new DatabaseSync(file());
    other.exec("begin immediate");
    const error = problemOf(() => journal.transaction(() => {}));
    expect(error).toMatchObject({ code: "GOTIFY_JOURNAL_BUSY" });
    expect(isPassing(error)).toBe(true);
    other.exec("rollback");
    other.close();
    expect(problemOf(() => journal.transaction(() => {}))).toBeUndefined();
  });

  test("says in its own words what SQLite complains of, also outside a transaction", () => {
    const { journal } = open();
    const compiled = journal.sql("select id from feed");
    journal.db.exec("drop table feed");
    for (const work of [() => compiled.all(), () => journal.sql("select * from feed")]) {
      const error = problemOf(work);
      expect(error).toMatchObject({ code: "GOTIFY_JOURNAL_UNUSABLE" });
      expect(String(error)).toMatch(/journal\.sqlite cannot be used: no such table: feed/);
    }
  });

  test("may be read, and backed up while it is being written, beside its consumer", async () => {
    const { journal } = open();
    const inbox = createJournalQueue(journal, { identity });
    await inbox.enqueue("7", "body");
    const reader = new DatabaseSync(file(), { readOnly: true });
    expect(reader.prepare("select id from inbox").all()).toEqual([{ id: "7" }]);
    const copy = join(folder, "backup.sqlite");
    const copying = backup(reader, copy, { rate: 1 });
    await inbox.enqueue("8", "body");
    await copying;
    reader.close();
    const restored = new DatabaseSync(copy);
    const ids = restored
      .prepare("select id from inbox")
      .all()
      .map((row) => row["id"]);
    restored.close();
    expect(ids).toContain("7");
    expect(await inbox.listPending()).toHaveLength(2);
  });

  test("survives a copy of file and log in the middle of its life", async () => {
    const { journal } = open();
    await createJournalQueue(journal, { identity }).enqueue("7", "body");
    const other = mkdtempSync(join(tmpdir(), "openclaw-gotify-journal-"));
    onTestFinished(() => rmSync(other, { recursive: true }));
    for (const suffix of ["", "-wal"])
      copyFileSync(file() + suffix, join(other, `journal.sqlite${suffix}`));
    const copy = openJournal(other).journal;
    opened.push(copy);
    expect(await createJournalQueue(copy, { identity }).listPending()).toMatchObject([{ id: "7" }]);
  });
});

describe("a visitor", () => {
  test("finds nothing where there is nothing, and creates nothing", () => {
    expect(visitJournal(folder, "read")).toBeUndefined();
    expect(existsSync(file())).toBe(false);
  });

  test("reads beside the consumer, and writes only when it says so", () => {
    const { journal } = open();
    journal.sql("insert into grants (app, name) values (5, 'Phone')").run();
    const reader = visitJournal(folder, "read");
    expect(reader?.sql("select name from grants").all()).toEqual([{ name: "Phone" }]);
    expect(() => reader?.sql("delete from grants").run()).toThrow("readonly");
    reader?.close();
    const writer = visitJournal(folder, "write");
    writer?.sql("delete from grants").run();
    // As the consumer writes: no wait for the disk, and nothing deleted stays readable in the file.
    expect(
      ["synchronous", "secure_delete"].map((name) => writer?.sql(`pragma ${name}`).get()?.[name]),
    ).toEqual([1, 1]);
    writer?.close();
    expect(journal.sql("select name from grants").all()).toEqual([]);
  });

  test("leaves a damaged file, and one of another format, where it is", () => {
    open().journal.close();
    const db = new DatabaseSync(file());
    db.exec("pragma user_version = 2");
    db.close();
    expect(() => visitJournal(folder, "write")).toThrow("Restart the Gateway");
    writeFileSync(file(), "no database, but long enough to be read as one".repeat(20));
    expect(() => visitJournal(folder, "read")).toThrow(JournalError);
    expect(readdirSync(folder).filter((name) => name.includes("damaged"))).toEqual([]);
  });
});
