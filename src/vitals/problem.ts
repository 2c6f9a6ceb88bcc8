// Owns how a problem is put together: its level, its counts and ages in words, and the commands that are its remedy.
import { ageText } from "./ages.ts";
import type { Problem, ProblemCode } from "./facts.ts";

/** Clocks are put right by a second now and then. */
const CLOCK_SLACK_MS = 5_000;

export function error(code: ProblemCode, message: string, fix: string): Problem {
  return { code, level: "error", message, fix };
}

export function warning(code: ProblemCode, message: string, fix: string): Problem {
  return { code, level: "warning", message, fix };
}

/**
 * Whether something has lasted longer than it may. What lies ahead does as well: the clock was set back, and nobody
 * knows for how long it has lasted; calling it young would hide it for as long as the clock was set back.
 */
export function isLongerThan(at: number, limitMs: number, now: number): boolean {
  return now - at > limitMs || now - at < -CLOCK_SLACK_MS;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function since(at: number, now: number): string {
  return ageText(now - at);
}

/** Ends a sentence: with the reason, where there is one. */
export function because(reason: string | undefined): string {
  return reason === undefined ? "." : `: ${reason}`;
}

export function loginCommand(accountId: string): string {
  return `openclaw channels login --channel gotify --account ${accountId}`;
}

export function startCommand(accountId: string): string {
  return `openclaw gateway call channels.start --params '{"channel":"gotify","accountId":"${accountId}"}'`;
}
