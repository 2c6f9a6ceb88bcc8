// Owns a real terminal for the command line: what it asks is seen as a person sees it, and answered by keys.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { noteOutput } from "./leaks.ts";
import { OPENCLAW_DIR, type OpenClawHome } from "./openclaw.ts";
import { killTree } from "./process-tree.ts";

export const ENTER = "\r";
export const LEFT = "\u001b[D";
const DOWN = "\u001b[B";
export const CTRL_C = "\u0003";
/** The program of Debian's `bsdutils`, which every installation has, that runs a command in a pseudo-terminal. */
const SCRIPT = "/usr/bin/script";
/** As wide as a terminal is where nobody has made it wider. */
const COLUMNS = 80;
const ROWS = 50;
const LONGEST_LIST = 100;
const STEP_TIMEOUT_MS = 60_000;

/** Why no terminal can be had here; `undefined` where it can. */
export const noTerminal: string | undefined = existsSync(SCRIPT)
  ? undefined
  : `there is no ${SCRIPT}`;

export interface Terminal {
  /** Everything on the screen so far, without colours and cursor movements. */
  readonly screen: () => string;
  /**
   * Waits until something new on the screen matches, and presses keys then. What came before does not count
   * again. Resolves with what matched. Where the terminal breaks a line, a space in the expression does not match: name what fits on one.
   */
  readonly at: (question: RegExp, ...keys: readonly string[]) => Promise<string>;
  /** Waits for a list, goes down it until the choice that begins with these words is marked, and takes it. */
  readonly choose: (question: RegExp, label: string) => Promise<void>;
  /** How it ended. */
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

/** The one token that a set-up shows, once, to whoever asks for it. */
const CHAT_TOKEN = /(The token you write with[^\w]*)[\w.~-]{12,}/;

function withoutChatToken(screen: string): string {
  return screen.replace(CHAT_TOKEN, "$1");
}

/** Starts `openclaw <args>`. To be stopped by whoever started it. */
export function openTerminal(home: OpenClawHome, args: readonly string[]): Terminal {
  const command = [process.execPath, join(OPENCLAW_DIR, "openclaw.mjs"), ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
  // A terminal that is not itself in one has no size, and everything would be wrapped after each letter.
  const sized = `stty cols ${COLUMNS} rows ${ROWS} && exec ${command}`;
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
  noteOutput(`the terminal of openclaw ${args.join(" ")}`, () => withoutChatToken(screen()));
  const until = async (question: RegExp): Promise<string> => {
    const reached = Promise.withResolvers<string>();
    const fail = (why: string): void =>
      reached.reject(new Error(`${why} before ${question} was asked. The screen:\n${screen()}`));
    const look = (): void => {
      const match = question.exec(screen().slice(seen));
      if (match !== null) {
        seen += match.index + match[0].length;
        reached.resolve(match[0]);
      } else if (child.exitCode !== null) fail("It ended");
    };
    const timer = setTimeout(() => fail(`${STEP_TIMEOUT_MS / 1000} s passed`), STEP_TIMEOUT_MS);
    watchers.add(look);
    look();
    try {
      return await reached.promise;
    } finally {
      clearTimeout(timer);
      watchers.delete(look);
    }
  };
  return {
    screen,
    async at(question, ...keys) {
      const matched = await until(question);
      child.stdin.write(keys.join(""));
      return matched;
    },
    async choose(question, label) {
      await until(question);
      for (let tries = 0; tries < LONGEST_LIST; tries += 1) {
        const marked = await until(/● [^\n]+/);
        if (marked.startsWith(`● ${label}`)) {
          child.stdin.write(ENTER);
          return;
        }
        child.stdin.write(DOWN);
      }
      throw new Error(`There is no choice "${label}". The screen:\n${screen()}`);
    },
    ended: exited.promise,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) killTree(child.pid);
      await exited.promise;
    },
  };
}
