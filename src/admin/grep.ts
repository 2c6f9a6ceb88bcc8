// Owns --grep: which texts an expression matches, within a time after which it is given up.
import { createContext, Script } from "node:vm";
import { CommandError } from "../config/command-line.ts";
import { InterruptedError } from "./surroundings.ts";

/** For all texts of one question. A page of messages takes milliseconds. */
const MAX_MATCH_MS = 2_000;

/** Whether each of the texts matches. */
export type Grep = (texts: readonly string[]) => readonly boolean[];

/**
 * Some expressions take longer than anyone lives for a text of forty letters, and while one runs, no signal
 * handler does: only the engine itself can end it.
 *
 * @throws {CommandError} when this is no expression. What it returns throws one when it takes too long,
 * and {@link InterruptedError} at Ctrl-C.
 */
export function createGrep(written: string): Grep {
  const pattern = readPattern(written);
  let asked: readonly string[] = [];
  let found: readonly boolean[] = [];
  const run = (): void => void (found = asked.map((text) => pattern.test(text)));
  const context = createContext({ run });
  const script = new Script("run()");
  return (texts) => {
    asked = texts;
    try {
      script.runInContext(context, { timeout: MAX_MATCH_MS, breakOnSigint: true });
    } catch (error) {
      throw failure(error);
    }
    return found;
  };
}

function failure(error: unknown): unknown {
  // It is an error of the other context, and none by `instanceof`.
  const code =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") return new InterruptedError();
  if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") return error;
  return new CommandError(
    "--grep takes too long on these messages. Write it more simply, above all without a repetition in a repetition such as (a+)+.",
    { code: "GOTIFY_CONFIG" },
  );
}

function readPattern(written: string): RegExp {
  // What is no expression by the stricter rules, such as a backslash before a hyphen, may be one by the older.
  const pattern = compiled(written, "iu") ?? compiled(written, "i");
  if (pattern !== undefined) return pattern;
  throw new CommandError(
    `--grep is a regular expression, and "${written}" is none. Write a backslash before ( ) [ ] { } . * + ? ^ $ | that are meant as they are.`,
    { code: "GOTIFY_CONFIG" },
  );
}

function compiled(written: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(written, flags);
  } catch {
    return undefined;
  }
}
