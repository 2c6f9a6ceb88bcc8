// Owns what the demo prints: steps with the time they took, the conversation, and one line when something fails.
import { styleText } from "node:util";

/** An end that is no bug of the demo: printed as one line, without a stack. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

export type Speaker = "you" | "agent";

const LABEL_WIDTH = 10;
/** Where the text of a message begins; its further lines are indented to the same column. */
const INDENT = 20;

const TELLING = /error|fail|cannot|invalid|refused/i;
const STACK_FRAME = /^(npm error\s+)?at /;

// `styleText` leaves the colours out for NO_COLOR and for an output that is no terminal.
const dim = (text: string): string => styleText("dim", text);
const bold = (text: string): string => styleText("bold", text);
const green = (text: string): string => styleText("green", text);
const cyan = (text: string): string => styleText("cyan", text);

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function title(text: string): void {
  say(bold(text));
}

/** Runs one step and prints how it went and how long it took: `✓ Gateway   ready at …   8.4 s`. */
export async function step<T>(
  label: string,
  work: () => Promise<{ value: T; detail: string }>,
): Promise<T> {
  const live = process.stdout.isTTY;
  if (live) process.stdout.write(dim(`  … ${label}`));
  const startedAt = performance.now();
  try {
    const { value, detail } = await work();
    const line = `  ${green("✓")} ${label.padEnd(LABEL_WIDTH)} ${detail}  ${dim(seconds(performance.now() - startedAt))}`;
    say(live ? `\r\u001B[2K${line}` : line);
    return value;
  } catch (error) {
    if (live) process.stdout.write("\r\u001B[2K");
    throw error;
  }
}

/** One message of the conversation, with a remark on its timing. */
export function message(speaker: Speaker, text: string, remark = ""): void {
  const time = new Date().toTimeString().slice(0, 8);
  const paint = speaker === "agent" ? green : cyan;
  const [first = "", ...rest] = text.trimEnd().split("\n");
  say(
    `  ${dim(time)}  ${paint(speaker.padEnd(6))}  ${first}${remark ? `  ${dim(`(${remark})`)}` : ""}`,
  );
  for (const line of rest) say(`${" ".repeat(INDENT)}${line}`.trimEnd());
}

export function field(label: string, value: string, remark = ""): void {
  say(`  ${label.padEnd(LABEL_WIDTH + 3)} ${value}${remark ? `  ${dim(remark)}` : ""}`);
}

export function note(text: string): void {
  say(dim(`  ${text}`));
}

export function fail(error: unknown): void {
  process.stderr.write(`${styleText("red", "✗", { stream: process.stderr })} ${oneLine(error)}\n`);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}

/**
 * An error on one line. What a program said (its lines follow the first one) is told by the first of them
 * that names an error, or by its last one.
 */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [first = "Something failed without saying what.", ...said] = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const telling = said.find((line) => TELLING.test(line) && !STACK_FRAME.test(line)) ?? said.at(-1);
  const line = telling === undefined ? first : `${first} ${telling}`;
  return /[.!?`)]$/.test(line) ? line : `${line}.`;
}
