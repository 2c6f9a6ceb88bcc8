import { expect, test } from "vitest";
import type { AccountFacts, StatusFacts } from "../vitals/facts.ts";
import { healthLine, statusLines } from "./status-text.ts";

const AT = "2026-11-23T12:00:00.000Z";
const counted = {
  in: 12,
  out: 11,
  duplicates: 1,
  dropped: 0,
  retries: 2,
  failed: 0,
  reconnects: 3,
};

const account: AccountFacts = {
  account: "home",
  name: "My server",
  enabled: true,
  configured: true,
  running: true,
  receives: true,
  ok: true,
  problems: [],
  startedAt: "2026-11-23T10:00:00.000Z",
  version: "3.0.0",
  stream: {
    state: "open",
    since: "2026-11-23T10:00:00.000Z",
    connectedAt: "2026-11-23T10:00:00.000Z",
    roundTripMs: 12,
  },
  posting: { ok: true, checkedAt: AT },
  lag: { newestStored: 41, newestTaken: 40, unanswered: 2 },
  queue: { waiting: 1, oldestWaitingAt: "2026-11-23T11:59:30.000Z", inTurns: 1, oldestTurnAt: AT },
  deadLetters: { messages: 1, replies: 2 },
  waitingReplies: 3,
  lastInAt: "2026-11-23T11:55:00.000Z",
  lastOutAt: "2026-11-23T09:00:00.000Z",
  lastError: { text: "The connection was refused.", at: "2026-11-23T10:00:00.000Z" },
  suspended: [],
  counted,
  hours: [],
};

const told = (...accounts: AccountFacts[]): string[] => {
  const facts: StatusFacts = { ok: true, plugin: "1", at: AT, accounts };
  return statusLines(facts);
};

test("an account that works is told of in a few aligned lines", () => {
  expect(told(account)).toEqual([
    "home (My server): works",
    "  stream      open since 2 h, round trip 12 ms, Gotify 3.0.0",
    "  messages    last in: 5 min ago, last out: 3 h ago",
    "  lag         newest on the server 41, newest taken 40, 2 unanswered",
    "  queue       1 waiting (the oldest for 30 s), 1 in turns (the oldest for 0 s)",
    "  given up    messages 1, replies 2; 3 replies are still tried",
    "  counted     in 12, out 11, duplicates 1, dropped 0, retries 2, failed 0,",
    "              reconnects 3",
    "  last error  2 h ago: The connection was refused.",
  ]);
});

const broken: AccountFacts = {
  ...account,
  ok: false,
  problems: [
    {
      code: "cannot-post",
      level: "error",
      message:
        "No answer can be posted: Gotify at (address) does not accept the app token (401). It was deleted or mistyped.",
      fix: "openclaw channels login --channel gotify --account home --and --so --on --and --on",
    },
    { code: "suspended", level: "warning", message: "Application 7.", fix: "confirm it" },
  ],
};

test("what is wrong stands below, broken at 80 columns, and no command is broken", () => {
  const lines = told(broken);
  expect(lines[0]).toBe("home (My server): does not work");
  expect(lines.slice(-5)).toEqual([
    "  ERROR cannot-post: No answer can be posted: Gotify at (address) does not",
    "        accept the app token (401). It was deleted or mistyped.",
    "    -> openclaw channels login --channel gotify --account home --and --so --on --and --on",
    "  WARNING suspended: Application 7.",
    "    -> confirm it",
  ]);
  for (const line of lines.filter((one) => !one.includes("->"))) {
    expect(line.length).toBeLessThanOrEqual(80);
  }
});

test("nothing that others wrote steers the terminal", () => {
  const lines = told({
    ...broken,
    name: "My\u001b[2Jserver",
    lastError: { text: "a\r\nb\u0007", at: AT },
    problems: broken.problems.map((problem) => ({ ...problem, message: "x\u001b]0;y\u0007" })),
  });
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(lines.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test("accounts that are off, only send, or do not run are told from those that work", () => {
  const [off, sends, idle] = [
    { ...account, enabled: false },
    { ...account, receives: false },
    { ...account, running: false },
  ].map((one) => told(one));
  expect(off?.[0]).toBe("home (My server): switched off");
  expect(sends?.[1]).toBe("  stream      none: the account only sends");
  expect(idle?.[0]).toBe("home (My server): does not run here");
});

test("after a restart the last post is told by its hour, and messages that are tried again are counted", () => {
  const { lastOutAt: _, lastInAt: __, ...restarted } = account;
  const queue = { waiting: 2, inTurns: 0, retrying: 1 };
  const lines = told({ ...restarted, queue, lastOutHour: "2026-11-23T09:00:00.000Z" });
  expect(lines).toContain(
    "  messages    last in: none known, last out: in the hour of 2026-11-23 09:00 UTC",
  );
  expect(lines).toContain("  queue       2 waiting, 0 in turns, 1 of them tried again");
});

test("for scripts there is one line: ok, or the first error", () => {
  expect(healthLine(account)).toBe("home: ok");
  expect(healthLine(broken)).toMatch(/^home: No answer can be posted: /);
  expect(healthLine({ ...broken, enabled: false })).toBe("home: off");
});
