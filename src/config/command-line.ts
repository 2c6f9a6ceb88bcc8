// Owns how a command of ours ends: its answer as lines or as JSON, or the one line that says what is wrong, and the exit code.
import { oneLine } from "../gotify/one-line.ts";
import { asString } from "../gotify/parse.ts";
import { errorText } from "./error-text.ts";

/** A mistake of whoever typed the command, with the remedy in its text. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** What went wrong, for programs; absent where nothing but the text tells it. */
  readonly code: string | undefined;
  /** What was done all the same, for programs. */
  readonly result: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    init: {
      readonly code?: string | undefined;
      readonly result?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, init.cause === undefined ? {} : { cause: init.cause });
    this.code = init.code;
    this.result = init.result ?? {};
  }
}

export interface CommandOutput {
  readonly json?: boolean;
}

export interface CommandAnswer {
  /** For programs. */
  readonly result: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly lines: readonly string[];
}

/** Prints the answer, or what is wrong. Returns the exit code. */
export async function answerCommand(
  output: CommandOutput,
  work: () => CommandAnswer | Promise<CommandAnswer>,
): Promise<number> {
  try {
    const { result, lines } = await work();
    const text = output.json === true ? JSON.stringify({ ok: true, ...result }) : lines.join("\n");
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    if (output.json === true) {
      process.stdout.write(`${JSON.stringify(failureOf(error))}\n`);
    } else {
      process.stderr.write(`${failureText(error)}\n`);
    }
    return 1;
  }
}

/** What went wrong, for people. Names and a server's own words stand in it: none of them is to steer the terminal. */
export function failureText(error: unknown): string {
  return oneLine(errorText(error));
}

/** What went wrong, for programs. */
export function failureOf(error: unknown): Readonly<Record<string, unknown>> {
  const done = error instanceof CommandError ? error.result : {};
  return { ok: false, error: failureText(error), code: codeOf(error), ...done };
}

/** Left out by JSON where there is none. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? asString(error.code) : undefined;
}
