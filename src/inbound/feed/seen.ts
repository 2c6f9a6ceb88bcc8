// Owns what is remembered of a message, and whether an id that comes again still stands for the same one.
import { hash } from "node:crypto";
import type { GotifyMessage } from "../../gotify/message.ts";
import { asInteger, asString } from "../../gotify/parse.ts";

/** Dates of one message differ between stream and list by what the database rounds. */
export const DATE_TOLERANCE_MS = 2_000;
/** Time zones lie whole quarters of an hour apart, at most a day and two hours. */
const TIME_ZONE_STEP_MS = 15 * 60_000;
const MAX_TIME_ZONE_SHIFT_MS = 26 * 3_600_000;
const DIGEST_LENGTH = 16;

/** What is remembered of a message. */
export interface SeenRow {
  readonly app: number;
  readonly at: number | undefined;
  readonly digest: string;
  readonly verdict: string;
}

export function readSeen(row: Readonly<Record<string, unknown>>): SeenRow {
  return {
    app: asInteger(row["app"]) ?? 0,
    at: asInteger(row["at"]),
    digest: asString(row["digest"]) ?? "",
    verdict: asString(row["verdict"]) ?? "",
  };
}

/**
 * An id stands for one message: of one application, at one time. Databases round that time, and one whose
 * time zone was changed shifts it, but then the text is still the same. A text alone proves nothing:
 * machines repeat themselves.
 */
export function isSame(row: SeenRow, message: GotifyMessage): boolean {
  if (row.app !== message.appId) return false;
  const hasSameText = (): boolean => row.digest === digestOf(message);
  const at = message.date?.getTime();
  if (row.at === undefined || at === undefined) return hasSameText();
  const apart = Math.abs(at - row.at);
  if (apart <= DATE_TOLERANCE_MS) return true;
  const beyondZone = apart % TIME_ZONE_STEP_MS;
  const isShifted = Math.min(beyondZone, TIME_ZONE_STEP_MS - beyondZone) <= DATE_TOLERANCE_MS;
  return isShifted && apart <= MAX_TIME_ZONE_SHIFT_MS && hasSameText();
}

export function digestOf(message: GotifyMessage): string {
  return hash("sha256", `${message.title}\u0000${message.message}`, "hex").slice(0, DIGEST_LENGTH);
}
