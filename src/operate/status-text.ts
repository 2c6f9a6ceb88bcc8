// Owns how an account's state is told to people: a few aligned lines, then what is wrong and what to do.
import { oneLine } from "../gotify/one-line.ts";
import { ageText } from "../vitals/ages.ts";
import type { AccountFacts, Problem, StatusFacts } from "../vitals/facts.ts";
import type { ProbeLine } from "./probe-lines.ts";

const WIDTH = 80;
const LABEL_WIDTH = 12;

/** @param now in ms since 1970, by the clock of whoever gathered the facts. */
export function statusLines(facts: StatusFacts, now: number = Date.parse(facts.at)): string[] {
  return facts.accounts.flatMap((account, index) => [
    ...(index === 0 ? [] : [""]),
    ...accountLines(account, now),
  ]);
}

/** One line: works, or the first thing that does not. */
export function healthLine(account: AccountFacts): string {
  if (!account.enabled) return `${account.account}: off`;
  const error = account.problems.find(({ level }) => level === "error");
  return oneLine(`${account.account}: ${error === undefined ? "ok" : error.message}`);
}

/** What the host's own overview has no place for. */
export function diagnosticLines(account: AccountFacts): ProbeLine[] {
  const queue = queueText(account, Date.now());
  const letters = lettersText(account);
  return [
    ...(queue === undefined ? [] : [{ text: `Queue: ${queue}`, tone: "default" as const }]),
    ...(letters === undefined ? [] : [{ text: `Given up: ${letters}`, tone: "default" as const }]),
    ...account.problems.map(({ level, message, fix }) => ({
      text: oneLine(`${message} ${fix}`),
      tone: level === "error" ? ("error" as const) : ("warn" as const),
    })),
  ];
}

function accountLines(account: AccountFacts, now: number): string[] {
  const name = account.name === undefined ? "" : ` (${oneLine(account.name)})`;
  const rows: (readonly [string, string | undefined])[] = [
    ["stream", streamText(account, now)],
    ["messages", messagesText(account, now)],
    ["lag", lagText(account)],
    ["queue", queueText(account, now)],
    ["given up", lettersText(account)],
    ["counted", countedText(account)],
    ["last error", notedText(account.lastError, now)],
    ["note", notedText(account.notice, now)],
  ];
  return [
    `${account.account}${name}: ${stateText(account)}`,
    ...rows.flatMap(([label, text]) =>
      text === undefined ? [] : wrapped(`  ${label.padEnd(LABEL_WIDTH)}`, oneLine(text)),
    ),
    ...account.problems.flatMap(problemLines),
  ];
}

function stateText({ enabled, running, ok, problems }: AccountFacts): string {
  if (!enabled) return "switched off";
  const errors = problems.filter(({ level }) => level === "error").length;
  if (!ok) return errors === 1 ? "does not work" : `does not work, for ${errors} reasons`;
  const state = running ? "works" : "does not run here";
  return problems.length === 0 ? state : `${state}, with warnings`;
}

function streamText({ stream, version, receives }: AccountFacts, now: number): string | undefined {
  if (!receives) return "none: the account only sends";
  if (stream === undefined) return undefined;
  const parts = [
    `${STATES[stream.state]} since ${age(stream.state === "open" ? (stream.connectedAt ?? stream.since) : stream.since, now)}`,
    stream.roundTripMs === undefined ? undefined : `round trip ${stream.roundTripMs} ms`,
    version === undefined ? undefined : `Gotify ${version}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

const STATES: Readonly<Record<NonNullable<AccountFacts["stream"]>["state"], string>> = {
  off: "off",
  connecting: "connecting",
  "catching-up": "reading what was missed",
  open: "open",
  unreadable: "open, lists unreadable",
  waiting: "waiting for the next try",
  blocked: "refused",
  "gave-up": "given up",
};

function messagesText({ lastInAt, lastOutAt, lastOutHour }: AccountFacts, now: number): string {
  const told = (at: string | undefined): string =>
    at === undefined ? "none known" : `${age(at, now)} ago`;
  const out =
    lastOutAt === undefined && lastOutHour !== undefined
      ? `in the hour of ${lastOutHour.slice(0, 10)} ${lastOutHour.slice(11, 16)} UTC`
      : told(lastOutAt);
  return `last in: ${told(lastInAt)}, last out: ${out}`;
}

function lagText({ lag }: AccountFacts): string | undefined {
  if (lag === undefined) return undefined;
  const parts = [
    lag.newestStored === undefined ? undefined : `newest on the server ${lag.newestStored}`,
    lag.newestTaken === undefined ? undefined : `newest taken ${lag.newestTaken}`,
    `${lag.unanswered} unanswered`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function queueText({ queue }: AccountFacts, now: number): string | undefined {
  if (queue === undefined) return undefined;
  const oldest =
    queue.oldestWaitingAt === undefined
      ? ""
      : ` (the oldest for ${age(queue.oldestWaitingAt, now)})`;
  const turn =
    queue.oldestTurnAt === undefined ? "" : ` (the oldest for ${age(queue.oldestTurnAt, now)})`;
  const tried = queue.retrying === undefined ? "" : `, ${queue.retrying} of them tried again`;
  return `${queue.waiting} waiting${oldest}, ${queue.inTurns} in turns${turn}${tried}`;
}

function lettersText({ deadLetters, waitingReplies }: AccountFacts): string | undefined {
  if (deadLetters === undefined) return undefined;
  const tried =
    waitingReplies === undefined || waitingReplies === 0
      ? ""
      : `; ${waitingReplies} replies are still tried`;
  return `messages ${deadLetters.messages}, replies ${deadLetters.replies}${tried}`;
}

function countedText({ counted, startedAt }: AccountFacts): string | undefined {
  if (counted === undefined || startedAt === undefined) return undefined;
  return Object.entries(counted)
    .map(([what, number]) => `${what} ${number}`)
    .join(", ");
}

function notedText(
  noted: { readonly text: string; readonly at: string } | undefined,
  now: number,
): string | undefined {
  return noted === undefined ? undefined : `${age(noted.at, now)} ago: ${noted.text}`;
}

function problemLines({ level, code, message, fix }: Problem): string[] {
  const mark = level === "error" ? "ERROR" : "WARNING";
  // A command is copied, so no line of ours breaks it.
  return [...wrapped(`  ${mark} `, oneLine(`${code}: ${message}`)), `    -> ${oneLine(fix)}`];
}

/** Broken at blanks, with the further lines below the first one's text. */
function wrapped(start: string, text: string): string[] {
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(" ")) {
    const isFirst = line.length === start.length;
    if (!isFirst && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(start.length) + word;
    } else line += isFirst && line.endsWith(" ") ? word : ` ${word}`;
  }
  return [...lines, line];
}

function age(at: string, now: number): string {
  return ageText(now - Date.parse(at));
}
