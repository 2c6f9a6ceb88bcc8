// Owns reading values of unknown shape: the small parsers that every answer and every frame goes through.

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or `undefined` when it is anything else (arrays included). */
export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The parsed JSON, or `undefined` when the text is not JSON (`undefined` is no JSON value itself). */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asInteger(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

/** An id as Gotify gives them: a whole number that is not negative. */
export function asId(value: unknown): number | undefined {
  const id = asInteger(value);
  return id !== undefined && id >= 0 ? id : undefined;
}

const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))$/i;

/**
 * An RFC 3339 instant with any number of fractional digits and any offset, to the millisecond.
 * Gotify writes nanoseconds with the server's own offset, and less after a round trip through a database.
 * `undefined` for anything else: `Date` itself takes "5" for a day in 2001, and the 30th of February for March.
 */
export function asInstant(value: unknown): Date | undefined {
  const [, day, time] = (typeof value === "string" && RFC_3339.exec(value)) || [];
  if (day === undefined || time === undefined) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay ? new Date(`${day}T${time.toUpperCase()}`) : undefined;
}

/** A date as HTTP headers carry it, to the second: `Sun, 06 Nov 1994 08:49:37 GMT`, and no other form. */
export function asHttpDate(value: string | null | undefined): Date | undefined {
  const date = new Date(value ?? "");
  // What an invalid date writes can be read in no header either.
  return !Number.isNaN(date.getTime()) && date.toUTCString() === value ? date : undefined;
}

/** The object without the members that are `undefined`, so that leaving one out and passing `undefined` mean the same. */
export function compact<T extends object>(object: T): Partial<T> {
  const kept: Partial<T> = { ...object };
  for (const key of Object.keys(kept)) {
    if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  }
  return kept;
}
