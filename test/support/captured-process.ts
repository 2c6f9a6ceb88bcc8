// Owns a child process whose output is kept: start it, wait for what it says, end it for certain.
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { KILL_GRACE_MS, LIFELINE_FD } from "./lifeline.ts";
import { noteOutput } from "./leaks.ts";
import { killOne, killTree } from "./process-tree.ts";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type LogWait = {
  /** Look only behind this position (from `mark()`). Default: everything said so far counts. */
  since?: number;
  /** Default 30 000. */
  timeoutMs?: number;
};

export type CapturedProcess = {
  pid: number;
  stdout: () => string;
  stderr: () => string;
  /** Both streams in order of arrival. */
  output: () => string;
  /** The current end of `output()`, to wait for something that is said from now on. */
  mark: () => number;
  /** Resolves with the match; rejects when time runs out or the process ends without saying it. */
  waitForLog: (pattern: RegExp, options?: LogWait) => Promise<RegExpExecArray>;
  /** Calls back for every complete line from now on; returns the way to stop that. */
  onLine: (listener: (line: string) => void) => () => void;
  exited: Promise<Exit>;
  /** SIGTERM, and after a grace period `kill`. Safe to call twice. */
  stop: () => Promise<Exit>;
  /** Ends it and everything it started at once. */
  kill: () => Promise<Exit>;
};

export type StartOptions = {
  cwd: string;
  env: Record<string, string>;
  /** Kills the process when it aborts. */
  signal?: AbortSignal;
  /** It shows a secret because it was asked to: what it says is no leak. */
  showsSecret?: boolean;
  /** `startNode` only: a folder the child removes should it outlive this process, which then cannot. */
  removeWhenOrphaned?: string;
};

/** How long the last output of a process may be on its way after its end, in milliseconds. */
const LAST_OUTPUT_MS = 1000;

/** Stands for a program that could not be started; never a pid, and never handed to `kill`. */
const NO_PROCESS = 0;

/** Runs a Node program with this process's own Node, tied to this process by a lifeline. */
export function startNode(args: readonly string[], options: StartOptions): CapturedProcess {
  const lifeline = new URL(`./end-with-parent.ts?parent=${process.pid}`, import.meta.url);
  if (options.removeWhenOrphaned !== undefined) {
    lifeline.searchParams.set("remove", options.removeWhenOrphaned);
  }
  return startProcess(process.execPath, ["--import", lifeline.href, ...args], options);
}

export function startProcess(
  command: string,
  args: readonly string[],
  options: StartOptions,
): CapturedProcess {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    // Input is /dev/null: a program that asks a question gets an end of file, not a wait for ever.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A group of its own, so Ctrl-C in the terminal reaches us first and we choose the order of things.
    detached: true,
  });
  const chunks = { stdout: "", stderr: "", both: "" };
  const watchers = new Set<() => void>();
  if (options.showsSecret !== true) noteOutput(args.slice(-8).join(" "), () => chunks.both);
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      chunks[name] += chunk;
      chunks.both += chunk;
      for (const watch of watchers) watch();
    });
  }
  const lifeline = child.stdio[LIFELINE_FD];
  // Nothing is said on it; reading is what notices that the other end is gone.
  if (lifeline instanceof Socket) lifeline.on("error", () => undefined).resume();

  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    let countdown: NodeJS.Timeout | undefined;
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(countdown);
      exit = { code, signal };
      for (const watch of watchers) watch();
      resolve(exit);
    };
    child.once("close", settle);
    // "close" comes after the last output, but never while a grandchild keeps the pipe open.
    child.once("exit", (code, signal) => {
      countdown = setTimeout(settle, LAST_OUTPUT_MS, code, signal);
    });
  });
  const pid = child.pid ?? NO_PROCESS;
  // Whoever needs the failure awaits `exited`; nobody may be left with an unhandled one.
  exited.catch(() => undefined);

  const kill = async (): Promise<Exit> => {
    if (exit === undefined && pid !== NO_PROCESS) killTree(pid);
    return exited;
  };
  const stop = async (): Promise<Exit> => {
    if (exit !== undefined || pid === NO_PROCESS) return exited;
    const killer = setTimeout(() => void kill(), KILL_GRACE_MS);
    killOne(pid, "SIGTERM");
    return exited.finally(() => clearTimeout(killer));
  };
  options.signal?.addEventListener("abort", () => void kill(), { once: true });

  return {
    pid,
    stdout: () => chunks.stdout,
    stderr: () => chunks.stderr,
    output: () => chunks.both,
    mark: () => chunks.both.length,
    waitForLog: (pattern, { since = 0, timeoutMs = 30_000 } = {}) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => give(new Error(`No ${pattern} within ${timeoutMs / 1000} s.`)),
          timeoutMs,
        );
        const give = (result: RegExpExecArray | Error): void => {
          clearTimeout(timer);
          watchers.delete(look);
          if (!(result instanceof Error)) resolve(result);
          else
            reject(new Error(`${result.message} The last lines were:\n${lastLines(chunks.both)}`));
        };
        const look = (): void => {
          const match = pattern.exec(chunks.both.slice(since));
          if (match) give(match);
          else if (exit)
            give(new Error(`The process ended (code ${exit.code}) without saying ${pattern}.`));
        };
        watchers.add(look);
        look();
      }),
    onLine: (listener) => {
      let seen = chunks.both.length;
      const watch = (): void => {
        for (
          let end = chunks.both.indexOf("\n", seen);
          end !== -1;
          end = chunks.both.indexOf("\n", seen)
        ) {
          const line = chunks.both.slice(seen, end);
          seen = end + 1;
          listener(line);
        }
      };
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    exited,
    stop,
    kill,
  };
}

/** The end of a log, short enough for an error message. */
export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
