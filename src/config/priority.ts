// Owns priorities: the names that stand for numbers, wherever a person or an agent may write one.
import { asInteger, asString } from "../gotify/parse.ts";

/**
 * What the names mean, by what the Android app does: up to 0 hidden at the bottom, 1 to 3 without a sound,
 * 4 to 7 with one, from 8 on over whatever is on the screen.
 */
export const PRIORITY_NAMES = { min: 0, low: 2, normal: 5, high: 8, max: 10 } as const;

/** A whole number, also one below 0 or above 10, or one of the names; `undefined` for anything else. */
export function readPriority(value: unknown): number | undefined {
  const name = asString(value)?.trim().toLowerCase();
  if (name === undefined) return asInteger(value);
  const named = Object.entries(PRIORITY_NAMES).find(([known]) => known === name);
  if (named !== undefined) return named[1];
  return /^-?\d{1,15}$/.test(name) ? Number(name) : undefined;
}
