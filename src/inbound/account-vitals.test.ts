import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { GotifyClient } from "../gotify/client.ts";
import { JournalError } from "../journal/journal-errors.ts";
import { beginVitals, type VitalsWriter } from "../vitals/vitals.ts";
import { createAccountVitals, type AccountVitals } from "./account-vitals.ts";
import type { BackfillReport } from "./feed/backfill.ts";

const REPORT: BackfillReport = {
  admitted: 0,
  first: false,
  skipped: undefined,
  pageCostMs: 1,
  newest: 7,
  restarted: false,
};

let now = 0;
let run: VitalsWriter;
let vitals: AccountVitals;

beforeEach(() => {
  now = 1_000;
  run = beginVitals("home", () => now);
  vitals = createAccountVitals(run, () => now);
  onTestFinished(run.end);
});

const connect = (): void => {
  vitals.feed({ kind: "connecting" });
  vitals.feed({ kind: "catching-up", roundTripMs: 12 });
  vitals.feed({ kind: "read", report: REPORT, isFirst: true });
};
const lose = (text = "It ended."): void =>
  vitals.feed({ kind: "waiting", error: new Error(text), failures: 1 });

describe("the stream", () => {
  test("is open from its first reading on, and says since when and how quick it is", () => {
    connect();
    now += 45_000;
    vitals.feed({ kind: "read", report: { ...REPORT, newest: 9 }, isFirst: false });
    expect(run.look()).toMatchObject({
      stream: { value: "open", at: 1_000 },
      connectedAt: 1_000,
      roundTripMs: 12,
      newestStored: { value: 9, at: 46_000 },
    });
    expect(run.look().streamProblem).toBeUndefined();
  });

  test("keeps its problem while it is tried again, and loses it when all is well", () => {
    connect();
    lose();
    vitals.feed({ kind: "connecting" });
    expect(run.look()).toMatchObject({
      stream: { value: "connecting" },
      streamProblem: "It ended.",
      lastError: { value: "It ended.", at: 1_000 },
    });
    expect(run.look().connectedAt).toBeUndefined();
    expect(run.look().roundTripMs).toBeUndefined();
    connect();
    expect(run.look().streamProblem).toBeUndefined();
    expect(run.look().lastError?.value).toBe("It ended.");
  });

  test("counts connections that ended, and not the tries in between", () => {
    lose();
    connect();
    lose();
    vitals.feed({ kind: "connecting" });
    lose();
    expect(run.look().counted.reconnects).toBe(1);
  });

  test("is open again after its lists could not be read", () => {
    connect();
    vitals.feed({ kind: "unreadable", error: new Error("No page."), failures: 1, waitedMs: 0 });
    expect(run.look()).toMatchObject({
      stream: { value: "unreadable" },
      streamProblem: "No page.",
      connectedAt: 1_000,
    });
    vitals.feed({ kind: "read", report: REPORT, isFirst: false });
    expect(run.look().stream.value).toBe("open");
    expect(run.look().counted.reconnects).toBe(0);
    expect(run.look().downSince).toBeUndefined();
  });

  test("is unreadable from the question on that got no answer, and not only from when waiting for it ended", () => {
    connect();
    now += 60_000;
    vitals.feed({
      kind: "unreadable",
      error: new Error("No page."),
      failures: 1,
      waitedMs: 20_000,
    });
    now += 21_000;
    vitals.feed({
      kind: "unreadable",
      error: new Error("No page."),
      failures: 2,
      waitedMs: 20_000,
    });
    expect(run.look()).toMatchObject({ stream: { value: "unreadable" }, downSince: 41_000 });
  });
});

describe("what blocks", () => {
  const full = new JournalError("full", "No room.");
  const busy = new JournalError("busy", "Somebody writes.");

  test("is a full disk at the first beat, until one goes through", () => {
    connect();
    vitals.beat(full);
    now += 5_000;
    vitals.beat(full);
    expect(run.look()).toMatchObject({
      blocked: { value: "No room.", at: 1_000 },
      lastError: { at: 6_000 },
    });
    vitals.beat();
    expect(run.look().blocked).toBeUndefined();
  });

  test("is a full disk also while the lists are read, as long as that writes nothing", () => {
    connect();
    vitals.beat(new JournalError("full", "Full."));
    vitals.feed({ kind: "read", report: REPORT, isFirst: false });
    expect(run.look().blocked).toEqual({ value: "Full.", at: 1_000 });
    vitals.feed({ kind: "read", report: { ...REPORT, admitted: 1 }, isFirst: false });
    expect(run.look().blocked).toBeUndefined();
  });

  test("is a busy journal only from the second beat on: a backup is no reason to shout", () => {
    vitals.beat(busy);
    expect(run.look().blocked).toBeUndefined();
    vitals.beat();
    vitals.beat(busy);
    expect(run.look().blocked).toBeUndefined();
    vitals.beat(busy);
    expect(run.look().blocked?.value).toBe("Somebody writes.");
  });

  test("is a disk that refuses messages, also while the small writes of the lease go through", () => {
    connect();
    vitals.feed({ kind: "waiting", error: full, failures: 1 });
    vitals.beat();
    expect(run.look().blocked?.value).toBe("No room.");
    connect();
    expect(run.look().blocked).toBeUndefined();
  });

  test("is a full disk only until it is the server that is missing, or no longer lets the account in", () => {
    for (const kind of ["waiting", "blocked", "gave-up"] as const) {
      connect();
      vitals.feed({ kind: "waiting", error: full, failures: 1 });
      expect(run.look().blocked?.value).toBe("No room.");
      vitals.feed({ kind, error: new Error("Nobody there."), failures: 2 });
      expect(run.look()).toMatchObject({ stream: { value: kind }, streamProblem: "Nobody there." });
      expect(run.look().blocked).toBeUndefined();
    }
  });

  test("is what a beat or a start has found, whatever else becomes of the server", () => {
    connect();
    vitals.beat(full);
    lose();
    expect(run.look().blocked?.value).toBe("No room.");
    vitals.beat();
    vitals.blocked("Of no use.");
    lose();
    expect(run.look().blocked?.value).toBe("Of no use.");
  });

  test("is a busy journal only from the second connection in a row on", () => {
    const meetBusy = (): void => vitals.feed({ kind: "waiting", error: busy, failures: 1 });
    meetBusy();
    expect(run.look().blocked).toBeUndefined();
    expect(run.look().streamProblem).toBe("Somebody writes.");
    connect();
    meetBusy();
    lose();
    meetBusy();
    expect(run.look().blocked).toBeUndefined();
    meetBusy();
    expect(run.look().blocked?.value).toBe("Somebody writes.");
  });

  test("is another's lease until this process has it, and ends the connection", () => {
    connect();
    vitals.blocked("Another one receives.");
    expect(run.look()).toMatchObject({
      stream: { value: "blocked" },
      blocked: { value: "Another one receives." },
      counted: { reconnects: 1 },
    });
    expect(run.look().connectedAt).toBeUndefined();
    vitals.consuming();
    expect(run.look().blocked).toBeUndefined();
  });
});

test("the server's version is asked for, and one that is not told changes nothing", async () => {
  const emulator = await startEmulator({ personality: "v2" });
  onTestFinished(() => emulator.stop());
  const client = new GotifyClient({ serverUrl: emulator.url });
  const { signal } = new AbortController();
  await vitals.readVersion(client, signal);
  const { version } = run.look();
  expect(version).toBe((await client.version()).version);
  emulator.faults.badGateway = true;
  await vitals.readVersion(client, signal);
  expect(run.look().version).toBe(version);
  expect(run.look().lastError).toBeUndefined();
});

test("turns are known from when they began, with what the journal has ticked off of them, until they end", () => {
  const first = vitals.turn("5");
  now = 2_000;
  const second = vitals.turn("5");
  second.tickedOff(3);
  expect(run.look().turns).toEqual([
    { at: 1_000, lane: "5", tickedOff: 0 },
    { at: 2_000, lane: "5", tickedOff: 3 },
  ]);
  first.ended();
  first.tickedOff(1);
  expect(run.look().turns).toEqual([{ at: 2_000, lane: "5", tickedOff: 3 }]);
  second.ended();
  expect(run.look().turns).toEqual([]);
});
