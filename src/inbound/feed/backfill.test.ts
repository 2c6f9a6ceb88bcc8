import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { createBackfill, type Backfill, type BackfillOptions } from "./backfill.ts";
import { createIntake, type Intake } from "./intake.ts";
import { openJournal } from "../../journal/journal.ts";
import { loadProgress, type Progress } from "./progress.ts";

const START = Date.UTC(2026, 10, 23);
const SECOND_MS = 1_000;
const live = new AbortController().signal;

let stored: GotifyMessage[] = [];
let asked: { since: number | undefined; limit: number }[] = [];
let elapsed = 0;
let servedAt: Date | undefined;
let now = START;
/** Called when a page has been asked for and is on its way. */
let onPage = (): void => {};
/** Called when the last page has been looked at. */
let onEnd = (): void => {};
let progress: Progress;
let intake: Intake;
let backfill: Backfill;

/** A message posted so many seconds after the start. */
const message = (id: number, seconds: number): GotifyMessage => ({
  id,
  appId: 5,
  message: `message ${id} at ${seconds}`,
  title: "",
  priority: 0,
  extras: {},
  date: new Date(START + seconds * SECOND_MS),
});
const store = (...messages: GotifyMessage[]): void => {
  stored = [...stored, ...messages].toSorted((a, b) => b.id - a.id);
};
const read = () => backfill.read(live, true);
const mark = (): number | undefined => progress.state().mark;

/** Pages as Gotify gives them. */
const client: BackfillOptions["client"] = {
  async *readPages({ since, pageSize = 200 } = {}) {
    let below = since ?? Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        asked.push({
          since: below === Number.POSITIVE_INFINITY ? undefined : below,
          limit: pageSize,
        });
        const rest = stored.filter(({ id }) => id < below);
        const messages = rest.slice(0, pageSize);
        onPage();
        const last = messages.at(-1);
        const next = rest.length > messages.length ? last?.id : undefined;
        yield { messages, unreadable: 0, servedAt, next };
        if (next === undefined) return;
        below = next;
      }
    } finally {
      onEnd();
    }
  },
};

beforeEach(() => {
  [stored, asked, elapsed, now] = [[], [], 0, START];
  servedAt = undefined;
  onPage = () => {};
  onEnd = () => {};
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-backfill-"));
  const { journal } = openJournal(folder);
  progress = loadProgress(journal, "server", 1);
  intake = createIntake({
    journal,
    progress,
    feedKey: "server:1",
    judge: () => "admitted",
    laneOf: () => "5",
    assertConsumer: () => {},
    now: () => now,
  });
  backfill = createBackfill({
    client,
    progress,
    intake,
    policy: { firstStart: 0, maxMessages: 1_000, maxAgeMs: 1e9 },
    now: () => now,
    elapsed: () => elapsed,
  });
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the mark", () => {
  test("moves to what is ten seconds older than the newest, and no further", async () => {
    intake.finish(0);
    store(message(1, 0), message(2, 5), message(3, 6), message(4, 15.5));
    await read();
    expect(mark()).toBe(2);
  });

  test("does not pass an unsettled message that a wrong clock dated below a settled one", async () => {
    intake.finish(0);
    store(message(1, 0), message(2, 100), message(3, 5), message(4, 101));
    await read();
    expect(mark()).toBe(1);
  });

  test("moves by our own clock when the server's says nothing", async () => {
    intake.finish(0);
    store(message(1, 0), message(2, 1));
    await read();
    expect(mark()).toBe(0);
    elapsed += 9_999;
    await read();
    expect(mark()).toBe(0);
    elapsed += 1;
    store(message(3, 1));
    await read();
    expect(mark()).toBe(2);
  });

  test("stays where it is when a page cannot be read", async () => {
    intake.finish(0);
    store(...Array.from({ length: 300 }, (_, index) => message(index + 1, index)));
    onPage = () => {
      if (asked.length === 2) throw new Error("gone");
    };
    await expect(read()).rejects.toThrow("gone");
    expect(mark()).toBe(0);
    onPage = () => {};
    expect((await read()).admitted).toBe(280);
    expect(mark()).toBe(290);
  });

  test("of a first start lies below everything that may still be joined by late neighbours", async () => {
    store(message(1, 0), message(5, 20), message(7, 21));
    expect(await read()).toMatchObject({ first: true, admitted: 0 });
    expect(mark()).toBe(1);
    store(message(6, 20.5));
    expect((await read()).admitted).toBe(1);
  });

  test("of a first start does not make history of what came after the first push", async () => {
    store(message(1, 0), message(2, 50), message(3, 51));
    intake.acceptFrames([message(2, 50)]);
    expect((await read()).admitted).toBe(1);
  });

  test("of a first start on a server that repeats one date does not let history in later", async () => {
    store(...Array.from({ length: 10_400 }, (_, index) => message(index + 1, 0)));
    await read();
    expect(asked.length).toBeLessThan(60);
    expect((await read()).admitted).toBe(0);
  });
});

describe("a reading", () => {
  test("asks for little when little is to be expected, and for much when there is more", async () => {
    store(message(1, 0));
    await read();
    store(...Array.from({ length: 500 }, (_, index) => message(index + 2, 100 + index)));
    asked = [];
    await read();
    expect(asked.map(({ limit }) => limit)).toEqual([21, 200, 200, 200]);
    asked = [];
    await read();
    expect(asked).toEqual([{ since: undefined, limit: 30 }]);
  });

  test("asks for the next page before it has written the last one", async () => {
    intake.finish(0);
    store(...Array.from({ length: 300 }, (_, index) => message(index + 1, index)));
    const written: number[] = [];
    onPage = () => written.push(progress.countAboveMark());
    expect((await read()).admitted).toBe(300);
    expect(written).toEqual([0, 0, 20]);
  });

  test("asks for no page in vain, whatever ends it", async () => {
    intake.finish(0);
    store(...Array.from({ length: 2_000 }, (_, index) => message(index + 1, index)));
    await read();
    // 20, and 200 five times: the last of them holds what is too many.
    expect(asked).toHaveLength(6);
    [asked, servedAt] = [[], new Date(START + 3_000 * SECOND_MS)];
    store(...Array.from({ length: 1_000 }, (_, index) => message(index + 2_001, 2_000 + index)));
    backfill = createBackfill({
      client,
      progress,
      intake,
      policy: { firstStart: 0, maxMessages: 10_000, maxAgeMs: 300 * SECOND_MS },
      now: () => now,
      elapsed: () => elapsed,
    });
    expect((await read()).skipped?.id).toBe(2_700);
    expect(asked).toHaveLength(3);
  });

  test("stops at its number, and the rest counts as skipped for good", async () => {
    intake.finish(0);
    backfill = createBackfill({
      client,
      progress,
      intake,
      policy: { firstStart: 0, maxMessages: 2, maxAgeMs: 1e9 },
      now: () => now,
      elapsed: () => elapsed,
    });
    store(...Array.from({ length: 30 }, (_, index) => message(index + 1, index)));
    expect(await read()).toMatchObject({ admitted: 2, skipped: { id: 28 } });
    expect(mark()).toBe(28);
    expect(await read()).toMatchObject({ admitted: 0, skipped: undefined });
  });

  test("is bounded in number only after an outage, not in what the stream lost meanwhile", async () => {
    intake.finish(0);
    backfill = createBackfill({
      client,
      progress,
      intake,
      policy: { firstStart: 0, maxMessages: 2, maxAgeMs: 1e9 },
      now: () => now,
      elapsed: () => elapsed,
    });
    store(...Array.from({ length: 30 }, (_, index) => message(index + 1, index)));
    expect(await backfill.read(live, false)).toMatchObject({ admitted: 30, skipped: undefined });
  });

  test("takes the age of a message by the server's clock where it tells the time", async () => {
    intake.finish(0);
    servedAt = new Date(START + 100 * SECOND_MS);
    now = START + 1e10;
    store(message(1, 0));
    expect((await read()).admitted).toBe(1);
  });

  test("tells how long its dearest page took", async () => {
    store(message(1, 0));
    onPage = () => {
      elapsed += 300;
    };
    expect((await read()).pageCostMs).toBe(300);
  });
});

describe("a server that counts anew", () => {
  test("while a page is on its way does not get a mark of the counting before", async () => {
    store(message(49, 49), message(50, 50));
    await read();
    onPage = () => {
      onPage = () => {};
      stored = [];
      store(message(1, 100), message(2, 101));
      intake.acceptFrames([message(1, 100)]);
    };
    expect(await read()).toMatchObject({ restarted: true, admitted: 1 });
    expect(progress.state()).toMatchObject({ epoch: 1, mark: 0 });
  });

  test("while the page after one is fetched has that one read again", async () => {
    intake.finish(0);
    store(...Array.from({ length: 100 }, (_, index) => message(index + 1, index)));
    onPage = () => {
      if (asked.length !== 2) return;
      stored = [];
      store(message(1, 200), message(2, 201));
      intake.restart();
    };
    expect(await read()).toMatchObject({ restarted: true, admitted: 2 });
    expect(progress.state()).toMatchObject({ epoch: 1 });
    expect(progress.countAboveMark()).toBe(2);
  });

  test("between the last page and the mark gets none either", async () => {
    store(message(49, 49), message(50, 50));
    await read();
    onEnd = () => {
      onEnd = () => {};
      stored = [];
      store(message(1, 100), message(2, 101));
      intake.acceptFrames([message(1, 100)]);
    };
    expect(await read()).toMatchObject({ restarted: true, admitted: 1 });
    expect(mark()).toBe(0);
  });

  test("does not get a mark from what our clock remembers of the counting before", async () => {
    store(message(49, 49), message(50, 50));
    await read();
    stored = [];
    store(message(1, 100));
    intake.acceptFrames([message(1, 100)]);
    elapsed += 60_000;
    await read();
    expect(mark()).toBe(0);
    store(message(2, 101));
    expect((await read()).admitted).toBe(1);
  });

  test("again within one reading is no server but two", async () => {
    store(message(1, 1), message(2, 2));
    await read();
    let turn = 0;
    onPage = () => {
      turn += 1;
      intake.acceptFrames([message(2, 1_000 * turn)]);
      stored = [];
      store(message(2, 1_000 * turn + 500));
    };
    await expect(read()).rejects.toThrow(/Do two servers answer/);
  });
});

describe("the newest message on the server", () => {
  test("is told by each reading, also when nothing of it is new, and when there is none", async () => {
    expect((await read()).newest).toBeUndefined();
    store(message(1, 0), message(2, 5), message(3, 60));
    expect((await read()).newest).toBe(3);
    expect((await read()).newest).toBe(3);
  });
});
