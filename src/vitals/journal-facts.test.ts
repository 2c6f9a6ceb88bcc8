import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { accountFolder } from "../config/state-folder.ts";
import { createJournalQueue } from "../journal/journal-queue.ts";
import { openJournal } from "../journal/journal.ts";
import { createOutbox } from "../journal/outbox.ts";
import { readJournalFacts } from "./journal-facts.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

/** What is claimed, and what was sent by hand and has no body any more, is a handful; the newest row is one. */
const MAY_READ_ROWS = /claimed_at|state = 'arrived'|order by seq desc limit 1$/;
/** A row by its number, or the newest ones: read no further than to the columns before the body. */
const BY_NUMBER = /USING (?:INTEGER PRIMARY KEY|PRIMARY KEY)|^SEARCH inbox$/;

test("what a monitor asks for is read from indexes, whatever lies in the bodies", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "gotify-facts-"));
  const { journal } = openJournal(accountFolder(stateDir, "default"));
  onTestFinished(() => {
    journal.close();
    rmSync(stateDir, { recursive: true });
  });
  const identity = { channelId: "gotify", accountId: "default", queueName: "gotify:default" };
  const inbox = createJournalQueue(journal, { identity, now: () => NOW });
  for (const id of ["failed", "tried", "waiting"]) await inbox.enqueue(id, "body", { laneKey: id });
  await inbox.fail("failed", { reason: "no-agent" });
  const claim = await inbox.claim("tried", { ownerId: "me" });
  if (claim === null) throw new Error("Nothing was claimed.");
  await inbox.release(claim, { lastError: "no" });
  createOutbox(journal, () => NOW).note(
    {
      id: "d",
      payload: 0,
      payloads: 1,
      target: "app:5",
      parts: [],
      state: "refused",
      stored: new Map(),
      reason: "no",
      isOwed: false,
      origin: "here",
    },
    true,
  );

  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  onTestFinished(() => prepare.mockRestore());
  const facts = readJournalFacts({
    stateDir,
    accountId: "default",
    serverUrl: undefined,
    now: NOW,
    stuckBefore: NOW,
    turns: [],
    startedAt: undefined,
    lastOutAt: undefined,
  });
  const asked = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  expect(facts).toMatchObject({
    failed: 1,
    deadReplies: 1,
    retrying: { count: 1 },
    unexplained: 1,
  });

  const walking = asked
    .filter((sql) => /from (?:inbox|outbox)/.test(sql) && !MAY_READ_ROWS.test(sql))
    .flatMap((sql) => {
      const plan = journal.db.prepare(`explain query plan ${sql}`).all();
      return plan
        .map(({ detail }) => String(detail))
        .filter((step) => /\b(?:inbox|outbox)\b/.test(step))
        .filter((step) => !/COVERING INDEX/.test(step) && !BY_NUMBER.test(step))
        .map((step) => `${step}: ${sql}`);
    });
  expect(asked.filter((sql) => /from (?:inbox|outbox)/.test(sql)).length).toBeGreaterThan(6);
  expect(walking).toEqual([]);
});
