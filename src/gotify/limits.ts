// Owns what a limit may be: a time that timers can keep, a size that memory and the transport can.
import { GotifyConfigError } from "./errors.ts";

/** Both Node's timers and the size limit of `ws` count in 32 bits with a sign, and wrap beyond. */
const MAX_INT32 = 2 ** 31 - 1;

/**
 * Milliseconds as a timer takes them. Anything above about 24 days, `Infinity` included, becomes that.
 *
 * @throws {GotifyConfigError} for anything that is no number above 0: a timer would take it for 1 ms.
 */
export function checkedMs(name: string, value: number): number {
  return checked(name, value, "milliseconds");
}

/**
 * Bytes as `ws` takes them. Anything above 2 GiB, `Infinity` included, becomes that.
 *
 * @throws {GotifyConfigError} for anything that is no number above 0: `ws` would take it for no limit.
 */
export function checkedBytes(name: string, value: number): number {
  return checked(name, value, "bytes");
}

function checked(name: string, value: number, unit: string): number {
  if (typeof value !== "number" || !(value > 0)) {
    throw new GotifyConfigError(`${name} is a number of ${unit} above 0, not ${String(value)}.`);
  }
  // A fraction of a byte would be rounded down to 0, and a fraction of a millisecond up to 1.
  return Math.min(Math.ceil(value), MAX_INT32);
}
