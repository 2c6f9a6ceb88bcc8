import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openJournal, visitJournal, type Journal } from "../journal/journal.ts";
import { createTally, createTallyKeeper, type TalliedHour } from "./tally.ts";
import { beginVitals, noneCounted, type VitalsWriter } from "./vitals.ts";

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 23, 12);

let folder: string;
let journal: Journal;
let vitals: VitalsWriter;
let now = NOON;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-tally-"));
  journal = openJournal(folder).journal;
  now = NOON;
  vitals = beginVitals("home", () => now);
  onTestFinished(() => {
    vitals.end();
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

/** What came in, hour by hour. */
function ins(hours: readonly TalliedHour[]): number[] {
  return hours.map(({ counted }) => counted.in);
}

/** As on a full disk: the last page of the table is full, and there is no other. */
function fillDisk(): void {
  const pages = Number(journal.sql("pragma page_count").get()?.["page_count"]);
  journal.db.exec(`pragma max_page_count = ${pages}`);
  const fill = journal.db.prepare("insert into tally values ($hour, 'x', 1)");
  const addRows = (): void => {
    for (let hour = NOON - HOUR_MS; hour < NOON; hour += 1) fill.run({ hour });
  };
  expect(addRows).toThrow("full");
}

function freeDisk(): void {
  journal.db.exec("pragma max_page_count = 1000000");
}

describe("the tally", () => {
  test("adds up what was counted in an hour, and shows hours without anything as zeros", () => {
    const tally = createTally(journal);
    tally.add({ ...noneCounted(), in: 2, out: 1 }, NOON - 2 * HOUR_MS);
    tally.add({ ...noneCounted(), in: 3 }, NOON + 10);
    tally.add({ ...noneCounted(), in: 4, failed: 1 }, NOON + HOUR_MS - 1);
    const hours = tally.hours(NOON + 30 * 60_000, 4);
    expect(ins(hours)).toEqual([0, 2, 0, 7]);
    expect(hours.map(({ hour }) => hour)).toEqual(
      [3, 2, 1, 0].map((back) => NOON - back * HOUR_MS),
    );
    expect(hours.at(-1)?.counted).toEqual({ ...noneCounted(), in: 7, failed: 1 });
  });

  test("keeps a week and forgets what is older", () => {
    const tally = createTally(journal);
    for (const hoursAgo of [170, 168, 167, 1]) {
      tally.add({ ...noneCounted(), in: 1 }, NOON - hoursAgo * HOUR_MS);
    }
    tally.add({ ...noneCounted(), in: 1 }, NOON);
    const kept = journal.sql("select hour from tally order by hour").all();
    expect(kept.map(({ hour }) => (NOON - Number(hour)) / HOUR_MS)).toEqual([167, 1, 0]);
  });

  test("is read by another process, and skips what a newer version counts", () => {
    createTally(journal).add({ ...noneCounted(), out: 5 }, NOON);
    journal.sql("insert into tally values ($hour, 'sighs', 3)").run({ hour: NOON });
    const visited = visitJournal(folder, "read");
    onTestFinished(() => visited?.close());
    const hours = visited === undefined ? [] : createTally(visited).hours(NOON, 1);
    expect(hours).toEqual([{ hour: NOON, counted: { ...noneCounted(), out: 5 } }]);
  });
});

describe("the keeper of the tally", () => {
  test("opens the journal only when something was counted, and writes each count once", () => {
    const keeper = createTallyKeeper(vitals, () => now);
    let opened = 0;
    const write = (): void =>
      keeper.write(() => {
        opened += 1;
        return journal;
      });
    write();
    expect(opened).toBe(0);
    vitals.count("in", 3);
    write();
    write();
    expect(opened).toBe(1);
    vitals.count("in");
    write();
    expect(ins(createTally(journal).hours(now, 1))).toEqual([4]);
  });

  test("loses nothing to a full disk, throws nothing, and puts it in the hour in which it was counted", () => {
    const keeper = createTallyKeeper(vitals, () => now);
    const write = (): void => keeper.write(() => journal);
    fillDisk();
    vitals.count("in", 2);
    write();
    now += HOUR_MS;
    vitals.count("in", 5);
    write();
    expect(ins(createTally(journal).hours(now, 2))).toEqual([0, 0]);
    freeDisk();
    write();
    write();
    expect(ins(createTally(journal).hours(now, 2))).toEqual([2, 5]);
  });

  test("keeps what it could not write when the journal cannot be opened, for the next journal", () => {
    const keeper = createTallyKeeper(vitals, () => now);
    vitals.count("out", 2);
    keeper.write(() => {
      throw new Error("It is gone.");
    });
    keeper.write(() => undefined);
    keeper.write(() => journal);
    expect(createTally(journal).hours(now, 1)[0]?.counted.out).toBe(2);
  });
});
