import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { bridgeAccount, fastClient, startBridge, type Bridge } from "../../test/support/bridge.ts";
import { countCalls } from "../../test/support/counted-calls.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { accountFolder } from "../config/state-folder.ts";
import { GotifyClient } from "../gotify/client.ts";
import { STREAM_DEFAULTS } from "../gotify/stream-options.ts";
import { openJournal, visitJournal, type Journal } from "../journal/journal.ts";
import type { AccountFacts, ProblemCode } from "../vitals/facts.ts";
import { gatherAccount } from "../vitals/gather.ts";
import { createTally } from "../vitals/tally.ts";
import { DOWN_GRACE_MS, STUCK_TURN_MS } from "../vitals/known.ts";
import { beginVitals } from "../vitals/vitals.ts";
import { runUntilAborted } from "./account-loop.ts";
import { createAccountVitals } from "./account-vitals.ts";
import type { Monitor } from "./monitor.ts";

/** Generous, so that a busy machine is not taken for a server that does not answer. */
const PATIENT = { ...STREAM_DEFAULTS, timeoutMs: 20_000 };
/** Those of a faster world, for what is only noticed by waiting in vain. */
const HASTY = { timeoutMs: 500, openTimeoutMs: 500, pingIntervalMs: 200, pongTimeoutMs: 200 };
const MINUTE_MS = 60_000;
const STEP_MS = 1_000;
/** Real time for a minute of virtual time, and for what the network has to answer meanwhile. */
const PATIENCE_MS = 20_000;

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** An account that receives from an emulator, in a time that passes when told to. Ends with the test. */
async function setup(limits: typeof HASTY = PATIENT) {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-deaths-"));
  const folder = accountFolder(stateDir, "default");
  const time = createVirtualTime(Date.now(), () => 0.5);
  const { now, elapsed } = time.world;
  const emulator = await startEmulator({ now: time.date });
  const phone = emulator.createApplication("Phone");
  const bot = emulator.createApplication("OpenClaw");
  const token = emulator.createClient("bridge");
  const { client, underWay } = countCalls(
    fastClient({ serverUrl: emulator.url, clientToken: token.token, appToken: bot.token }, limits),
  );
  const run = beginVitals("default", now, elapsed);
  const vitals = createAccountVitals(run, now);
  const handled: string[] = [];
  const agent: { hangs: Promise<void> | undefined; isBusy: boolean } = {
    hangs: undefined,
    isBusy: false,
  };
  const stopping = new AbortController();
  let journal: Journal | undefined;
  let monitor: Monitor | undefined;
  let bridge: Bridge | undefined;
  const runOnce = async (): Promise<void> => {
    const opened = openJournal(folder).journal;
    journal = opened;
    bridge = startBridge({
      journal: opened,
      client,
      vitals,
      world: time.world,
      isEcho: ({ appId }) => appId === bot.id,
      onMonitor: (started) => (monitor = started),
      agent: async (messages, lifecycle) => {
        // As the host does: what comes while the agent is busy waits in a queue of the host's own.
        if (agent.isBusy) {
          lifecycle.onDeferred();
          void agent.hangs?.then(async () => {
            await lifecycle.onAdopted();
            handled.push(...messages.map(({ message }) => message));
            lifecycle.onSettled();
          });
          return;
        }
        await lifecycle.onAdopted();
        if (agent.hangs !== undefined) {
          agent.isBusy = true;
          await agent.hangs;
          agent.isBusy = false;
        }
        handled.push(...messages.map(({ message }) => message));
      },
    });
    try {
      await bridge.ended;
    } finally {
      opened.close();
    }
  };
  const ended = runUntilAborted(runOnce, {
    accountId: "default",
    signal: stopping.signal,
    onBlocked: vitals.blocked,
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await bridge?.stop();
    await ended;
  };
  onTestFinished(async () => {
    await stop();
    run.end();
    emulator.faults.clear();
    await emulator.stop();
    rmSync(stateDir, { recursive: true });
  });

  const status = (): AccountFacts =>
    gatherAccount(bridgeAccount(emulator.url), {
      now,
      stateDir: () => stateDir,
      vitalsOf: () => run.look(),
    });
  const isTold = (code: ProblemCode): boolean =>
    status().problems.some((problem) => problem.code === code && problem.level === "error");
  /** Lets at most a minute pass until it is so; what the network has to answer takes real time besides. */
  const withinAMinute = async (expectation: () => void): Promise<void> => {
    const begunAt = elapsed();
    await vi.waitFor(
      () => {
        // A page that takes a step of it costs so much that the next one is asked for minutes later.
        if (underWay() === 0 && elapsed() - begunAt < MINUTE_MS) time.pass(STEP_MS);
        expectation();
      },
      { interval: 20, timeout: PATIENCE_MS },
    );
  };
  await vi.waitFor(() => expect(status()).toMatchObject({ ok: true, problems: [] }), {
    timeout: PATIENCE_MS,
  });
  await vi.waitFor(() => expect(run.look().posting).toMatchObject({ value: undefined }), {
    timeout: PATIENCE_MS,
  });
  return {
    emulator,
    time,
    phone,
    bot,
    token,
    run,
    folder,
    handled,
    agent,
    status,
    stop,
    withinAMinute,
    say: (message: string) => emulator.push({ appid: phone.id, message }),
    journal: () => journal,
    monitor: () => monitor,
    /** Until this is told as an error, a minute may pass; nothing of the kind was wrong before. */
    async toldWithinAMinute(code: ProblemCode): Promise<AccountFacts> {
      await withinAMinute(() => expect(isTold(code)).toBe(true));
      const facts = status();
      expect(facts.ok).toBe(false);
      return facts;
    },
  };
}

function textOf({ problems }: AccountFacts, code: ProblemCode): string | undefined {
  return problems.find((problem) => problem.code === code)?.message;
}

test("an account that is well stays well, although nobody posts for minutes", async () => {
  const site = await setup();
  for (let minutes = 0; minutes < 2; minutes += 1) {
    const before = site.run.look();
    await site.withinAMinute(() => {
      const { newestStored, posting } = site.run.look();
      expect(newestStored?.at).toBeGreaterThan(before.newestStored?.at ?? 0);
      expect(posting?.at).toBeGreaterThan(before.posting?.at ?? 0);
    });
  }
  await vi.waitFor(
    () => expect(site.status()).toMatchObject({ ok: true, problems: [] }),
    PATIENCE_MS,
  );
  expect(site.status().stream).toMatchObject({ state: "open" });
  expect(site.status().stream?.roundTripMs).toBeGreaterThan(0);
});

describe("told within a minute", () => {
  test("is a socket that is half-open", async () => {
    const site = await setup(HASTY);
    site.emulator.faults.freezeStreams = true;
    const facts = await site.toldWithinAMinute("disconnected");
    expect(textOf(facts, "disconnected")).toMatch(/Not connected/);
    expect(facts.stream).not.toHaveProperty("connectedAt");
    expect(facts.counted).toMatchObject({ reconnects: 1 });
    // The watchdog of this test is faster than that of an account.
    const { pingIntervalMs, pongTimeoutMs } = STREAM_DEFAULTS;
    expect(pingIntervalMs + pongTimeoutMs + DOWN_GRACE_MS).toBeLessThan(MINUTE_MS);
  });

  test("is a client token that was revoked", async () => {
    const site = await setup();
    site.emulator.deleteClient(site.token.id);
    const facts = await site.toldWithinAMinute("blocked");
    expect(textOf(facts, "blocked")).toMatch(/does not let the account in.*token/);
  });

  test("is an app token that was revoked, although nobody posts", async () => {
    const site = await setup();
    const login = { user: "admin", password: "admin" };
    const admin = new GotifyClient({ serverUrl: site.emulator.url });
    await admin.rotateApplicationToken(site.bot.id, { login });
    const facts = await site.toldWithinAMinute("cannot-post");
    expect(facts.posting?.ok).toBe(false);
    expect(facts.stream?.state).toBe("open");
  });

  test("is the own application that was deleted, although nobody posts", async () => {
    const site = await setup();
    site.emulator.deleteApplication(site.bot.id);
    const facts = await site.toldWithinAMinute("cannot-post");
    expect(facts.stream?.state).toBe("open");
  });

  test("is a database that is down behind a living server, and that it is back", async () => {
    const site = await setup();
    site.emulator.faults.databaseDown = true;
    const facts = await site.toldWithinAMinute("cannot-post");
    expect(textOf(facts, "cannot-post")).toMatch(/database is red/);
    site.emulator.faults.databaseDown = false;
    await site.withinAMinute(() => expect(site.status()).toMatchObject({ problems: [] }));
  });

  test("are frames that were lost on an open stream: they are taken in, and it says so", async () => {
    const site = await setup();
    site.emulator.faults.dropNextFrames(2);
    site.say("lost 1");
    site.say("lost 2");
    const { id } = site.say("heard");
    await vi.waitFor(() => expect(site.handled).toEqual(["heard"]), PATIENCE_MS);
    await site.withinAMinute(() => expect(site.handled).toEqual(["heard", "lost 1", "lost 2"]));
    const { notice, counted } = site.run.look();
    expect(notice?.value).toBe("Found 2 messages that the stream did not bring.");
    expect(counted).toMatchObject({ in: 3, duplicates: 0, reconnects: 0 });
    expect(site.status()).toMatchObject({
      ok: true,
      lag: { newestStored: id, newestTaken: id, unanswered: 0 },
    });
  });

  test("are frames that were lost and cannot be fetched", async () => {
    const site = await setup();
    site.emulator.faults.dropNextFrames(1);
    site.say("lost");
    site.emulator.faults.badGateway = true;
    await site.withinAMinute(() => expect(site.status().ok).toBe(false));
    expect(site.status().stream?.state).toBe("unreadable");
    expect(site.run.look().newestStored?.value).toBeUndefined();
  });

  test("is a turn that hangs: that it runs at once, and after ten minutes that it is stuck", async () => {
    const site = await setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    onTestFinished(() => resolve());
    site.agent.hangs = promise;
    site.say("hang");
    await site.withinAMinute(() => expect(site.agent.isBusy).toBe(true));
    await site.withinAMinute(() => expect(site.status().queue).toMatchObject({ inTurns: 1 }));
    expect(site.status()).toMatchObject({ ok: true, lag: { unanswered: 1 } });
    site.say("and this?");
    await site.withinAMinute(() => expect(site.status().queue).toMatchObject({ inTurns: 2 }));
    site.time.pass(STUCK_TURN_MS);
    const facts = await site.toldWithinAMinute("stuck-turn");
    expect(textOf(facts, "stuck-turn")).toMatch(/runs for 10 min, and 1 message waits behind it/);
    site.agent.hangs = undefined;
    resolve();
    await vi.waitFor(() => expect(site.handled).toHaveLength(2), PATIENCE_MS);
    await vi.waitFor(
      () => expect(site.status()).toMatchObject({ queue: { inTurns: 0 }, lag: { unanswered: 0 } }),
      PATIENCE_MS,
    );
    expect(site.status().problems.map(({ code }) => code)).not.toContain("stuck-turn");
  });

  test("is a lease that another process took", async () => {
    const site = await setup();
    site.journal()?.sql("update lease set token = 'another'").run();
    const facts = await site.toldWithinAMinute("cannot-receive");
    expect(textOf(facts, "cannot-receive")).toMatch(/already receives for this account/);
  });

  test("is a disk that is full, and that there is room again", async () => {
    const site = await setup();
    const db = site.journal()?.db;
    const pages = Number(db?.prepare("pragma page_count").get()?.["page_count"]);
    db?.exec(`pragma max_page_count = ${pages}`);
    site.say("x".repeat(50_000));
    const facts = await site.toldWithinAMinute("cannot-receive");
    expect(textOf(facts, "cannot-receive")).toMatch(/full/);
    db?.exec("pragma max_page_count = 1000000");
    await site.withinAMinute(() => expect(site.handled).toHaveLength(1));
    await site.withinAMinute(() => expect(site.status()).toMatchObject({ problems: [] }));
  });

  test("is a monitor that stopped", async () => {
    const site = await setup();
    await site.monitor()?.stop();
    await site.toldWithinAMinute("queue-idle");
    expect(site.status().stream?.state).toBe("open");
  });

  test("is a server that was replaced by a fresh one at the same address", async () => {
    const site = await setup();
    site.emulator.store.resetAll();
    const facts = await site.toldWithinAMinute("blocked");
    expect(facts.stream?.state).toBe("blocked");
  });
});

test("what was counted is in the journal some seconds later, and the rest when the account has stopped", async () => {
  const site = await setup();
  const sums = (): Record<"in" | "dropped", number> => {
    const journal = visitJournal(site.folder, "read");
    const hours = journal === undefined ? [] : createTally(journal).hours(site.time.world.now(), 2);
    journal?.close();
    const sum = (counter: "in" | "dropped"): number =>
      hours.reduce((total, { counted }) => total + counted[counter], 0);
    return { in: sum("in"), dropped: sum("dropped") };
  };
  for (const text of ["one", "two", "three"]) site.say(text);
  await vi.waitFor(() => expect(sums()).toEqual({ in: 3, dropped: 0 }), PATIENCE_MS);
  site.emulator.faults.rawFrame("{}");
  await vi.waitFor(() => expect(site.run.look().counted.dropped).toBe(1), PATIENCE_MS);
  await site.stop();
  expect(sums()).toEqual({ in: 3, dropped: 1 });
});
