// Owns what the commands for applications and for clients answer alike: a new token, and the accounts that need a thing.
import type { CommandAnswer } from "../config/command-line.ts";

/** What was made, with its token or how to see it. */
export function created(made: {
  readonly result: Readonly<Record<string, unknown>>;
  readonly line: string;
  readonly token: string | undefined;
  readonly howToShow: string;
}): CommandAnswer {
  const { result, line, token, howToShow } = made;
  return token === undefined
    ? {
        result,
        lines: [`${line} Its token is shown with --show-token only, this once: ${howToShow}.`],
      }
    : { result: { ...result, token }, lines: [line, `Token: ${token}`] };
}

/** For the last column of a list. */
export function accountsNamed(ids: readonly string[] | undefined): string {
  return ids === undefined ? "" : `account ${ids.join(", ")}`;
}
