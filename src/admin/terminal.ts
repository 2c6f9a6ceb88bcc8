// Owns the terminal of a command: questions, a hidden password, progress. All of it on standard error, because standard output is the answer.
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { CommandError } from "../config/command-line.ts";
import type { Person, Progress } from "./surroundings.ts";

/** What is done sooner needs no progress, which would only flicker. */
const FIRST_DRAW_MS = 400;
const REDRAW_MS = 100;
const BAR_CHARS = 24;
const CLEAR_LINE = "\r\u001b[K";

/** `undefined` when a program runs the command: a question would wait for ever. */
export function personAtTerminal(): Person | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return {
    ask: (question) => askLine(question, false),
    askHidden: (question) => askLine(question, true),
  };
}

function askLine(question: string, isHidden: boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    // Keys are echoed to here.
    output: isHidden ? nothing : process.stderr,
    terminal: true,
    historySize: 0,
  });
  if (isHidden) process.stderr.write(question);
  lines.question(isHidden ? "" : question, (answer) => {
    resolve(answer);
    lines.close();
  });
  lines.once("close", () => {
    if (isHidden) process.stderr.write("\n");
    // After an answer this does nothing.
    reject(new CommandError("Stopped. Nothing was changed.", { code: "GOTIFY_INTERRUPTED" }));
  });
  lines.once("SIGINT", () => {
    if (!isHidden) process.stderr.write("\n");
    lines.close();
  });
  return promise;
}

/** What a program hands over in place of typing. */
export function readAllOfStdin(): Promise<string> {
  return textOf(process.stdin);
}

/** One line that is written over, and gone at the end; nothing where standard error is no terminal. */
export function terminalProgress(what: string, total?: number): Progress {
  if (!process.stderr.isTTY) return { at: () => {}, end: () => {} };
  let nextMs = performance.now() + FIRST_DRAW_MS;
  let isDrawn = false;
  return {
    at(done) {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + REDRAW_MS;
      isDrawn = true;
      process.stderr.write(`${CLEAR_LINE}${progressLine(what, done, total)}`);
    },
    end() {
      if (isDrawn) process.stderr.write(CLEAR_LINE);
    },
  };
}

/** For tests: what is drawn. */
export function progressLine(what: string, done: number, total?: number): string {
  const count = done.toLocaleString("en");
  if (total === undefined) return `${what}: ${count} …`;
  const full = Math.round((BAR_CHARS * Math.min(done, total)) / Math.max(total, 1));
  const bar = "█".repeat(full) + "░".repeat(BAR_CHARS - full);
  return `${what} ${bar} ${count} of ${total.toLocaleString("en")}`;
}
