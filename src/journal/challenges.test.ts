import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openJournal } from "./journal.ts";
import { createChallenges } from "./challenges.ts";

const HOUR_MS = 3_600_000;

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-challenges-"));
  const { journal } = openJournal(folder);
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const clock = { now: 100 * HOUR_MS };
  const reopen = () => createChallenges(journal, () => clock.now);
  return { clock, reopen };
}

test("an application gets one code a day, and an account sends three, also across a restart", () => {
  const { clock, reopen } = setup();
  const challenges = reopen();
  for (const appId of [1, 2, 3]) {
    expect(challenges.mayChallenge(appId)).toBe(true);
    challenges.noteChallenge(appId);
    expect(challenges.mayChallenge(appId)).toBe(false);
    clock.now += HOUR_MS;
  }
  expect(reopen().mayChallenge(4)).toBe(false);
  // A day after the first of them.
  clock.now += 21 * HOUR_MS;
  expect(reopen().mayChallenge(4)).toBe(true);
  expect(reopen().mayChallenge(1)).toBe(true);
  expect(reopen().mayChallenge(2)).toBe(false);
});

test("whoever waits for an approval is told of it once, while the code is worth something", () => {
  const { clock, reopen } = setup();
  const challenges = reopen();
  challenges.noteChallenge(1);
  challenges.noteChallenge(2);
  expect(challenges.open()).toEqual([1, 2]);
  challenges.noteAnnounced(1);
  expect(reopen().open()).toEqual([2]);
  clock.now += HOUR_MS;
  expect(challenges.open()).toEqual([]);
});
