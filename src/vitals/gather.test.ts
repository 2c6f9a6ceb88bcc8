import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { resolveAccount } from "../config/accounts.ts";
import { accountFolder, accountPath } from "../config/state-folder.ts";
import { createJournalQueue } from "../journal/journal-queue.ts";
import { openJournal, type Journal } from "../journal/journal.ts";
import { takeLease } from "../journal/lease.ts";
import { BEING_POSTED, createOutbox, type OutboxNote } from "../journal/outbox.ts";
import { serverKey } from "../journal/wire.ts";
import { gatherStatus, type GatherWorld } from "./gather.ts";
import { createTally } from "./tally.ts";
import { noneCounted, type Vitals } from "./vitals.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = Date.UTC(2026, 10, 23, 12, 30);
const SERVER = "http://192.168.7.20:8080/";
const APP_TOKEN = "AgeheimGeheim01";

const gotify = { serverUrl: SERVER, appToken: APP_TOKEN, clientToken: "CgeheimGeheim01" };
const cfg: OpenClawConfig = { channels: { gotify } };

function world(vitals: Readonly<Record<string, Vitals>> = {}): GatherWorld & { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "gotify-gather-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, now: () => NOW, stateDir: () => folder, vitalsOf: (id) => vitals[id] };
}

function journalOf({ folder }: { folder: string }, account = "default"): Journal {
  const { journal } = openJournal(accountFolder(folder, account));
  onTestFinished(() => journal.close());
  return journal;
}

function inboxOf(journal: Journal, now = () => NOW) {
  const identity = { channelId: "gotify", accountId: "default", queueName: "gotify:default" };
  return createJournalQueue(journal, { identity, now });
}

const running = (changes: Partial<Vitals> = {}): Vitals => ({
  startedAt: NOW - HOUR_MS,
  stream: { value: "open", at: NOW - HOUR_MS },
  connectedAt: NOW - HOUR_MS,
  roundTripMs: 12,
  version: "3.0.0",
  posting: { value: undefined, at: NOW - 1_000 },
  newestStored: { value: 41, at: NOW - 1_000 },
  queueAskedAt: NOW,
  ages: { queueAsked: 0, posting: 1_000, reading: 1_000 },
  lastInAt: NOW - 5 * MINUTE_MS,
  lastOutAt: NOW - 4 * MINUTE_MS,
  counted: { ...noneCounted(), in: 3, out: 2 },
  ...changes,
});

const reply = (more: Partial<OutboxNote> = {}): OutboxNote => ({
  id: "d-1",
  payload: 0,
  payloads: 1,
  target: "app:5",
  parts: [{ message: "a secret text", title: "Ada", priority: 5, extras: {} }],
  state: "waiting",
  stored: new Map(),
  reason: "no connection",
  isOwed: true,
  origin: "here",
  ...more,
});

function only(facts: ReturnType<typeof gatherStatus>) {
  expect(facts.accounts).toHaveLength(1);
  const [account] = facts.accounts;
  if (account === undefined) throw new Error("No account was gathered.");
  return account;
}

test("of a running account it is told what the account knows and what its journal says", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  takeLease(journal);
  journal
    .sql("insert into feed (server, user, epoch, mark, newest_at) values ($server, 1, 0, 40, 5)")
    .run({ server: serverKey(resolveAccount(cfg).serverUrl ?? "") });
  journal
    .sql(
      "insert into seen (feed, epoch, id, app, at, digest, verdict) values (1, 0, 41, 5, 5, 'd', 'admitted')",
    )
    .run();
  const inbox = inboxOf(journal, () => NOW - 2_000);
  await inbox.enqueue("1", "a secret text", { laneKey: "a" });
  await inbox.enqueue("2", "a secret text", { laneKey: "b" });
  await inbox.claimNext({ ownerId: "me" });
  createTally(journal).add({ ...noneCounted(), in: 4, out: 3 }, NOW - HOUR_MS);

  const facts = gatherStatus(cfg, here);
  expect(facts).toMatchObject({ ok: true, at: "2026-11-23T12:30:00.000Z" });
  expect(facts.plugin).toMatch(/^\d{4}\.\d+\.\d+/);
  const account = only(facts);
  expect(account).toMatchObject({
    account: "default",
    enabled: true,
    configured: true,
    running: true,
    receives: true,
    ok: true,
    problems: [],
    version: "3.0.0",
    stream: { state: "open", since: "2026-11-23T11:30:00.000Z", roundTripMs: 12 },
    posting: { ok: true, checkedAt: "2026-11-23T12:29:59.000Z" },
    lag: { newestStored: 41, newestTaken: 41, unanswered: 2 },
    queue: { waiting: 1, inTurns: 1, oldestWaitingAt: "2026-11-23T12:29:58.000Z" },
    deadLetters: { messages: 0, replies: 0 },
    waitingReplies: 0,
    lastInAt: "2026-11-23T12:25:00.000Z",
    lastOutAt: "2026-11-23T12:26:00.000Z",
    counted: { in: 3, out: 2 },
    suspended: [],
  });
  expect(account.hours).toHaveLength(24);
  expect(account.hours.at(-2)).toEqual({ hour: "2026-11-23T11:00:00.000Z", in: 4, out: 3 });
  expect(account.hours.at(-1)).toEqual({ hour: "2026-11-23T12:00:00.000Z", in: 0, out: 0 });
  expect(JSON.stringify(facts)).not.toMatch(/geheim|secret text|192\.168/i);
});

test("messages and replies that were given up are told apart from those that are still tried", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  const inbox = inboxOf(journal, () => NOW - HOUR_MS);
  await inbox.enqueue("1", "body");
  await inbox.fail("1", { reason: "no-agent", message: "No agent is bound." });
  const outbox = createOutbox(journal, () => NOW - 3 * MINUTE_MS);
  outbox.note(
    reply({ id: "refused", state: "refused", reason: "403 at http://push.lan/message" }),
    true,
  );
  outbox.note(reply({ id: "given up" }), true);
  outbox.noteGivenUp("given up");
  outbox.note(reply({ id: "still tried" }), true);
  outbox.note(reply({ id: "there", state: "arrived" }), true);

  const account = only(gatherStatus(cfg, here));
  expect(account.deadLetters).toEqual({
    messages: 1,
    replies: 2,
    newestAt: "2026-11-23T12:27:00.000Z",
  });
  expect(account.waitingReplies).toBe(1);
  expect(account.lastError?.at).toBe("2026-11-23T12:27:00.000Z");
  expect(account.problems.map(({ code }) => code)).toEqual(["dead-letters", "unsettled-replies"]);
  expect(account.ok).toBe(true);
});

test("when the newest messages were all given up, that is an error; what was set aside does not count", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  const inbox = inboxOf(journal);
  await inbox.enqueue("other:1:0:1", "body");
  await inbox.enqueue("other:1:0:2", "body");
  await inbox.enqueue("other:1:0:3", "body");
  inbox.setAsideOthers("mine:1");
  const codes = () => only(gatherStatus(cfg, here)).problems.map(({ code }) => code);
  expect(codes()).toEqual(["dead-letters"]);
  for (const id of ["4", "5", "6"]) {
    await inbox.enqueue(id, "body");
    await inbox.fail(id, { reason: "no-agent", message: "No agent at http://10.0.0.7/." });
  }
  const account = only(gatherStatus(cfg, here));
  expect(account.problems[0]).toMatchObject({
    code: "all-failed",
    message: "The newest 3 messages were all given up: No agent at (address).",
  });
  await inbox.enqueue("7", "body");
  await inbox.complete("7");
  expect(codes()).toEqual(["dead-letters"]);
});

test("a message that waits behind its own conversation is explained, and one of another is not", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  const inbox = inboxOf(journal, () => NOW - 5 * MINUTE_MS);
  await inbox.enqueue("1", "body", { laneKey: "a" });
  await inbox.claimNext({ ownerId: "me" });
  await inbox.enqueue("2", "body", { laneKey: "a" });
  expect(only(gatherStatus(cfg, here)).problems).toEqual([]);
  await inbox.enqueue("3", "body", { laneKey: "b" });
  expect(only(gatherStatus(cfg, here)).problems).toMatchObject([{ code: "waiting-long" }]);
});

test("messages behind a stuck turn make it an error", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  const inbox = inboxOf(journal, () => NOW - 11 * MINUTE_MS);
  await inbox.enqueue("1", "body", { laneKey: "a" });
  await inbox.claimNext({ ownerId: "me" });
  expect(only(gatherStatus(cfg, here))).toMatchObject({
    ok: true,
    problems: [{ code: "stuck-turn", level: "warning" }],
  });
  await inbox.enqueue("2", "body", { laneKey: "a" });
  expect(only(gatherStatus(cfg, here))).toMatchObject({
    ok: false,
    problems: [{ code: "stuck-turn", level: "error" }],
  });
});

test("in another process it is told from the lease who runs the account", () => {
  const here = world();
  const journal = journalOf(here);
  expect(only(gatherStatus(cfg, here))).toMatchObject({
    running: false,
    ok: false,
    problems: [{ code: "not-running" }],
  });
  // By the clock that the lease itself goes by.
  const lease = takeLease(journal);
  const live = { ...here, now: Date.now };
  expect(only(gatherStatus(cfg, live))).toMatchObject({ running: true, ok: true, problems: [] });
  lease.release();
  expect(only(gatherStatus(cfg, live)).running).toBe(false);
});

test("an account without a journal gets no folder by being asked about", () => {
  const here = world();
  expect(only(gatherStatus(cfg, here))).toMatchObject({ running: false });
  expect(existsSync(accountPath(here.folder, "default"))).toBe(false);
});

test("a journal that cannot be read is a problem and no exception, and the others are told of", () => {
  const here = world({ default: running(), work: running() });
  journalOf(here, "work");
  const folder = accountPath(here.folder, "default");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "journal.sqlite"),
    "this is no database, and long enough for one".repeat(9),
  );
  const work = {
    serverUrl: "http://other.lan/",
    appToken: "Awork-token-1",
    clientToken: "Cwork-token-1",
  };
  const facts = gatherStatus({ channels: { gotify: { ...gotify, accounts: { work } } } }, here);
  expect(facts.ok).toBe(false);
  expect(facts.accounts).toMatchObject([
    { account: "default", ok: false, problems: [{ code: "journal-unreadable" }] },
    { account: "work", ok: true, problems: [] },
  ]);
});

test("what is wrong is told without the server's address, wherever it comes from", () => {
  const posting = { value: `No answer can be posted: Gotify at ${SERVER} says no.`, at: NOW };
  const lastError = { value: "connect ECONNREFUSED 192.168.7.20:8080", at: NOW };
  const notice = { value: "See https://push.lan/x.", at: NOW };
  const facts = gatherStatus(cfg, world({ default: running({ posting, lastError, notice }) }));
  const text = JSON.stringify(facts);
  expect(text).not.toMatch(/192\.168|push\.lan|http:/);
  expect(only(facts).problems[0]?.message).toBe(
    "No answer can be posted: Gotify at (address) says no.",
  );
});

test("a turn that hangs is told although the journal is done with it, and so is what waits behind it", async () => {
  const begunAt = NOW - 11 * MINUTE_MS;
  const turns = [{ at: begunAt, lane: "a", tickedOff: 1 }];
  const here = world({ default: running({ turns }) });
  const journal = journalOf(here);
  takeLease(journal);
  const inbox = inboxOf(journal, () => begunAt);
  await inbox.enqueue("1", "hang", { laneKey: "a" });
  const claim = await inbox.claimNext({ ownerId: "me" });
  if (claim === null) throw new Error("Nothing was claimed.");
  await inbox.complete(claim);
  const stuck = () => only(gatherStatus(cfg, here)).problems;
  expect(stuck()).toMatchObject([
    { code: "stuck-turn", level: "warning", message: "A turn runs for 11 min." },
  ]);

  // The host has the next one in its own queue, and another conversation goes on.
  const later = inboxOf(journal, () => NOW - 1_000);
  await later.enqueue("2", "and this?", { laneKey: "a" });
  await later.enqueue("3", "elsewhere", { laneKey: "b" });
  await later.claimNext({ ownerId: "me" });
  const facts = only(gatherStatus(cfg, here));
  expect(facts.queue).toMatchObject({
    waiting: 1,
    inTurns: 2,
    oldestTurnAt: new Date(begunAt).toISOString(),
  });
  expect(facts.lag?.unanswered).toBe(3);
  expect(facts.problems).toMatchObject([
    {
      code: "stuck-turn",
      level: "error",
      message: "A turn runs for 11 min, and 1 message waits behind it.",
    },
  ]);
});

test("messages that fail again and again are told with their error, and so is nothing that waits behind them", async () => {
  const here = world({ default: running() });
  const journal = journalOf(here);
  takeLease(journal);
  const inbox = inboxOf(journal, () => NOW - 20 * HOUR_MS);
  const tried = inboxOf(journal, () => NOW - MINUTE_MS);
  for (const lane of ["a", "b"]) {
    await inbox.enqueue(`${lane}-1`, "body", { laneKey: lane });
    await inbox.enqueue(`${lane}-2`, "body", { laneKey: lane });
    const claim = await tried.claim(`${lane}-1`, { ownerId: "me" });
    if (claim === null) throw new Error("Nothing was claimed.");
    await tried.release(claim, { lastError: `The model at http://10.0.0.7/ refuses ${lane}.` });
  }
  const account = only(gatherStatus(cfg, here));
  expect(account).toMatchObject({
    ok: false,
    queue: { waiting: 4, retrying: 2 },
    lastError: { at: "2026-11-23T12:29:00.000Z" },
  });
  expect(account.problems).toHaveLength(1);
  expect(account.problems[0]).toMatchObject({ code: "retrying", level: "error" });
  expect(account.problems[0]?.message).toMatch(
    /^2 messages failed and are tried again, the oldest for 20 h: The model at \S+ refuses [ab]\.$/,
  );
  // It stays told while one of them is tried once more.
  const claim = await tried.claim("a-1", { ownerId: "me" });
  expect(only(gatherStatus(cfg, here)).problems).toMatchObject([{ code: "retrying" }]);
  if (claim !== null) await tried.release(claim, { lastError: "no" });

  // What got through before the newest hour says nothing of now; what did since says that others do.
  const done = inboxOf(journal, () => NOW - 19 * HOUR_MS);
  await done.enqueue("old", "body", { laneKey: "c" });
  await done.complete("old");
  expect(only(gatherStatus(cfg, here))).toMatchObject({ ok: false });
  await tried.enqueue("new", "body", { laneKey: "c" });
  await tried.complete("new");
  expect(only(gatherStatus(cfg, here))).toMatchObject({
    ok: true,
    problems: [{ code: "retrying", level: "warning" }],
  });
});

test("replies in vain are an error until one gets through", () => {
  const here = world({
    default: running({ lastOutAt: undefined, startedAt: NOW - 5 * MINUTE_MS }),
  });
  const journal = journalOf(here);
  const outbox = createOutbox(journal, () => NOW - 3 * MINUTE_MS);
  // Posted within this hour, before this run of the account began.
  createTally(journal).add({ ...noneCounted(), out: 1 }, NOW);
  outbox.note(reply({ id: "1", state: "refused", reason: "500" }), true);
  outbox.note(reply({ id: "2", state: "refused", reason: "500" }), true);
  const codes = (facts = only(gatherStatus(cfg, here))) => facts.problems.map(({ code }) => code);
  expect(codes()).toEqual(["dead-letters"]);
  outbox.note(reply({ id: "3", state: "unknown", reason: "it says 500" }), true);
  expect(codes()).not.toContain("all-failed");
  outbox.note(reply({ id: "3", state: "unknown", reason: "it says 500" }), true);
  const account = only(gatherStatus(cfg, here));
  expect(account).toMatchObject({ ok: false, lastOutHour: "2026-11-23T12:00:00.000Z" });
  expect(account.lastOutAt).toBeUndefined();
  expect(account.problems[0]).toMatchObject({ code: "all-failed", level: "error" });
  expect(account.problems[0]?.message).toMatch(/^The newest 3 replies could not be posted/);

  // In another process nobody knows whether the post of this hour came after them.
  const outside = { ...here, vitalsOf: () => undefined };
  expect(codes(only(gatherStatus(cfg, outside)))).not.toContain("all-failed");
  const posted = world({ default: running({ lastOutAt: NOW - MINUTE_MS }) });
  const same = { ...posted, stateDir: here.stateDir };
  expect(codes(only(gatherStatus(cfg, same)))).not.toContain("all-failed");
  // One that is sent by hand counts as well, and one that is dropped does not.
  const later = createOutbox(journal, () => NOW - 1_000);
  for (const id of ["dropped", "sent"]) later.note(reply({ id, state: "refused" }), true);
  const entry = (id: string) => {
    const found = later.find({ id, payload: 0 });
    if (found === undefined) throw new Error("It is not there.");
    return found;
  };
  later.drop(entry("dropped"));
  expect(codes()).toContain("all-failed");
  later.noteArrived({ id: "sent", payload: 0 }, new Map([[0, { id: 7, appId: 5 }]]));
  expect(codes()).not.toContain("all-failed");
});

test("what is noted while a reply is being posted is no error until nobody can be posting it any more", () => {
  const here = world({ default: running() });
  const outbox = createOutbox(journalOf(here), () => NOW);
  outbox.note(reply({ state: "unknown", reason: BEING_POSTED, startedAt: NOW }), false);
  expect(only(gatherStatus(cfg, here)).lastError).toBeUndefined();
  const later = { ...here, now: () => NOW + 20 * MINUTE_MS };
  expect(only(gatherStatus(cfg, later)).lastError).toMatchObject({ text: BEING_POSTED });
});

test("an account that ended with an error says so, and one that is yet to start in a young Gateway is well", () => {
  const here = world();
  const young = { ...here, isGateway: () => true, upMs: () => 5_000 };
  expect(only(gatherStatus(cfg, young))).toMatchObject({ ok: true, running: false, problems: [] });
  const ended = { value: "The file install-id is damaged.", at: NOW - 1_000 };
  const account = only(gatherStatus(cfg, { ...young, endOf: () => ended }));
  expect(account).toMatchObject({
    ok: false,
    problems: [{ code: "not-running", fix: "See what is in the way: openclaw gotify doctor" }],
    lastError: { text: ended.value },
  });
});

test("nothing is well where no account is switched on", () => {
  const off = { channels: { gotify: { ...gotify, enabled: false } } };
  expect(gatherStatus(off, world())).toMatchObject({ ok: false, accounts: [{ ok: true }] });
});

test("an overlap is not sent to the setup, which could not mend it", () => {
  const twice = { channels: { gotify: { ...gotify, accounts: { work: { ...gotify } } } } };
  const { accounts } = gatherStatus(twice, world());
  const told = accounts.flatMap(({ problems }) => problems);
  const overlap = told.find(({ code }) => code === "not-configured");
  expect(overlap?.message).toMatch(/receive the same messages/);
  expect(overlap?.fix).not.toMatch(/login/);
});
