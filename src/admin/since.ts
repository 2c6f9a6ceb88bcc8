// Owns reading where a list begins, as a person writes it: a message's id, how long ago, or a date.
import { CommandError } from "../config/command-line.ts";
import { asInstant } from "../gotify/parse.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;

export type Since =
  | { readonly kind: "id"; readonly id: number }
  | { readonly kind: "time"; readonly ms: number };

/** E.g. `90s`, `15m`, `2h`, `7d`, `2w`; `undefined` for anything else. */
export function readDurationMs(written: string): number | undefined {
  const [, count, letter] = /^\s*(\d{1,9})\s*([smhdw])\s*$/i.exec(written) ?? [];
  const unit = Object.entries(UNITS_MS).find(([name]) => name === letter?.toLowerCase());
  return count === undefined || unit === undefined ? undefined : Number(count) * unit[1];
}

/**
 * A date without a time is its beginning, and a time without a zone is in this machine's.
 *
 * @throws {CommandError} for anything else.
 */
export function readSince(written: string, nowMs: number): Since {
  const text = written.trim();
  if (/^\d{1,15}$/.test(text)) return { kind: "id", id: Number(text) };
  const agoMs = readDurationMs(text);
  if (agoMs !== undefined) return { kind: "time", ms: nowMs - agoMs };
  const date = asInstant(text) ?? localDate(text);
  if (date !== undefined) return { kind: "time", ms: date.getTime() };
  throw new CommandError(
    `--since is a message's id, a time ago such as 90m, 12h or 7d, or a date such as 2026-03-01 or 2026-03-01T18:30, not "${written}".`,
    { code: "GOTIFY_CONFIG" },
  );
}

function localDate(text: string): Date | undefined {
  const [, day, time = "00:00:00"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?$/i.exec(text) ?? [];
  if (day === undefined) return undefined;
  const full = time.length === "00:00".length ? `${time}:00` : time;
  // Checks that there is such a day: `Date` takes the 30th of February for March.
  return asInstant(`${day}T${full}Z`) === undefined ? undefined : new Date(`${day}T${full}`);
}
