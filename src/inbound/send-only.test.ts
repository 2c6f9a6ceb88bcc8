import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { GotifyClient } from "../gotify/client.ts";
import { JOURNAL_FILE_NAME, openJournal, visitJournal } from "../journal/journal.ts";
import { createTally } from "../vitals/tally.ts";
import { resolveAccount } from "../config/accounts.ts";
import type { AccountFacts } from "../vitals/facts.ts";
import { gatherAccount } from "../vitals/gather.ts";
import { beginVitals } from "../vitals/vitals.ts";
import { createAccountVitals } from "./account-vitals.ts";
import { sendOnly } from "./send-only.ts";

/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE_MS = 8_000;

/** An account that only sends, in a time that passes when told to. Ends with the test. */
async function setup({ isJournalOld = false, isJournalDamaged = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-send-only-"));
  if (isJournalOld) makeOldJournal(folder);
  if (isJournalDamaged) writeFileSync(join(folder, JOURNAL_FILE_NAME), "no database ".repeat(500));
  const emulator = await startEmulator();
  const bot = emulator.createApplication("OpenClaw");
  const time = createVirtualTime(Date.now(), () => 0.5);
  const run = beginVitals("default", time.world.now, time.world.elapsed);
  const vitals = createAccountVitals(run, time.world.now);
  let controller = new AbortController();
  const said: (string | undefined)[] = [];
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  vitals.onlySends();
  const start = (appToken: string): Promise<void> => {
    controller = new AbortController();
    return sendOnly({
      accountId: "default",
      client: new GotifyClient({ serverUrl: emulator.url, appToken, timeoutMs: 20_000 }),
      folder,
      vitals,
      log: { info: note, warn: note, error: note },
      onPosting: (problem) => said.push(problem),
      signal: controller.signal,
      world: time.world,
    });
  };
  let ended = start(bot.token);
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
  const status = (): AccountFacts =>
    gatherAccount(
      resolveAccount({ channels: { gotify: { serverUrl: emulator.url, appToken: "A" } } }),
      { now: time.world.now, stateDir: () => folder, vitalsOf: () => run.look() },
    );
  return {
    emulator,
    bot,
    time,
    run,
    vitals,
    folder,
    said,
    log,
    stop,
    status,
    /** As the Gateway does when the configuration has changed. */
    restart: async (appToken: string): Promise<void> => {
      await stop();
      ended = start(appToken);
    },
  };
}

/** As the version before the tally left it. */
function makeOldJournal(folder: string): void {
  openJournal(folder).journal.close();
  const db = new DatabaseSync(join(folder, JOURNAL_FILE_NAME));
  db.exec(
    "drop table tally; drop index inbox_failed; drop index inbox_retrying; drop index outbox_by_state; pragma user_version = 4",
  );
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
  await vi.waitFor(() => expect(time.waits()).toEqual([38_000]), PATIENCE_MS);
  emulator.deleteApplication(bot.id);
  time.pass(50_000);
  await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE_MS);
  expect(said[0]).toMatch(/No answer can be posted/);
  expect(run.look().posting?.value).toBe(said[0]);
  expect(run.look().lastError?.value).toBe(said[0]);
});

test("an app token that is revoked is told by the status within a minute, and no more once the new one is used", async () => {
  const { emulator, bot, time, status, restart } = await setup();
  const resting = (ms: number): Promise<void> =>
    vi.waitFor(() => expect(time.waits()).toEqual([ms]), PATIENCE_MS);
  await resting(38_000);
  expect(status()).toMatchObject({ ok: true, receives: false, problems: [] });
  const admin = new GotifyClient({ serverUrl: emulator.url });
  const login = { user: "admin", password: "admin" };
  const token = await admin.rotateApplicationToken(bot.id, { login });
  time.pass(38_000);
  await resting(15_000);
  expect(status()).toMatchObject({
    ok: false,
    posting: { ok: false },
    problems: [{ code: "cannot-post", level: "error" }],
  });
  await restart(token);
  await vi.waitFor(
    () => expect(status()).toMatchObject({ ok: true, posting: { ok: true }, problems: [] }),
    PATIENCE_MS,
  );
});

test("a server that comes back is found by itself", async () => {
  const { emulator, time, status, said } = await setup();
  await vi.waitFor(() => expect(time.waits()).toEqual([38_000]), PATIENCE_MS);
  emulator.faults.databaseDown = true;
  time.pass(38_000);
  await vi.waitFor(() => expect(status().ok).toBe(false), PATIENCE_MS);
  await vi.waitFor(() => expect(time.waits()).toEqual([15_000]), PATIENCE_MS);
  emulator.faults.databaseDown = false;
  time.pass(15_000);
  await vi.waitFor(() => expect(status()).toMatchObject({ ok: true, problems: [] }), PATIENCE_MS);
  expect(said).toHaveLength(2);
});

test("a damaged journal is set aside, and a person gets to know where it is kept", async () => {
  const { folder, log, status } = await setup({ isJournalDamaged: true });
  const kept = readdirSync(folder).find((name) => name.includes(".damaged-"));
  expect(kept).toBeDefined();
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^The journal was damaged and is kept as /);
  expect(log[0]).toContain(kept);
  expect(status()).toMatchObject({ ok: true });
  expect(status().notice?.text).toMatch(/^The journal was damaged/);
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
