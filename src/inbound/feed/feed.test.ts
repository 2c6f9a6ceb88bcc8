import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { fastClient, startBridge, type Bridge } from "../../../test/support/bridge.ts";
import { startLocalServer } from "../../../test/support/local-server.ts";
import { createVirtualTime } from "../../../test/support/virtual-time.ts";
import { reportPost } from "../../config/account-signals.ts";
import type { StatusPatch } from "../../config/host-types.ts";
import { openJournal } from "../../journal/journal.ts";

const LIMITS = { timeoutMs: 500, openTimeoutMs: 500, pingIntervalMs: 200, pongTimeoutMs: 200 };
const MINUTE_MS = 60_000;

/** A bridge on an emulator, in a time that passes when told to. Ends with the test. */
async function setup(inbound: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-feed-"));
  const time = createVirtualTime(Date.UTC(2026, 10, 23), () => 0.5);
  const emulator = await startEmulator({ now: time.date });
  const phone = emulator.createApplication("Phone");
  const bot = emulator.createApplication("OpenClaw");
  const token = emulator.createClient("bridge");
  const client = fastClient(
    { serverUrl: emulator.url, clientToken: token.token, appToken: bot.token },
    LIMITS,
  );
  const { journal } = openJournal(folder);
  const handled: string[] = [];
  const status: StatusPatch[] = [];
  let bridge: Bridge | undefined;
  const start = (): Bridge => {
    bridge = startBridge({
      journal,
      client,
      inbound,
      world: time.world,
      onStatus: (patch) => status.push(patch),
      isEcho: ({ appId }) => appId === bot.id,
      agent: async (messages, lifecycle) => {
        await lifecycle.onAdopted();
        handled.push(...messages.map(({ message }) => message));
      },
    });
    return bridge;
  };
  onTestFinished(async () => {
    await bridge?.stop();
    journal.close();
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });
  return {
    emulator,
    time,
    token,
    bot,
    journal,
    handled,
    status,
    start,
    say: (message: string, priority = 5) => emulator.push({ appid: phone.id, message, priority }),
    verdicts: () =>
      journal.db
        .prepare("select verdict from seen order by id")
        .all()
        .map((row) => row["verdict"]),
    /** Handshakes that came through. */
    handshakes: () => emulator.store.requests().filter(({ url }) => url === "/stream").length,
    readings: () => bridge?.states.filter((kind) => kind === "read").length ?? 0,
  };
}

/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE_MS = 8_000;

function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { timeout: PATIENCE_MS });
}

type Setup = Awaited<ReturnType<typeof setup>>;

async function connected({ readings }: Setup, count = 1): Promise<void> {
  await eventually(() => expect(readings()).toBeGreaterThanOrEqual(count));
}

/** Lets virtual time pass, some seconds at a time, until the expectation holds. */
async function passUntil({ time }: Setup, expectation: () => void): Promise<void> {
  await vi.waitFor(
    () => {
      time.pass(5_000);
      expectation();
    },
    { interval: 10, timeout: PATIENCE_MS },
  );
}

describe("what is posted", () => {
  test("while connected is handed on in order", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    for (const text of ["one", "two", "three"]) site.say(text);
    await eventually(() => expect(site.handled).toEqual(["one", "two", "three"]));
  });

  test("before the very first start is history", async () => {
    const site = await setup();
    site.say("old");
    site.start();
    await connected(site);
    site.say("new");
    await eventually(() => expect(site.handled).toEqual(["new"]));
    expect(site.verdicts()).toEqual(["history", "admitted"]);
  });

  test("before the very first start is handed on as far as the operator wants", async () => {
    const site = await setup({ catchUp: { firstStart: 2 } });
    for (const text of ["one", "two", "three"]) site.say(text);
    site.start();
    await eventually(() => expect(site.handled).toEqual(["two", "three"]));
  });

  test("while the process was away is handed on in order, before what comes later", async () => {
    const site = await setup();
    const first = site.start();
    await connected(site);
    await first.stop();
    for (let count = 1; count <= 450; count += 1) site.say(`missed ${count}`);
    site.start();
    await eventually(() => expect(site.handled.length).toBeGreaterThan(0));
    site.say("later");
    await eventually(() => expect(site.handled).toHaveLength(451));
    expect(site.handled).toEqual([
      ...Array.from({ length: 450 }, (_, index) => `missed ${index + 1}`),
      "later",
    ]);
  });

  test("while the server could not be reached is handed on after that", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    await site.emulator.goDown();
    site.say("meanwhile");
    await site.emulator.comeBack();
    await passUntil(site, () => expect(site.handled).toEqual(["meanwhile"]));
  });

  test("and lost by the stream is found by a look at the lists, on the same connection", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    site.emulator.faults.dropNextFrames(2);
    for (const text of ["lost 1", "lost 2", "heard"]) site.say(text);
    await eventually(() => expect(site.handled).toEqual(["heard"]));
    site.time.pass(MINUTE_MS);
    await eventually(() => expect(site.handled).toEqual(["heard", "lost 1", "lost 2"]));
    expect(site.handshakes()).toBe(1);
    expect(bridge.log).toContain("Found 2 messages that the stream did not bring.");
  });

  test("and too large for the stream is taken from the lists at once", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    site.say("x".repeat(5 * 1024 * 1024));
    await eventually(() => expect(site.handled.map((text) => text.length)).toEqual([5_242_880]));
    expect(bridge.log.join()).toMatch(/Dropped a frame of \d+ bytes \(oversized\)/);
  });

  test("as garbage fills no log, and what is left out of it is counted", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    const lines = (): string[] => bridge.log.filter((line) => line.startsWith("Dropped a frame"));
    for (let count = 1; count <= 25; count += 1) site.emulator.faults.rawFrame("garbage");
    site.say("after it");
    await eventually(() => expect(site.handled).toEqual(["after it"]));
    expect(lines()).toHaveLength(10);
    site.time.pass(MINUTE_MS);
    site.emulator.faults.rawFrame("garbage");
    await eventually(() => expect(lines().at(-1)).toMatch(/And 15 more before it/));
  });

  test("becomes visible late and below what was seen is found all the same", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    site.emulator.faults.dropNextFrames(1);
    site.emulator.faults.commitLate({ share: 0.5, delayMs: 60_000, ids: 100 });
    for (const text of ["prompt", "late"]) site.say(text);
    site.say("newest");
    await eventually(() => expect(site.handled.length).toBeGreaterThanOrEqual(1));
    site.time.pass(1_400);
    site.emulator.faults.commitLate(undefined);
    site.time.pass(MINUTE_MS);
    await eventually(() => expect(site.handled.toSorted()).toEqual(["late", "newest", "prompt"]));
  });

  test("by the bridge, by others' applications and below the lowest priority is noted and not handed on", async () => {
    const site = await setup({ minPriority: 4, applications: [1, 2] });
    const other = site.emulator.createApplication("Other");
    site.start();
    await connected(site);
    site.emulator.push({ appid: site.bot.id, message: "echo" });
    site.emulator.push({ appid: other.id, message: "unwatched" });
    site.say("quiet", 3);
    site.say("loud", 4);
    await eventually(() => expect(site.handled).toEqual(["loud"]));
    expect(site.verdicts()).toEqual(["echo", "unwatched", "unimportant", "admitted"]);
  });

  test("after the server was replaced by an empty one is handed on, though its ids were used before", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    for (const text of ["a", "b", "c"]) site.say(text);
    await eventually(() => expect(site.handled).toHaveLength(3));
    await site.emulator.goDown();
    site.emulator.store.resetMessages();
    site.time.pass(10_000);
    for (const text of ["d", "e"]) site.say(text);
    await site.emulator.comeBack();
    await passUntil(site, () => expect(site.handled).toEqual(["a", "b", "c", "d", "e"]));
    expect(bridge.log.join()).toMatch(/began to number its messages anew/);
  });
});

describe("catching up", () => {
  test("is bounded in number, says what it left out, and does not come back to it", async () => {
    const site = await setup({ catchUp: { maxMessages: 3 } });
    const first = site.start();
    await connected(site);
    await first.stop();
    for (let count = 1; count <= 8; count += 1) site.say(`missed ${count}`);
    const bridge = site.start();
    await eventually(() => expect(site.handled).toEqual(["missed 6", "missed 7", "missed 8"]));
    expect(bridge.log.join("\n")).toMatch(
      /Skipped what was posted up to .* \(message 5 and older\)/,
    );
    expect(site.status.map(({ stateReason }) => stateReason).join()).toMatch(/Skipped/);
    site.time.pass(2 * MINUTE_MS);
    await connected(site, 2);
    site.say("new");
    await eventually(() => expect(site.handled.at(-1)).toBe("new"));
    expect(site.handled).toHaveLength(4);
  });

  test("is bounded in age", async () => {
    const site = await setup({ catchUp: { maxAgeMinutes: 10 } });
    const first = site.start();
    await connected(site);
    await first.stop();
    site.say("too old");
    site.time.pass(9 * MINUTE_MS);
    site.say("old");
    site.time.pass(2 * MINUTE_MS);
    const bridge = site.start();
    await eventually(() => expect(site.handled).toEqual(["old"]));
    expect(bridge.log.join()).toMatch(/Skipped/);
  });

  test("that the lists refuse is tried again while the stream stays open", async () => {
    const site = await setup();
    const first = site.start();
    await connected(site);
    await first.stop();
    site.say("missed");
    const bridge = site.start();
    await connected(site, 1);
    const before = site.handshakes();
    site.emulator.faults.badGateway = true;
    site.time.pass(MINUTE_MS);
    await eventually(() => expect(bridge.states).toContain("unreadable"));
    expect(site.status.at(-1)).toMatchObject({ lifecycle: "recovering", connected: true });
    site.emulator.faults.badGateway = false;
    await passUntil(site, () => expect(bridge.states.at(-1)).toBe("read"));
    expect(site.handshakes()).toBe(before);
  });

  test("looks at the lists about every 38 s, and more rarely where a page is dear", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    await eventually(() => expect(site.time.waits()).toContain(38_000));
    // A page that takes 300 ms of virtual time: the clock moves while the answer is held back.
    site.emulator.faults.databaseFrozen = true;
    const pages = (): number =>
      site.emulator.store.requests().filter(({ url }) => url.startsWith("/message?")).length;
    const before = pages();
    site.time.pass(45_000);
    await eventually(() => expect(pages()).toBeGreaterThan(before));
    site.time.pass(300);
    site.emulator.faults.databaseFrozen = false;
    await eventually(() => expect(site.time.waits()).toContain(150_000));
  });
});

describe("a connection that ends", () => {
  test("is opened again after a random wait below a bound that doubles", async () => {
    const site = await setup({ reconnectDelayMs: 2_000, maxReconnectDelayMs: 30_000 });
    await site.emulator.goDown();
    site.start();
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      await eventually(() => expect(site.time.waits()).toContain(waitMs));
      site.time.pass(waitMs);
    }
  });

  test("with a revoked token blocks the account, which is looked at again after five minutes", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    site.emulator.deleteClient(site.token.id);
    await eventually(() => expect(site.status.at(-1)).toMatchObject({ lifecycle: "blocked" }));
    const before = site.handshakes();
    expect(site.time.waits()).toContain(5 * MINUTE_MS);
    site.time.pass(4 * MINUTE_MS);
    expect(site.time.waits()).toContain(MINUTE_MS);
    expect(site.handshakes()).toBe(before);
    site.time.pass(MINUTE_MS);
    await eventually(() => expect(site.handshakes()).toBeGreaterThan(before));
  });

  test("while the database is down does not block, although every call fails", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    site.emulator.faults.databaseDown = true;
    site.emulator.faults.cutStreams();
    await eventually(() => expect(bridge.states).toContain("waiting"));
    expect(bridge.states).not.toContain("blocked");
    site.emulator.faults.databaseDown = false;
    await passUntil(site, () => expect(site.readings()).toBe(2));
  });

  test("waits as long as a proxy asks for", async () => {
    const site = await setup();
    site.emulator.faults.tooManyRequests(77);
    site.start();
    await eventually(() => expect(site.time.waits()).toContain(77_000));
  });

  test("so often that it was told to give up is given up, and says how to go on", async () => {
    const site = await setup({ maxReconnectAttempts: 1 });
    await site.emulator.goDown();
    const bridge = site.start();
    await passUntil(site, () => expect(bridge.states).toContain("gave-up"));
    expect(site.status.at(-1)).toMatchObject({ lifecycle: "blocked" });
    expect(bridge.log.at(-1)).toMatch(/restart the channel/);
  });
});

describe("a disk that is full", () => {
  test("drops the connection, loses nothing, and is not asked for more than it has", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    const pages = Number(site.journal.db.prepare("pragma page_count").get()?.["page_count"]);
    site.journal.db.exec(`pragma max_page_count = ${pages}`);
    site.say("x".repeat(50_000));
    await eventually(() => expect(bridge.states).toContain("waiting"));
    expect(site.status.at(-1)).toMatchObject({ lifecycle: "recovering" });
    expect(site.status.at(-1)?.lastError).toMatch(/full.*free some/);
    await passUntil(site, () =>
      expect(bridge.states.filter((s) => s === "waiting").length).toBeGreaterThan(2),
    );
    expect(site.handled).toEqual([]);
    site.journal.db.exec("pragma max_page_count = 1000000");
    await passUntil(site, () => expect(site.handled.map((text) => text.length)).toEqual([50_000]));
  });
});

describe("messages wait", () => {
  test("while no answer could be posted, and go on when that is put right", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    site.say("one");
    await eventually(() => expect(site.handled).toEqual(["one"]));
    reportPost("default", { kind: "refused", reason: "The token is not known." });
    site.emulator.faults.databaseDown = true;
    await eventually(() => expect(bridge.log.join()).toMatch(/database is red.*New messages wait/));
    site.say("two");
    await eventually(() => expect(site.verdicts()).toHaveLength(2));
    expect(site.status.at(-1)).toMatchObject({ lifecycle: "recovering" });
    site.emulator.faults.databaseDown = false;
    await passUntil(site, () => expect(site.handled).toEqual(["one", "two"]));
    expect(site.status.at(-1)).toMatchObject({ lifecycle: "ready" });
  });

  test("over a restart, until what was posted before them has been fetched", async () => {
    const site = await setup();
    const first = site.start();
    await connected(site);
    site.emulator.faults.databaseDown = true;
    reportPost("default", { kind: "refused", reason: "The token is not known." });
    site.emulator.faults.dropNextFrames(1);
    for (const text of ["lost", "heard"]) site.say(text);
    await eventually(() => expect(site.verdicts()).toEqual(["admitted"]));
    await first.stop();
    site.emulator.faults.databaseDown = false;
    // Time enough to hand on what stands in the journal before the lists have answered.
    site.emulator.faults.slowAnswersMs = 100;
    site.start();
    await eventually(() => expect(site.handled).toHaveLength(2));
    expect(site.handled).toEqual(["lost", "heard"]);
  });

  test("for the lists, and no longer once these have failed five times", async () => {
    const site = await setup();
    const elsewhere = await startLocalServer((_, response) => response.destroy());
    const handled: string[] = [];
    const limited = fastClient(
      { serverUrl: site.emulator.url, clientToken: site.token.token, appToken: site.bot.token },
      LIMITS,
    );
    const lists = fastClient({ serverUrl: elsewhere.url, clientToken: "C", appToken: "A" }, LIMITS);
    const bridge = startBridge({
      journal: site.journal,
      client: { ...limited, readPages: lists.readPages },
      world: site.time.world,
      agent: async (messages, lifecycle) => {
        await lifecycle.onAdopted();
        handled.push(...messages.map(({ message }) => message));
      },
    });
    onTestFinished(() => bridge.stop());
    const failures = (): number => bridge.states.filter((kind) => kind === "unreadable").length;
    await eventually(() => expect(failures()).toBe(1));
    site.say("heard");
    await eventually(() => expect(site.verdicts()).toEqual(["admitted"]));
    let failuresBefore = 0;
    await passUntil(site, () => {
      if (handled.length === 0) failuresBefore = failures();
      expect(handled).toEqual(["heard"]);
    });
    expect(failuresBefore).toBeGreaterThanOrEqual(4);
    expect(bridge.states).not.toContain("read");
  });

  test("and the lists are looked at, when nobody knows what became of a post", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    reportPost("default", { kind: "unknown" });
    await eventually(() => expect(site.readings()).toBe(2));
  });
});

describe("a journal that breaks while it is used", () => {
  test("ends the consumer, so that whoever opened it can set it aside", async () => {
    const site = await setup();
    const bridge = site.start();
    await connected(site);
    site.journal.db.exec("pragma wal_checkpoint(truncate)");
    const bytes = readFileSync(site.journal.file);
    // All but the first page: the header stays good, and so does the list of tables.
    writeFileSync(site.journal.file, bytes.fill(0xff, 4_096));
    site.journal.db.exec("pragma shrink_memory");
    await expect(bridge.ended).rejects.toMatchObject({ code: "GOTIFY_JOURNAL_CORRUPT" });
  });
});

describe("a stop", () => {
  test("does not wait for a turn that never ends, and gives back what waits", async () => {
    const site = await setup();
    const client = fastClient(
      { serverUrl: site.emulator.url, clientToken: site.token.token, appToken: site.bot.token },
      LIMITS,
    );
    let begun = 0;
    const bridge = startBridge({
      journal: site.journal,
      client,
      agent: () => {
        begun += 1;
        return new Promise(() => {});
      },
    });
    await eventually(() => expect(bridge.states).toContain("read"));
    for (const text of ["one", "two"]) site.say(text);
    await eventually(() => expect(begun).toBe(1));
    await bridge.stop();
    site.start();
    await eventually(() => expect(site.handled).toEqual(["one", "two"]));
  });
});

describe("a second consumer", () => {
  test("is refused, and the first goes on", async () => {
    const site = await setup();
    site.start();
    await connected(site);
    const second = startBridge({
      journal: site.journal,
      client: fastClient(
        { serverUrl: site.emulator.url, clientToken: site.token.token, appToken: site.bot.token },
        LIMITS,
      ),
      agent: async () => {},
    });
    await expect(second.ended).rejects.toMatchObject({ code: "GOTIFY_JOURNAL_LOST" });
    site.say("still here");
    await eventually(() => expect(site.handled).toEqual(["still here"]));
  });
});
