import { describe, expect, test } from "vitest";
import type { ProblemCode } from "./facts.ts";
import type { JournalFacts } from "./journal-facts.ts";
import type { Known } from "./known.ts";
import { findProblems } from "./verdict.ts";
import type { Vitals } from "./vitals.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const NOW = Date.UTC(2026, 10, 23, 12);

const before = (ms: number): number => NOW - ms;

/** An account that has run for an hour, and with which all is well. */
function vitals(changes: Partial<Vitals> = {}): Vitals {
  return {
    startedAt: before(60 * MINUTE_MS),
    stream: { value: "open", at: before(59 * MINUTE_MS) },
    connectedAt: before(59 * MINUTE_MS),
    posting: { value: undefined, at: before(10 * SECOND_MS) },
    newestStored: { value: 20, at: before(25 * SECOND_MS) },
    queueAskedAt: before(400),
    ages: { queueAsked: 400, posting: 10 * SECOND_MS, reading: 25 * SECOND_MS },
    counted: { in: 0, out: 0, duplicates: 0, dropped: 0, retries: 0, failed: 0, reconnects: 0 },
    ...changes,
  };
}

function aged(ages: Partial<Vitals["ages"]>, changes: Partial<Vitals> = {}): Known {
  const base = vitals(changes);
  return known({ vitals: { ...base, ages: { ...base.ages, ...ages } } });
}

function journal(changes: Partial<JournalFacts> = {}): JournalFacts {
  return {
    consumer: { pid: 7, host: "here", beatAt: before(2 * SECOND_MS), isOwn: true },
    waiting: 0,
    oldestWaitingAt: undefined,
    unexplained: 0,
    oldestUnexplainedAt: undefined,
    inTurns: 0,
    oldestTurnAt: undefined,
    waitingBehind: 0,
    retrying: { count: 0, oldestAt: undefined, error: undefined, othersGetThrough: false },
    failed: 0,
    newestFailedAt: undefined,
    settled: { count: 5, failed: 0 },
    lastTakenInAt: undefined,
    deadReplies: 0,
    newestDeadReplyAt: undefined,
    waitingReplies: 0,
    oldestWaitingReplyAt: undefined,
    repliesInVain: 0,
    replyError: undefined,
    lastOutHour: undefined,
    suspended: [],
    newestTaken: 20,
    failedError: undefined,
    lastError: undefined,
    hours: [],
    ...changes,
  };
}

function known(changes: Partial<Known> = {}): Known {
  return {
    accountId: "home",
    enabled: true,
    configured: true,
    problem: undefined,
    lacksSettings: false,
    hasUnreadableSecret: false,
    receives: true,
    isGateway: false,
    upMs: 60 * MINUTE_MS,
    vitals: vitals(),
    ended: undefined,
    journal: journal(),
    journalProblem: undefined,
    ...changes,
  };
}

function down(
  value: Vitals["stream"]["value"],
  ms: number,
  reason?: string,
  heldMs = SECOND_MS,
): Known {
  return known({
    vitals: vitals({
      stream: { value, at: before(heldMs) },
      downSince: before(ms),
      streamProblem: reason,
    }),
  });
}

function codes(account: Known): ProblemCode[] {
  return findProblems(account, NOW).map(({ code }) => code);
}

test("an account with which all is well has no problem", () => {
  expect(findProblems(known(), NOW)).toEqual([]);
});

test("an account that is switched off has no problem, whatever is wrong with it", () => {
  const account = known({ enabled: false, configured: false, problem: "No server is set." });
  expect(findProblems(account, NOW)).toEqual([]);
});

test("an account that only sends has no problem with a stream it does not have", () => {
  const off = vitals({ stream: { value: "off", at: NOW }, connectedAt: undefined });
  const account = known({ receives: false, vitals: off, journal: undefined });
  // Whether it could send is looked at all the same.
  const unseen = { ...off, ages: { ...off.ages, posting: 10 * MINUTE_MS } };
  expect(codes({ ...account, vitals: unseen })).toEqual(["unchecked"]);
  expect(findProblems(account, NOW)).toEqual([]);
  // Where nobody runs it nobody looks; outside of the Gateway that is all that can be said.
  const matching: unknown = expect.stringMatching(/nobody looks whether it can still post/);
  const nobodys = { ...account, vitals: undefined };
  expect(findProblems(nobodys, NOW)).toMatchObject([
    { code: "not-running", level: "warning", message: matching },
  ]);
  expect(findProblems({ ...nobodys, isGateway: true }, NOW)).toMatchObject([
    { code: "not-running", level: "error", message: matching },
  ]);
});

/** Of each way of being dead: what shows it, and the nearest that is not it. */
const WAYS: readonly {
  readonly what: string;
  readonly code: ProblemCode;
  readonly level: "error" | "warning";
  readonly message: RegExp;
  readonly fix: RegExp;
  readonly ill: Known;
  readonly well: Known;
}[] = [
  {
    what: "nothing is configured",
    code: "not-configured",
    level: "error",
    message: /^No server is set\.$/,
    fix: /openclaw channels login --channel gotify --account home$/,
    ill: known({
      configured: false,
      lacksSettings: true,
      problem: "No server is set.",
      vitals: undefined,
    }),
    well: known(),
  },
  {
    what: "a file of the connection cannot be read",
    code: "not-configured",
    level: "error",
    message: /^connection\.caFile /,
    fix: /^(?!.*channels login).*openclaw gotify doctor$/,
    ill: known({ problem: "connection.caFile cannot be read.", vitals: undefined }),
    well: known(),
  },
  {
    what: "a secret cannot be read, and nobody runs the account",
    code: "secret-missing",
    level: "error",
    message: /secret/,
    fix: /openclaw secrets reload/,
    ill: known({
      hasUnreadableSecret: true,
      vitals: undefined,
      journal: journal({ consumer: undefined }),
      problem: "The secret of appToken cannot be read.",
    }),
    well: known({
      hasUnreadableSecret: true,
      vitals: undefined,
      problem: "The secret of appToken cannot be read.",
    }),
  },
  {
    what: "nobody runs it",
    code: "not-running",
    level: "error",
    message: /No Gateway runs the account/,
    fix: /openclaw gateway start/,
    ill: known({ vitals: undefined, journal: journal({ consumer: undefined }) }),
    well: known({ vitals: undefined }),
  },
  {
    what: "the process that runs it does not stir",
    code: "not-consuming",
    level: "error",
    message: /Process 9 on there .* not stirred for 30 s/,
    fix: /openclaw gateway restart/,
    ill: known({
      vitals: undefined,
      journal: journal({
        consumer: { pid: 9, host: "there", beatAt: before(30 * SECOND_MS), isOwn: false },
      }),
    }),
    well: known({
      vitals: undefined,
      journal: journal({
        consumer: { pid: 9, host: "there", beatAt: before(10 * SECOND_MS), isOwn: false },
      }),
    }),
  },
  {
    what: "the stream has ended, however often it was tried again meanwhile",
    code: "disconnected",
    level: "error",
    message: /^Not connected for 30 s: The connection was refused\.$/,
    fix: /openclaw gotify doctor/,
    ill: down("waiting", 30 * SECOND_MS, "The connection was refused."),
    well: down("waiting", 10 * SECOND_MS, "The connection was refused."),
  },
  {
    what: "connecting does not end",
    code: "disconnected",
    level: "error",
    message: /^Not connected for 45 s$/,
    fix: /openclaw gotify doctor/,
    ill: down("connecting", 45 * SECOND_MS),
    well: down("connecting", 5 * SECOND_MS),
  },
  {
    what: "it has given up connecting",
    code: "disconnected",
    level: "error",
    message: /^Gave up connecting 1 s ago/,
    fix: /channels\.start .*"accountId":"home"/,
    ill: down("gave-up", SECOND_MS),
    well: known(),
  },
  {
    what: "the client token was revoked",
    code: "blocked",
    level: "error",
    message: /does not let the account in, now for 1 s: .*401/,
    fix: /channels login --channel gotify --account home/,
    ill: down("blocked", SECOND_MS, "Gotify refuses the client token (401)."),
    well: down("waiting", SECOND_MS, "Gotify refuses the client token (401)."),
  },
  {
    what: "the stream is open and the lists do not answer",
    code: "unreadable",
    level: "error",
    message: /lists cannot be read for 30 s.*database/,
    fix: /openclaw gotify check/,
    ill: down("unreadable", 30 * SECOND_MS, "Gotify says that its database is red."),
    well: down("unreadable", 10 * SECOND_MS),
  },
  {
    what: "catching up does not end",
    code: "starting-slowly",
    level: "warning",
    message: /still reading what was missed, for 2 min/,
    fix: /openclaw logs/,
    ill: down("catching-up", 8 * 60 * MINUTE_MS, undefined, 2 * MINUTE_MS),
    // Right after a night without the server.
    well: down("catching-up", 8 * 60 * MINUTE_MS),
  },
  {
    what: "another process holds the journal",
    code: "cannot-receive",
    level: "error",
    message: /now for 5 s: Process 8 on there already receives/,
    fix: /openclaw gotify doctor/,
    ill: known({
      vitals: vitals({
        blocked: {
          value: "Process 8 on there already receives for this account.",
          at: before(5 * SECOND_MS),
        },
      }),
    }),
    well: known({ vitals: vitals({ blocked: undefined }) }),
  },
  {
    what: "no answer can be posted",
    code: "cannot-post",
    level: "error",
    message: /^No answer can be posted: .*401/,
    fix: /openclaw gotify check/,
    ill: known({
      vitals: vitals({
        posting: { value: "No answer can be posted: the app token (401).", at: NOW },
      }),
    }),
    well: known({ vitals: vitals({ posting: { value: undefined, at: NOW } }) }),
  },
  {
    what: "nobody looks any more whether answers can be posted",
    code: "unchecked",
    level: "error",
    message: /answers can be posted was last looked at 10 min ago/,
    fix: /openclaw gateway restart/,
    // Whatever the wall clock says: it may have been set, and the machine may have slept.
    ill: aged({ posting: 10 * MINUTE_MS }, { posting: { value: undefined, at: NOW } }),
    well: aged(
      { posting: 2 * MINUTE_MS },
      { posting: { value: undefined, at: before(60 * MINUTE_MS) } },
    ),
  },
  {
    what: "nobody ever looked whether answers can be posted",
    code: "unchecked",
    level: "error",
    message: /59 min ago/,
    fix: /openclaw gateway restart/,
    ill: aged({ posting: 59 * MINUTE_MS }, { posting: undefined }),
    well: aged({ posting: MINUTE_MS }, { posting: undefined }),
  },
  {
    what: "the lists are not read any more",
    code: "unchecked",
    level: "error",
    message: /missed was last looked at 20 min ago/,
    fix: /openclaw gateway restart/,
    ill: aged({ reading: 20 * MINUTE_MS }, { newestStored: { value: 20, at: NOW } }),
    well: aged(
      { reading: 9 * MINUTE_MS },
      { newestStored: { value: 20, at: before(60 * MINUTE_MS) } },
    ),
  },
  {
    what: "messages are on the server that were not taken in",
    code: "behind",
    level: "error",
    message: /Message 25 is stored on the server, and only those up to 20/,
    fix: /openclaw gateway restart/,
    ill: aged({ reading: 30 * SECOND_MS }, { newestStored: { value: 25, at: NOW } }),
    well: aged({ reading: 5 * SECOND_MS }, { newestStored: { value: 25, at: NOW } }),
  },
  {
    what: "the queue is not asked any more",
    code: "queue-idle",
    level: "error",
    message: /asked for waiting messages for 40 s/,
    fix: /openclaw gateway restart/,
    ill: aged({ queueAsked: 40 * SECOND_MS }, { queueAskedAt: NOW }),
    well: aged({ queueAsked: 20 * SECOND_MS }, { queueAskedAt: before(60 * MINUTE_MS) }),
  },
  {
    what: "the queue was never asked since the connection was made",
    code: "queue-idle",
    level: "error",
    message: /for 59 min/,
    fix: /openclaw gateway restart/,
    ill: aged({ queueAsked: 59 * MINUTE_MS }, { queueAskedAt: undefined }),
    // Before the first connection there is no queue.
    well: aged({ queueAsked: undefined }, { queueAskedAt: undefined }),
  },
  {
    what: "a message waits for no reason",
    code: "waiting-long",
    level: "error",
    message: /^1 message waits for 2 min though nothing is in the way/,
    fix: /openclaw logs/,
    ill: known({
      journal: journal({ unexplained: 1, oldestUnexplainedAt: before(2 * MINUTE_MS) }),
    }),
    well: known({
      journal: journal({ unexplained: 1, oldestUnexplainedAt: before(30 * SECOND_MS) }),
    }),
  },
  {
    what: "messages wait while others are being answered",
    code: "waiting-long",
    level: "warning",
    message: /^3 messages wait for 2 min, while 2 messages are being answered/,
    fix: /restart the Gateway/,
    ill: known({
      journal: journal({
        unexplained: 3,
        oldestUnexplainedAt: before(2 * MINUTE_MS),
        inTurns: 2,
        oldestTurnAt: before(MINUTE_MS),
      }),
    }),
    well: known({ journal: journal({ inTurns: 2, oldestTurnAt: before(MINUTE_MS) }) }),
  },
  {
    what: "messages are tried again and again, and no other gets through",
    code: "retrying",
    level: "error",
    message: /^4 messages failed and are tried again, the oldest for 20 h: The model refuses\.$/,
    fix: /openclaw logs.*openclaw gotify dead-letters list/,
    ill: known({
      journal: journal({
        retrying: {
          count: 4,
          oldestAt: before(20 * 60 * MINUTE_MS),
          error: { value: "The model refuses.", at: before(MINUTE_MS) },
          othersGetThrough: false,
        },
      }),
    }),
    well: known(),
  },
  {
    what: "one message is tried again, and others get through",
    code: "retrying",
    level: "warning",
    message: /^1 message failed and is tried again, the oldest for 2 min\.$/,
    fix: /openclaw logs/,
    ill: known({
      journal: journal({
        retrying: {
          count: 1,
          oldestAt: before(2 * MINUTE_MS),
          error: undefined,
          othersGetThrough: true,
        },
      }),
    }),
    well: known(),
  },
  {
    what: "a message has just failed for the first time",
    code: "retrying",
    level: "warning",
    message: /for 5 s/,
    fix: /openclaw logs/,
    ill: known({
      journal: journal({
        retrying: {
          count: 1,
          oldestAt: before(5 * SECOND_MS),
          error: undefined,
          othersGetThrough: false,
        },
      }),
    }),
    well: known(),
  },
  {
    what: "no reply is posted any more",
    code: "all-failed",
    level: "error",
    message: /^The newest 3 replies could not be posted, and none has been since: It says 500\.$/,
    fix: /openclaw gotify dead-letters list/,
    ill: known({
      journal: journal({
        deadReplies: 3,
        repliesInVain: 3,
        replyError: { value: "It says 500.", at: NOW },
      }),
    }),
    well: known({ journal: journal({ deadReplies: 3, repliesInVain: 2 }) }),
  },
  {
    what: "catching up does not end for minutes",
    code: "starting-slowly",
    level: "error",
    message: /for 6 min/,
    fix: /openclaw gotify check.*openclaw logs/,
    ill: down("catching-up", 6 * MINUTE_MS, undefined, 6 * MINUTE_MS),
    well: down("catching-up", 6 * MINUTE_MS),
  },
  {
    what: "the connection ends each time before the first reading does",
    code: "disconnected",
    level: "error",
    message: /^The connection ends each time .* now for 3 min: It was reset\.$/,
    fix: /openclaw gotify doctor/,
    ill: known({
      vitals: vitals({
        stream: { value: "catching-up", at: before(SECOND_MS) },
        downSince: before(3 * MINUTE_MS),
        hasDiedCatchingUp: true,
        streamProblem: "It was reset.",
      }),
    }),
    well: down("catching-up", 3 * MINUTE_MS, "It was reset."),
  },
  {
    what: "its run in this process ended with an error",
    code: "not-running",
    level: "error",
    message: /its last run ended with an error: The file install-id is damaged\.$/,
    fix: /openclaw gotify doctor$/,
    ill: known({
      isGateway: true,
      upMs: SECOND_MS,
      vitals: undefined,
      journal: journal({ consumer: undefined }),
      ended: { value: "The file install-id is damaged.", at: before(SECOND_MS) },
    }),
    // The Gateway answers before it starts the accounts.
    well: known({
      isGateway: true,
      upMs: 10 * SECOND_MS,
      vitals: undefined,
      journal: journal({ consumer: undefined }),
    }),
  },
  {
    what: "the Gateway has not started it",
    code: "not-running",
    level: "error",
    message: /^The account does not run: nothing is received/,
    fix: /channels\.start .*"accountId":"home"/,
    ill: known({
      isGateway: true,
      upMs: 61 * SECOND_MS,
      vitals: undefined,
      journal: undefined,
    }),
    well: known({ isGateway: true }),
  },
  {
    what: "a turn began before the clock was set back",
    code: "stuck-turn",
    level: "warning",
    message: /^A turn runs for 0 s\.$/,
    fix: /\/stop/,
    ill: known({ journal: journal({ inTurns: 1, oldestTurnAt: before(-60 * MINUTE_MS) }) }),
    well: known({ journal: journal({ inTurns: 1, oldestTurnAt: before(-SECOND_MS) }) }),
  },
  {
    what: "the stream ended before the clock was set back",
    code: "disconnected",
    level: "error",
    message: /^Not connected for 0 s/,
    fix: /openclaw gotify doctor/,
    ill: down("waiting", -60 * MINUTE_MS),
    well: down("waiting", -SECOND_MS),
  },
  {
    what: "a turn runs for very long",
    code: "stuck-turn",
    level: "warning",
    message: /^A turn runs for 11 min\.$/,
    fix: /\/stop/,
    ill: known({ journal: journal({ inTurns: 1, oldestTurnAt: before(11 * MINUTE_MS) }) }),
    well: known({ journal: journal({ inTurns: 1, oldestTurnAt: before(9 * MINUTE_MS) }) }),
  },
  {
    what: "messages wait behind a turn that runs for very long",
    code: "stuck-turn",
    level: "error",
    message: /^A turn runs for 11 min, and 2 messages wait behind it\.$/,
    fix: /\/stop/,
    ill: known({
      journal: journal({ inTurns: 1, oldestTurnAt: before(11 * MINUTE_MS), waitingBehind: 2 }),
    }),
    // What a killed Gateway has left is no turn.
    well: known({
      vitals: undefined,
      journal: journal({
        consumer: undefined,
        inTurns: 1,
        oldestTurnAt: before(11 * MINUTE_MS),
        waitingBehind: 2,
      }),
    }),
  },
  {
    what: "every message is given up",
    code: "all-failed",
    level: "error",
    message: /newest 3 messages were all given up: No agent\./,
    fix: /openclaw gotify dead-letters list/,
    ill: known({
      journal: journal({
        failed: 3,
        settled: { count: 3, failed: 3 },
        failedError: { value: "No agent.", at: NOW },
      }),
    }),
    well: known({ journal: journal({ failed: 4, settled: { count: 5, failed: 4 } }) }),
  },
  {
    what: "something was given up",
    code: "dead-letters",
    level: "warning",
    message: /^1 message and 2 replies were given up\.$/,
    fix: /openclaw gotify dead-letters list/,
    ill: known({ journal: journal({ failed: 1, deadReplies: 2 }) }),
    well: known(),
  },
  {
    what: "a reply is still tried after minutes",
    code: "unsettled-replies",
    level: "warning",
    message: /^1 reply could not be sent yet, the oldest for 3 min/,
    fix: /dead-letters list/,
    ill: known({
      journal: journal({ waitingReplies: 1, oldestWaitingReplyAt: before(3 * MINUTE_MS) }),
    }),
    well: known({
      journal: journal({ waitingReplies: 1, oldestWaitingReplyAt: before(MINUTE_MS) }),
    }),
  },
  {
    what: "an application is shut out",
    code: "suspended",
    level: "warning",
    message: /^Application 7 is not the one that was let in/,
    fix: /^openclaw gotify grants confirm 7 --account home$/,
    ill: known({ journal: journal({ suspended: [7] }) }),
    well: known(),
  },
  {
    what: "the journal cannot be read",
    code: "journal-unreadable",
    level: "error",
    message: /^The journal x is damaged/,
    fix: /openclaw gateway restart/,
    ill: known({ journal: undefined, journalProblem: "The journal x is damaged." }),
    well: known({ journal: undefined }),
  },
];

describe("of an account it is told when", () => {
  test.each(WAYS)("$what: $code", ({ code, level, message, fix, ill, well }) => {
    const found = findProblems(ill, NOW).filter((problem) => problem.code === code);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ level });
    expect(found[0]?.message).toMatch(message);
    expect(found[0]?.fix).toMatch(fix);
    for (const line of [found[0]?.message, found[0]?.fix]) expect(line).not.toMatch(/\n/);
    expect(codes(well)).not.toContain(code);
  });
});

test("every code has its way", () => {
  const all: Readonly<Record<ProblemCode, true>> = {
    "not-configured": true,
    "secret-missing": true,
    "not-running": true,
    "not-consuming": true,
    "starting-slowly": true,
    disconnected: true,
    unreadable: true,
    blocked: true,
    "cannot-receive": true,
    "cannot-post": true,
    unchecked: true,
    behind: true,
    "stuck-turn": true,
    "queue-idle": true,
    "waiting-long": true,
    retrying: true,
    "all-failed": true,
    "dead-letters": true,
    "unsettled-replies": true,
    suspended: true,
    "journal-unreadable": true,
  };
  expect(new Set(WAYS.map(({ code }) => code))).toEqual(new Set(Object.keys(all)));
});

test("what is an error comes before what is a warning", () => {
  const account = known({
    vitals: vitals({ posting: { value: "No answer can be posted: red.", at: NOW } }),
    journal: journal({ failed: 1, suspended: [7] }),
  });
  expect(codes(account)).toEqual(["cannot-post", "dead-letters", "suspended"]);
  const slow = down("catching-up", 2 * MINUTE_MS, undefined, 2 * MINUTE_MS);
  const failing = journal({ failed: 5, settled: { count: 5, failed: 5 } });
  expect(codes({ ...slow, journal: failing })).toEqual([
    "all-failed",
    "starting-slowly",
    "dead-letters",
  ]);
});

test("messages that wait because the account cannot work are told of once, with the cause", () => {
  const waiting = journal({ unexplained: 4, oldestUnexplainedAt: before(5 * MINUTE_MS) });
  const account = known({
    vitals: vitals({ posting: { value: "No answer can be posted: red.", at: NOW } }),
    journal: waiting,
  });
  expect(codes(account)).toEqual(["cannot-post"]);
  expect(codes({ ...down("waiting", MINUTE_MS), journal: waiting })).toEqual(["disconnected"]);
});

test("an account that cannot use its journal is not called disconnected as well", () => {
  const account = known({
    vitals: vitals({
      stream: { value: "connecting", at: before(MINUTE_MS) },
      downSince: before(MINUTE_MS),
      blocked: { value: "The disk is full.", at: before(MINUTE_MS) },
    }),
  });
  expect(codes(account)).toEqual(["cannot-receive"]);
});

test("a remedy names its account, also the one called default: another may be the default account", () => {
  const ill = known({
    accountId: "default",
    configured: false,
    lacksSettings: true,
    problem: "No server is set.",
    vitals: undefined,
  });
  expect(findProblems(ill, NOW)[0]?.fix).toMatch(/login --channel gotify --account default$/);
});
