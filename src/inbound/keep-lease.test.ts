import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { JournalError } from "../journal/journal-errors.ts";
import { openJournal } from "../journal/journal.ts";
import { LEASE_BEAT_MS, takeLease, type Lease } from "../journal/lease.ts";
import { keepLease, releaseLease } from "./keep-lease.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A lease that is kept on a journal on disk; or one that the test makes. */
function setup(changes: Partial<Lease> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-lease-"));
  const { journal } = openJournal(folder);
  const lease = { ...takeLease(journal), ...changes };
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  const sink = { info: note, warn: note, error: note };
  const beats: (string | undefined)[] = [];
  const lost: string[] = [];
  let counted = 0;
  const stop = keepLease({
    lease,
    log: sink,
    vitals: { beat: (error) => void beats.push(error?.message) },
    onBeat: () => (counted += 1),
    onLost: ({ problem }) => lost.push(problem),
  });
  onTestFinished(() => {
    stop();
    journal.close();
    rmSync(folder, { recursive: true });
  });
  return {
    journal,
    lease,
    log,
    sink,
    beats,
    lost,
    stop,
    counted: () => counted,
    pass: () => vi.advanceTimersByTime(LEASE_BEAT_MS),
  };
}

test("the holder says every five seconds that it lives, until it stops", () => {
  const { journal, pass, beats, counted, stop } = setup();
  for (let count = 1; count <= 2; count += 1) {
    journal.sql("update lease set beat_at = 0").run();
    pass();
    expect(journal.sql("select beat_at > 0 as beaten from lease").get()).toEqual({ beaten: 1 });
  }
  expect([beats, counted()]).toEqual([[undefined, undefined], 2]);
  stop();
  pass();
  expect(counted()).toBe(2);
});

test("a lease that another process took ends the account at the next beat, and is left alone from then on", () => {
  const { journal, pass, beats, lost, counted } = setup();
  journal.sql("update lease set token = 'another'").run();
  pass();
  expect([lost, beats, counted()]).toEqual([["lost"], [], 0]);
  pass();
  expect(lost).toEqual(["lost"]);
});

test("a beat that the disk refuses ends nothing, is told each time, and is one line in the log", () => {
  let isFull = true;
  const { pass, beats, lost, log, counted } = setup({
    beat() {
      if (isFull) throw new JournalError("full", "No room.");
    },
  });
  pass();
  pass();
  expect([beats, lost, log, counted()]).toEqual([["No room.", "No room."], [], ["No room."], 2]);
  isFull = false;
  pass();
  expect(beats.at(-1)).toBeUndefined();
  isFull = true;
  pass();
  expect(log).toEqual(["No room.", "No room."]);
});

test("a lease that is given back is the next one's at once, and one that cannot be is no failure", () => {
  const { journal, lease, sink, log } = setup();
  expect(() => takeLease(journal)).toThrow(/already receives/);
  releaseLease(lease, sink);
  releaseLease(takeLease(journal), sink);
  expect(log).toEqual([]);
  const release = (): void => {
    throw new JournalError("full", "No room.");
  };
  releaseLease({ ...lease, release }, sink);
  expect(log).toEqual(["No room."]);
});
