// Owns reading where a list begins, as a person writes it: a message's id, how long ago, or a date.
import { CommandError } from "../config/command-line.ts";
import { asInstant } from "../gotify/parse.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;

/** Just as well a message's id, but hardly meant as one. */
const YEAR = /^(?:19|20)\d\d$/;
const DATE_WITHOUT_HYPHENS = /^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

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
 * A date without a time is its beginning, and a time without a zone is in this machine's. An id may have
 * `id:` before it, and needs it where it looks like a year or a date.
 *
 * @throws {CommandError} for anything else.
 */
export function readSince(written: string, nowMs: number): Since {
  const text = written.trim();
  const [, prefix, id] = /^(id:)?(\d{1,15})$/i.exec(text) ?? [];
  if (id !== undefined) {
    if (prefix === undefined) refuseDate(id);
    return { kind: "id", id: Number(id) };
  }
  const agoMs = readDurationMs(text);
  if (agoMs !== undefined) return { kind: "time", ms: nowMs - agoMs };
  const date = asInstant(withSeconds(text)) ?? localDate(text);
  if (date !== undefined) return { kind: "time", ms: date.getTime() };
  throw new CommandError(
    `--since is a message's id, a time ago such as 90m, 12h or 7d, or a date such as 2026-03-01 or 2026-03-01T18:30, not "${written}".`,
    { code: "GOTIFY_CONFIG" },
  );
}

function refuseDate(digits: string): void {
  const date = YEAR.test(digits)
    ? `${digits}-01-01`
    : DATE_WITHOUT_HYPHENS.exec(digits)?.slice(1).join("-");
  if (date === undefined) return;
  throw new CommandError(
    `--since ${digits} may be a date or a message's id: write ${date} or id:${digits}.`,
    { code: "GOTIFY_CONFIG" },
  );
}

/** People leave them out before a zone, too, or write a blank for the T. */
function withSeconds(text: string): string {
  const [, day, time, seconds = ":00", zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)$/i.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time}${seconds}${zone}`;
}

function localDate(text: string): Date | undefined {
  const [, day, time = "00:00:00"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?$/i.exec(text) ?? [];
  if (day === undefined) return undefined;
  const full = time.length === "00:00".length ? `${time}:00` : time;
  // Checks that there is such a day: `Date` takes the 30th of February for March.
  return asInstant(`${day}T${full}Z`) === undefined ? undefined : new Date(`${day}T${full}`);
}
