// Owns how a command of ours ends: its answer as lines or as JSON, or the one line that says what is wrong, and the exit code.
import { errorText } from "./error-text.ts";

/** A mistake of whoever typed the command, with the remedy in its text. */
export class CommandError extends Error {
  override readonly name = "CommandError";
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
    const text = errorText(error);
    if (output.json === true) {
      process.stdout.write(`${JSON.stringify({ ok: false, error: text })}\n`);
    } else {
      process.stderr.write(`${text}\n`);
    }
    return 1;
  }
}
