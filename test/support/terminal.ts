// Owns a real terminal for the command line: what it asks is seen as a person sees it, and answered by keys.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { OPENCLAW_DIR, type OpenClawHome } from "./openclaw.ts";
import { killTree } from "./process-tree.ts";

export const ENTER = "\r";
export const DOWN = "\u001b[B";
export const CTRL_C = "\u0003";
/** The program of Debian's `bsdutils`, which every installation has, that runs a command in a pseudo-terminal. */
const SCRIPT = "/usr/bin/script";
const STEP_TIMEOUT_MS = 60_000;

/** Why no terminal can be had here; `undefined` where it can. */
export const noTerminal: string | undefined = existsSync(SCRIPT)
  ? undefined
  : `there is no ${SCRIPT}`;

export interface Terminal {
  /** Everything on the screen so far, without colours and cursor movements. */
  readonly screen: () => string;
  /** Waits until something new on the screen matches, and presses keys then. What came before does not count again. */
  readonly at: (question: RegExp, ...keys: readonly string[]) => Promise<void>;
  /** How it ended. */
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

/** Starts `openclaw <args>`. To be stopped by whoever started it. */
export function openTerminal(home: OpenClawHome, args: readonly string[]): Terminal {
  const command = [process.execPath, join(OPENCLAW_DIR, "openclaw.mjs"), ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
  // A terminal that is not itself in one has no size, and everything would be wrapped after each letter.
  const sized = `stty cols 120 rows 50 && exec ${command}`;
  const child = spawn(SCRIPT, ["-qfec", sized, "/dev/null"], {
    cwd: home.dir,
    env: { ...home.env, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  let raw = "";
  let seen = 0;
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    raw += chunk;
    for (const watch of watchers) watch();
  });
  const exited = Promise.withResolvers<number | null>();
  child.on("close", (code) => {
    exited.resolve(code);
    for (const watch of watchers) watch();
  });
  child.on("error", exited.reject);
  const screen = (): string => stripVTControlCharacters(raw).replaceAll("\r", "");
  const until = async (question: RegExp): Promise<void> => {
    const reached = Promise.withResolvers<void>();
    const fail = (why: string): void =>
      reached.reject(new Error(`${why} before ${question} was asked. The screen:\n${screen()}`));
    const look = (): void => {
      const match = question.exec(screen().slice(seen));
      if (match !== null) {
        seen += match.index + match[0].length;
        reached.resolve();
      } else if (child.exitCode !== null) fail("It ended");
    };
    const timer = setTimeout(() => fail(`${STEP_TIMEOUT_MS / 1000} s passed`), STEP_TIMEOUT_MS);
    watchers.add(look);
    look();
    try {
      await reached.promise;
    } finally {
      clearTimeout(timer);
      watchers.delete(look);
    }
  };
  return {
    screen,
    async at(question, ...keys) {
      await until(question);
      child.stdin.write(keys.join(""));
    },
    ended: exited.promise,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) killTree(child.pid);
      await exited.promise;
    },
  };
}
