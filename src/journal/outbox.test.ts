import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openJournal } from "./journal.ts";
import { createOutbox, type OutboxNote } from "./outbox.ts";

const DAY_MS = 86_400_000;

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "gotify-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { journal } = openJournal(folder);
  onTestFinished(() => journal.close());
  const clock = { ms: 1_000_000 };
  return { journal, clock, outbox: createOutbox(journal, () => clock.ms) };
}

const failed = (more: Partial<OutboxNote> = {}): OutboxNote => ({
  id: "d-1",
  payload: 0,
  payloads: 1,
  target: "app:5",
  parts: [{ message: "hello", title: "Ada", priority: 5, extras: { a: { b: 1 } } }],
  state: "waiting",
  stored: new Map(),
  reason: "no connection",
  isOwed: true,
  origin: "here",
  ...more,
});

test("a reply that failed is kept with what was to be posted, and its attempts are counted", () => {
  const { outbox, clock } = setup();
  outbox.note(failed(), true);
  clock.ms += 5;
  outbox.note(failed({ state: "unknown", reason: "timed out", startedAt: 7, answeredAt: 8 }), true);
  expect(outbox.list()).toEqual([
    {
      ...failed({ state: "unknown", reason: "timed out", startedAt: 7, answeredAt: 8 }),
      appId: undefined,
      answeredApp: undefined,
      attempts: 2,
      notedAt: 1_000_000,
      triedAt: 1_000_005,
      givenUpAt: undefined,
    },
  ]);
  expect(outbox.find({ id: "d-1", payload: 0 })).toEqual(outbox.list()[0]);
  expect(outbox.find({ id: "d-1", payload: 1 })).toBeUndefined();
});

test("one that is given up stays, until it is tried again or forgotten", () => {
  const { outbox } = setup();
  outbox.note(failed(), true);
  outbox.noteGivenUp("d-1");
  expect(outbox.list()).toMatchObject([{ givenUpAt: 1_000_000 }]);
  outbox.note(failed(), true);
  expect(outbox.list()).toMatchObject([{ givenUpAt: undefined, attempts: 2 }]);
  expect(outbox.forget({ id: "d-1", payload: 0 })).toBe(true);
  expect(outbox.forget({ id: "d-1", payload: 0 })).toBe(false);
  expect(outbox.list()).toEqual([]);
});

test("neither time nor number makes it grow without end", () => {
  const { outbox, clock } = setup();
  for (let index = 0; index < 1_005; index += 1) {
    clock.ms += 1;
    outbox.note(failed({ id: `d-${index}` }), true);
  }
  expect(outbox.list()).toHaveLength(1_000);
  expect(outbox.find({ id: "d-4", payload: 0 })).toBeUndefined();
  expect(outbox.find({ id: "d-5", payload: 0 })).toBeDefined();
  clock.ms += 31 * DAY_MS;
  outbox.note(failed({ id: "late" }), true);
  expect(outbox.list()).toHaveLength(1);
});

test("an entry that cannot be read is left out", () => {
  const { outbox, journal } = setup();
  outbox.note(failed(), true);
  outbox.note(failed({ id: "d-2" }), true);
  journal.db.exec("update outbox set parts = '[{}]' where id = 'd-1'");
  expect(outbox.list().map(({ id }) => id)).toEqual(["d-2"]);
});

test("what is known to be stored is kept, also when nothing was tried", () => {
  const { outbox } = setup();
  const stored = new Map([[1, { id: 12, appId: 3 }]]);
  outbox.note(failed({ stored }), false);
  expect(outbox.list()).toMatchObject([{ attempts: 0, stored }]);
});

test("one that was sent by hand keeps the fact and forgets the text", () => {
  const { outbox } = setup();
  outbox.note(failed(), true);
  const stored = new Map([[0, { id: 12, appId: 3 }]]);
  outbox.noteArrived({ id: "d-1", payload: 0 }, stored);
  expect(outbox.find({ id: "d-1", payload: 0 })).toMatchObject({
    state: "arrived",
    stored,
    parts: [],
  });
});

test("one that is taken over says what it is once, and what is known already stays", () => {
  const { outbox } = setup();
  outbox.adopt(failed({ isOwed: false, answeredApp: 5 }));
  outbox.adopt(failed({ reason: "another", isOwed: true }));
  outbox.note(failed({ reason: "newer", origin: "elsewhere", answeredApp: 6 }), true);
  expect(outbox.list()).toMatchObject([
    { reason: "newer", attempts: 1, isOwed: false, origin: "here", answeredApp: 5 },
  ]);
  outbox.markOwed("d-1");
  expect(outbox.list()).toMatchObject([{ isOwed: true }]);
});

test("one that waits can be claimed by one process only, and only as it was seen", () => {
  const { outbox, clock } = setup();
  outbox.note(failed(), true);
  const [seen] = outbox.list();
  if (seen === undefined) throw new Error("Nothing is kept.");
  clock.ms += 1;
  expect([outbox.claim(seen), outbox.claim(seen)]).toEqual([true, false]);
  expect(outbox.list()).toMatchObject([{ state: "unknown", startedAt: clock.ms }]);
  outbox.note(failed(), true);
  expect(outbox.claim(seen)).toBe(false);
  outbox.forget(seen);
  expect(outbox.claim(seen)).toBe(false);
});
