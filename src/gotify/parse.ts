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

/**
 * An RFC 3339 instant with any number of fractional digits and any offset, to the millisecond.
 * Gotify writes nanoseconds with the server's own offset, and less after a round trip through a database.
 */
export function asInstant(value: unknown): Date | undefined {
  if (typeof value !== "string") return undefined;
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** The object without the members that are `undefined`, so that leaving one out and passing `undefined` mean the same. */
export function compact<T extends object>(object: T): Partial<T> {
  const kept: Partial<T> = { ...object };
  for (const key of Object.keys(kept)) {
    if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  }
  return kept;
}
