import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { JOURNAL_FILE_NAME, openJournal, type Journal } from "../../journal/journal.ts";
import { createTakenElsewhere } from "./elsewhere.ts";
import { createIntake } from "./intake.ts";
import { loadProgress } from "./progress.ts";

const SERVER = "https://push.example.com/";
const AT = Date.UTC(2026, 10, 24);

const message = (id: number, appId = 5, at = AT): GotifyMessage => ({
  id,
  appId,
  message: `message ${id}`,
  title: "",
  priority: 0,
  extras: {},
  date: new Date(at),
});

/** A journal of an account that watches application 5 alone, of one user of the server. */
function account(user = 1) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-elsewhere-"));
  const { journal } = openJournal(folder);
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, journal, intake: intakeOf(journal, user, []) };
}

function intakeOf(journal: Journal, user: number, others: readonly string[]) {
  return createIntake({
    journal,
    progress: loadProgress(journal, SERVER, user),
    feedKey: `key:${user}`,
    judge: ({ appId }) => (appId === 5 ? "admitted" : "unwatched"),
    laneOf: () => "lane",
    takenElsewhere: createTakenElsewhere(() => others, SERVER, user),
    assertConsumer() {},
    now: () => AT,
  });
}

test("what another account of the same user has taken in is left to it, and the rest is not", () => {
  const earlier = account();
  earlier.intake.acceptFrames([message(1), message(2, 6), message(3)]);
  const taken = createTakenElsewhere(() => ["/nowhere", earlier.folder], SERVER, 1);
  // It has seen the second one, and it was not for it. The fourth it has not seen.
  expect(taken([1, 3, 4].map((id) => message(id)).concat(message(2, 6)))).toEqual(new Set([1, 3]));
  expect(taken([])).toEqual(new Set());

  const later = account();
  const intake = intakeOf(later.journal, 1, [earlier.folder]);
  const page = [4, 3, 1].map((id) => message(id));
  expect(intake.acceptPage(page, () => undefined).admitted.map(({ id }) => id)).toEqual([4]);
  // What the stream brings was posted while this account received.
  expect(intake.acceptFrames([message(5)]).admitted).toHaveLength(1);
});

test("an id of another user, server or counting is another message", () => {
  const earlier = account();
  earlier.intake.acceptFrames([message(1)]);
  const folders = () => [earlier.folder];
  expect(createTakenElsewhere(folders, SERVER, 2)([message(1)])).toEqual(new Set());
  expect(createTakenElsewhere(folders, "https://other/", 1)([message(1)])).toEqual(new Set());
  const taken = createTakenElsewhere(folders, SERVER, 1);
  expect(taken([message(1, 6)])).toEqual(new Set());
  expect(taken([message(1, 5, AT + 60_000)])).toEqual(new Set());
  expect(taken([message(1)])).toEqual(new Set([1]));
});

test("a journal that is of no use keeps no message back", () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-elsewhere-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, JOURNAL_FILE_NAME), "no database");
  expect(createTakenElsewhere(() => [folder], SERVER, 1)([message(1)])).toEqual(new Set());
});
