// Owns the way from whatever was thrown to an error, and to the line a person reads of it.

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export function errorText(thrown: unknown): string {
  return toError(thrown).message;
}
