import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { createIntake, type Intake } from "./intake.ts";
import { openJournal, type Journal } from "../../journal/journal.ts";
import { loadProgress, type Progress } from "./progress.ts";

const START = Date.UTC(2026, 10, 23);
const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

let journal: Journal;
let progress: Progress;
let intake: Intake;

/** A message of application 5, posted so many seconds after the start. */
const message = (id: number, seconds = id, parts: Partial<GotifyMessage> = {}): GotifyMessage => ({
  id,
  appId: 5,
  message: `message ${id}`,
  title: "",
  priority: 0,
  extras: {},
  date: new Date(START + seconds * SECOND_MS),
  ...parts,
});
const rows = (): unknown[] =>
  journal.db
    .prepare("select id from inbox order by seq")
    .all()
    .map((row) => row["id"]);
const page = (...messages: GotifyMessage[]) => intake.acceptPage(messages, () => undefined);
const look = (one: GotifyMessage, of: Progress = progress) =>
  of.begin([one.id]).look(one, "history");
const note = (one: GotifyMessage): void => {
  const batch = progress.begin([one.id]);
  batch.note(one, "admitted");
  batch.end();
};
const frames = (...messages: GotifyMessage[]) => intake.acceptFrames(messages);

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-progress-"));
  ({ journal } = openJournal(folder));
  progress = loadProgress(journal, "server", 1);
  intake = createIntake({
    journal,
    progress,
    feedKey: "server:1",
    judge: () => "admitted",
    laneOf: () => "5",
    assertConsumer: () => {},
    now: () => START,
  });
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("a message", () => {
  test("is taken in once, from the stream, a page, or both", () => {
    frames(message(1), message(2));
    page(message(3), message(2), message(1));
    frames(message(3));
    expect(rows()).toEqual(["server:1:0:1", "server:1:0:2", "server:1:0:3"]);
  });

  test("is taken in once when it comes twice in one batch", () => {
    expect(frames(message(1), message(2), message(1)).admitted).toHaveLength(2);
    page(message(4), message(4), message(3));
    expect(rows()).toHaveLength(4);
    expect(progress.countAboveMark()).toBe(4);
  });

  test("that follows another one of its id in one batch begins a new counting", () => {
    // What was there before is not taken in again.
    const { restarted } = frames(
      message(1),
      message(2),
      message(1, 500),
      message(3, 501),
      message(2),
    );
    expect(restarted).toBe(true);
    expect(rows()).toEqual(["server:1:0:1", "server:1:0:2", "server:1:1:1", "server:1:1:3"]);
    expect(look(message(1, 500))).toBe("known");
    expect(progress.state().newestAt).toBe(START + 501 * SECOND_MS);
  });

  test("is the same one when its database rounds the date or shortens the text", () => {
    frames(message(1, 10.4));
    page(message(1, 10), message(1, 10.4, { message: "mess" }));
    expect(rows()).toHaveLength(1);
  });

  test("is the same one when the server's time zone was changed", () => {
    frames(message(1));
    page(message(1, 1, { date: new Date(START + SECOND_MS + 2 * HOUR_MS) }));
    expect(rows()).toHaveLength(1);
    expect(progress.state().epoch).toBe(0);
  });

  test("that only says the same as another is another", () => {
    frames(message(1, 1, { message: "disk full" }));
    expect(page(message(1, 1_000, { message: "disk full" })).restarted).toBe(true);
  });

  test("pushed below the mark is taken in: pushes are never repeated, and databases commit late", () => {
    frames(message(10), message(12));
    intake.finish(12);
    frames(message(11));
    expect(rows()).toContain("server:1:0:11");
  });

  test("that a reading took for history or left out is taken in when it is pushed after all", () => {
    intake.acceptPage([message(2), message(1)], (one) => (one.id === 1 ? "history" : "skipped"));
    frames(message(1), message(2));
    expect(rows()).toEqual(["server:1:0:1", "server:1:0:2"]);
    frames(message(1), message(2));
    expect(rows()).toHaveLength(2);
  });

  test("listed below the mark is not", () => {
    intake.finish(12);
    page(message(11));
    expect(rows()).toEqual([]);
  });

  test("is neither taken in nor noted when its row cannot be written", () => {
    journal.db.exec(`pragma max_page_count = ${pages()}`);
    expect(() => frames(message(1, 1, { message: "x".repeat(50_000) }))).toThrow(/full/);
    journal.db.exec("pragma max_page_count = 100000");
    expect(rows()).toEqual([]);
    expect(look(message(1))).toBe("new");
  });
});

describe("a server that counts anew", () => {
  test("is noticed by a push whose id is old and whose date is not", () => {
    frames(message(50, 50));
    intake.finish(50);
    expect(frames(message(1, 100)).restarted).toBe(true);
    expect(rows()).toEqual(["server:1:0:50", "server:1:1:1"]);
    expect(progress.state()).toMatchObject({ epoch: 1, mark: 0 });
  });

  test("is noticed by a known id that means something else, and nothing of that page is lost", () => {
    frames(message(1, 1), message(2, 2));
    const renewed = [message(2, 200, { appId: 6 }), message(1, 199, { appId: 6 })];
    expect(page(...renewed)).toMatchObject({ restarted: true, admitted: [] });
    expect(page(...renewed).admitted).toHaveLength(2);
    expect(rows()).toHaveLength(4);
  });

  test("keeps what it pushed before that was noticed from being taken in again", () => {
    frames(message(1, 1), message(2, 2));
    intake.finish(2);
    // Higher than everything known: by itself it gives nothing away.
    frames(message(3, 100));
    page(message(3, 100), message(2, 99, { appId: 6 }));
    page(message(3, 100), message(2, 99, { appId: 6 }), message(1, 98, { appId: 6 }));
    expect(rows()).toEqual([
      "server:1:0:1",
      "server:1:0:2",
      "server:1:0:3",
      "server:1:1:2",
      "server:1:1:1",
    ]);
  });

  test("after a restore does not have its old messages answered again", () => {
    frames(message(1, 1), message(2, 2), message(3, 3));
    intake.finish(3);
    // The backup was made before the third, and a new third has come since.
    expect(page(message(3, 50, { message: "new" })).restarted).toBe(true);
    page(message(3, 50, { message: "new" }), message(2, 2), message(1, 1));
    expect(rows()).toEqual(["server:1:0:1", "server:1:0:2", "server:1:0:3", "server:1:1:3"]);
  });

  test("does not have history answered that is older than what is remembered", () => {
    intake.acceptPage([message(8, 8), message(7, 7)], () => "history");
    intake.finish(8);
    expect(page(message(8, 80, { message: "new" })).restarted).toBe(true);
    page(message(8, 80, { message: "new" }), message(7, 7), message(6, 6), message(5, 5));
    expect(rows()).toEqual(["server:1:1:8"]);
  });
});

describe("what is remembered", () => {
  test("is everything above the mark, the newest 2,000 below it, and what is younger than an hour", () => {
    const noteAll = (from: number, to: number, seconds: number): void => {
      for (let id = from; id <= to; id += 1) note(message(id, seconds));
    };
    const kept = () =>
      journal.db.prepare("select count(*) as count, min(id) as lowest from seen").get();
    noteAll(1, 2_500, 0);
    intake.finish(2_400);
    expect(kept()).toEqual({ count: 2_500, lowest: 1 });
    noteAll(2_501, 2_600, 2 * 3_600);
    intake.finish(2_550);
    expect(kept()).toEqual({ count: 2_050, lowest: 551 });
    expect(progress.countAboveMark()).toBe(50);
  });

  test("does not have to reach far: a push that comes long after its listing is no news", () => {
    frames(message(1, 1));
    journal.db.exec("delete from seen");
    intake.finish(10);
    frames(message(1, 1));
    expect(rows()).toEqual(["server:1:0:1"]);
    expect(progress.state().epoch).toBe(0);
  });

  test("does not stand in for a new message of a server that counts anew with a slow clock", () => {
    frames(message(1, 1));
    note(message(90, 1e6));
    journal.db.exec("delete from seen");
    intake.finish(90);
    expect(frames(message(1, 10_000, { message: "new" })).restarted).toBe(true);
    expect(rows()).toEqual(["server:1:0:1", "server:1:1:1"]);
  });

  test("belongs to one user of one server", () => {
    frames(message(1));
    expect(look(message(1), loadProgress(journal, "server", 2))).toBe("new");
    expect(look(message(1), loadProgress(journal, "other", 1))).toBe("new");
    expect(look(message(1), loadProgress(journal, "server", 1))).toBe("known");
  });

  test("is bounded also where the lists never answer, so that no reading ever moves the mark", () => {
    const feed = journal.sql("select id from feed where server = 'server'").get()?.["id"];
    journal.db.exec(`
      with recursive ids (id) as (select 1 union all select id + 1 from ids where id < 195000)
      insert into seen (feed, epoch, id, app, at, digest, verdict)
      select ${String(feed)}, 0, id, 5, ${START}, '', 'admitted' from ids`);
    frames(...Array.from({ length: 9_999 }, (_, index) => message(195_001 + index, 0)));
    expect(progress.countAboveMark()).toBe(204_999);
    frames(message(205_000, 0));
    expect(progress.state().mark).toBe(5_000);
    expect(progress.countAboveMark()).toBe(200_000);
  });

  test("never moves its mark down", () => {
    intake.finish(10);
    intake.finish(4);
    expect(progress.state().mark).toBe(10);
  });
});

function pages(): number {
  return Number(journal.db.prepare("pragma page_count").get()?.["page_count"]);
}

describe("what comes a second time", () => {
  test("is counted when the stream brings it, and not when a page shows it again", () => {
    expect(frames(message(1), message(2))).toMatchObject({ fresh: 2, repeated: 0 });
    expect(frames(message(2), message(3))).toMatchObject({ fresh: 1, repeated: 1 });
    expect(page(message(3), message(2), message(1))).toMatchObject({ fresh: 0, repeated: 0 });
    expect(page(message(4), message(3))).toMatchObject({ fresh: 1, repeated: 0 });
    expect(frames(message(4))).toMatchObject({ fresh: 0, repeated: 1 });
    expect(rows()).toHaveLength(4);
  });

  test("is not admitted again where its row is there and its note is gone", () => {
    page(message(2), message(1));
    frames(message(3));
    journal.sql("delete from seen").run();
    expect(page(message(2), message(1))).toMatchObject({ admitted: [], repeated: 2 });
    expect(frames(message(3))).toMatchObject({ admitted: [], repeated: 1 });
    expect(rows()).toHaveLength(3);
  });

  test("is told once it is written, and not at all when it is not", () => {
    const told: number[] = [];
    let isConsumer = true;
    const watched = createIntake({
      journal,
      progress,
      feedKey: "server:1",
      judge: () => "admitted",
      laneOf: () => "5",
      assertConsumer() {
        if (!isConsumer) throw new Error("Another one is.");
      },
      onTaken: ({ admitted }) => told.push(admitted.length, rows().length),
      now: () => START,
    });
    watched.acceptFrames([message(1), message(2)]);
    watched.acceptPage([message(3)], () => undefined);
    isConsumer = false;
    expect(() => watched.acceptFrames([message(4)])).toThrow("Another one is.");
    expect(told).toEqual([2, 2, 1, 3]);
    const before = progress.state();
    expect(() => watched.finish(3)).toThrow("Another one is.");
    expect(() => watched.restart()).toThrow("Another one is.");
    expect(progress.state()).toEqual(before);
  });
});
