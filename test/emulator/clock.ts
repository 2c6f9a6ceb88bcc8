// Owns time in the emulator: instants with Gotify's nanoseconds, on the real clock or on one that a test sets.

/** A moment as the server keeps it. `subMs` are the nanoseconds below the millisecond, which `Date` cannot hold. */
export interface Instant {
  readonly ms: number;
  readonly subMs: number;
}

export interface Clock {
  now(): Instant;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

/** Digits that any test clock shows below its milliseconds, so that a client always meets nanoseconds. */
const FIXED_SUB_MS = 456_789;

export function createClock(now?: () => Date): Clock {
  if (now !== undefined) return { now: () => ({ ms: now().getTime(), subMs: FIXED_SUB_MS }) };
  return {
    now: () => ({
      ms: Date.now(),
      // Not aligned with the milliseconds; nothing but the look of the digits depends on it.
      subMs: Number(process.hrtime.bigint() % NS_PER_MS),
    }),
  };
}

/** As the server reckons: in nanoseconds of 64 bits, so that very long from now may be long ago. */
export function later(from: Instant, seconds: bigint): Instant {
  const ns = BigInt.asIntN(64, seconds * NS_PER_S) + BigInt(from.subMs);
  const ms = ns / NS_PER_MS - (ns % NS_PER_MS < 0n ? 1n : 0n);
  return { ms: from.ms + Number(ms), subMs: Number(ns - ms * NS_PER_MS) };
}

export function isAfter(a: Instant, b: Instant): boolean {
  return a.ms === b.ms ? a.subMs > b.subMs : a.ms > b.ms;
}

/** RFC 3339 as Go writes it: up to nine digits of a second, trailing zeros cut off. */
export function formatInstant({ ms, subMs }: Instant): string {
  const iso = new Date(ms).toISOString();
  const fraction = `${iso.slice(20, 23)}${String(subMs).padStart(6, "0")}`.replace(/0+$/, "");
  return `${iso.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
}
