// Owns how the pages put an account's facts into words: states, ages and numbers.
import type { AccountFacts, Problem, StatusFacts } from "../../vitals/facts.ts";
import type { StreamState } from "../../vitals/vitals.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type Tone = "good" | "warning" | "bad" | "off";

export interface State {
  readonly tone: Tone;
  readonly word: string;
}

const STREAM_WORDS: Readonly<Record<StreamState, string>> = {
  off: "only sends",
  connecting: "connecting",
  "catching-up": "catching up",
  open: "open",
  unreadable: "open, lists do not answer",
  waiting: "waiting for the next try",
  blocked: "blocked",
  "gave-up": "gave up",
};

export function streamWord(state: StreamState): string {
  return STREAM_WORDS[state];
}

export function accountState(account: AccountFacts): State {
  if (!account.enabled) return { tone: "off", word: "Switched off" };
  if (hasLevel(account.problems, "error")) {
    return { tone: "bad", word: account.configured ? "Not working" : "Not set up" };
  }
  if (hasLevel(account.problems, "warning")) return { tone: "warning", word: "Needs a look" };
  if (!account.receives) return { tone: "good", word: "Works, only sends" };
  return { tone: "good", word: "Works" };
}

/** The whole bridge in one line. */
export function overallState({ accounts }: Pick<StatusFacts, "accounts">): State {
  const states = accounts.map(accountState);
  const on = states.filter(({ tone }) => tone !== "off");
  if (accounts.length === 0) return { tone: "bad", word: "No account is set up" };
  if (on.length === 0) return { tone: "off", word: "Every account is switched off" };
  const bad = on.filter(({ tone }) => tone === "bad").length;
  if (bad > 0) {
    if (on.length === 1) return { tone: "bad", word: "Messages do not get through" };
    return {
      tone: "bad",
      word: `${bad} of ${on.length} accounts ${bad === 1 ? "does" : "do"} not work`,
    };
  }
  const looked = on.filter(({ tone }) => tone === "warning").length;
  if (looked === 0) return { tone: "good", word: "All is well" };
  if (on.length === 1) return { tone: "warning", word: "Works, and needs a look" };
  const need = looked === 1 ? "needs" : "need";
  return { tone: "warning", word: `All work, ${looked} of ${on.length} ${need} a look` };
}

const ORDER: readonly Tone[] = ["bad", "warning", "good", "off"];

/** What needs somebody comes first; otherwise the configuration's order stays. */
export function byUrgency(accounts: readonly AccountFacts[]): readonly AccountFacts[] {
  return accounts.toSorted((one, other) => rank(one) - rank(other));
}

function rank(account: AccountFacts): number {
  return ORDER.indexOf(accountState(account).tone);
}

function hasLevel(problems: readonly Problem[], level: Problem["level"]): boolean {
  return problems.some((problem) => problem.level === level);
}

/** How long ago, in its largest unit: "just now", "4 min ago", "3 h ago", "2 days ago". */
export function ago(at: string, now: string): string {
  const ms = Date.parse(now) - Date.parse(at);
  if (Number.isNaN(ms)) return "at an unknown time";
  // Another process wrote it by the same clock a moment later than ours was read.
  if (ms < 10 * SECOND_MS) return ms < -MINUTE_MS ? "in the future" : "just now";
  return `${span(ms)} ago`;
}

/** The same without "ago": for how long something has been so. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}

/** `12345` → `12,345`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** `2026-11-23 16:25:21 UTC`. */
export function moment(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "unknown";
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The same as far as it is needed beside `now`: `16:25 UTC` on the same day. */
export function shortMoment(at: string, now: string): string {
  const text = moment(at);
  return text.slice(0, 10) === moment(now).slice(0, 10) ? `${text.slice(11, 16)} UTC` : text;
}

/** `16:00`, in UTC like every time here. */
export function hourOf(at: string): string {
  return `${at.slice(11, 13)}:00`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
