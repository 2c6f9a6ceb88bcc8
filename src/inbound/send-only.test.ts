import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { GotifyClient } from "../gotify/client.ts";
import { JOURNAL_FILE_NAME, openJournal, visitJournal } from "../journal/journal.ts";
import { createTally } from "../vitals/tally.ts";
import { beginVitals } from "../vitals/vitals.ts";
import { createAccountVitals } from "./account-vitals.ts";
import { sendOnly } from "./send-only.ts";

/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE_MS = 8_000;

/** An account that only sends, in a time that passes when told to. Ends with the test. */
async function setup({ isJournalOld = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-send-only-"));
  if (isJournalOld) makeOldJournal(folder);
  const emulator = await startEmulator();
  const bot = emulator.createApplication("OpenClaw");
  const time = createVirtualTime(Date.now(), () => 0.5);
  const run = beginVitals("default", time.world.now);
  const vitals = createAccountVitals(run, time.world.now);
  const controller = new AbortController();
  const said: (string | undefined)[] = [];
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  vitals.onlySends();
  const ended = sendOnly({
    accountId: "default",
    client: new GotifyClient({ serverUrl: emulator.url, appToken: bot.token, timeoutMs: 20_000 }),
    folder,
    vitals,
    log: { info: note, warn: note, error: note },
    onPosting: (problem) => said.push(problem),
    signal: controller.signal,
    world: time.world,
  });
  const stop = (): Promise<void> => {
    controller.abort();
    return ended;
  };
  onTestFinished(async () => {
    await stop();
    run.end();
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });
  await vi.waitFor(
    () => expect(run.look().posting).toMatchObject({ value: undefined }),
    PATIENCE_MS,
  );
  return { emulator, bot, time, run, vitals, folder, said, log, stop };
}

/** As the version before the tally left it. */
function makeOldJournal(folder: string): void {
  openJournal(folder).journal.close();
  const db = new DatabaseSync(join(folder, JOURNAL_FILE_NAME));
  db.exec("drop table tally; pragma user_version = 4");
  db.close();
}

test("an account that only sends is known to be able to, and of which version its server is", async () => {
  const { run, said, log } = await setup();
  await vi.waitFor(() => expect(run.look().version).toMatch(/^\d/), PATIENCE_MS);
  expect(run.look()).toMatchObject({ stream: { value: "off" } });
  expect(run.look().downSince).toBeUndefined();
  expect([...said, ...log]).toEqual([]);
});

test("an application that is deleted is told within a minute, although nobody posts", async () => {
  const { emulator, bot, time, run, said } = await setup();
  await vi.waitFor(() => expect(time.waits()).toEqual([45_000]), PATIENCE_MS);
  emulator.deleteApplication(bot.id);
  time.pass(50_000);
  await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE_MS);
  expect(said[0]).toMatch(/No answer can be posted/);
  expect(run.look().posting?.value).toBe(said[0]);
  expect(run.look().lastError?.value).toBe(said[0]);
});

test("what was sent is in the journal when the account has stopped, also of one that had none", async () => {
  const { folder, vitals, time, stop, run } = await setup();
  expect(visitJournal(folder, "read")).toBeUndefined();
  vitals.posted();
  vitals.posted();
  expect(run.look()).toMatchObject({ counted: { out: 2 }, lastOutAt: time.world.now() });
  await stop();
  const journal = visitJournal(folder, "read");
  const hours = journal === undefined ? [] : createTally(journal).hours(time.world.now(), 1);
  journal?.close();
  expect(hours.map(({ counted }) => counted.out)).toEqual([2]);
});

test("a journal of an older version is brought up to date: the outbox in it would be out of reach", async () => {
  const { folder } = await setup({ isJournalOld: true });
  const journal = visitJournal(folder, "write");
  onTestFinished(() => journal?.close());
  expect(journal?.sql("pragma user_version").get()).toEqual({ user_version: 5 });
});
