import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openJournal } from "./journal.ts";
import { asking, createChallenges, crowdOf, withOpenCode } from "./challenges.ts";

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
  return { journal, clock, reopen };
}

test("an application gets one code a day, and an account sends three, also across a restart", () => {
  const { clock, reopen } = setup();
  const challenges = reopen();
  for (const appId of [1, 2, 3]) {
    expect(challenges.standingOf(appId)).toBe("free");
    challenges.noteChallenge(appId);
    expect(challenges.standingOf(appId)).toBe("asked");
    clock.now += HOUR_MS;
  }
  expect(reopen().standingOf(4)).toBe("crowded");
  expect(reopen().standingOf(1)).toBe("expired");
  // A day after the first of them.
  clock.now += 21 * HOUR_MS;
  expect(reopen().standingOf(4)).toBe("free");
  expect(reopen().standingOf(1)).toBe("free");
  expect(reopen().standingOf(2)).toBe("expired");
});

test("a code expires after an hour, unless it was approved", () => {
  const { clock, reopen } = setup();
  const challenges = reopen();
  challenges.noteChallenge(1);
  challenges.noteChallenge(2);
  clock.now += HOUR_MS - 1;
  expect(challenges.standingOf(1)).toBe("asked");
  clock.now += 1;
  expect(challenges.standingOf(1)).toBe("expired");
  challenges.noteAnnounced(2);
  expect(challenges.standingOf(2)).toBe("asked");
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
  // It may have been approved while nobody looked.
  expect(challenges.untold()).toEqual([2]);
  clock.now += 23 * HOUR_MS;
  expect(challenges.untold()).toEqual([]);
});

test("who has used up the day's codes is known, and whose code may be approved yet", () => {
  const { journal, clock, reopen } = setup();
  const challenges = reopen();
  for (const appId of [9, 2, 7]) {
    expect(crowdOf(journal, clock.now)).toEqual([]);
    challenges.noteChallenge(appId);
    clock.now += HOUR_MS / 2;
  }
  expect(crowdOf(journal, clock.now)).toEqual([9, 2, 7]);
  challenges.noteAnnounced(2);
  expect(crowdOf(journal, clock.now)).toEqual([9, 7]);
  expect(asking(journal, clock.now)).toEqual([9, 7]);
  expect(withOpenCode(journal, clock.now)).toEqual([7]);
  clock.now += 23 * HOUR_MS;
  expect(crowdOf(journal, clock.now)).toEqual([]);
});
