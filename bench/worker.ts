// Owns the talk between a benchmark and its child processes: typed calls over IPC, and an end that comes with the parent's.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a child offers, by name. Arguments and results cross as JSON. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

export interface Worker<C extends Calls> extends AsyncDisposable {
  call<K extends keyof C & string>(
    name: K,
    ...argument: Parameters<C[K]>
  ): Promise<Awaited<ReturnType<C[K]>>>;
}

/** What goes to the child: which call this is, its name and its argument. */
type Request = readonly [id: number, name: string, argument: unknown];
/** What comes back: which call, and its result or what went wrong. */
type Answer = readonly [id: number, result: unknown, error?: string];

/** How long a child may take to end once nobody talks to it any more. */
const END_TIMEOUT_MS = 10_000;
/** A folder for one CPU profile of each child; set by `npm run bench -- --profile <folder>`. */
export const PROFILE_VARIABLE = "BENCH_PROFILE";

/** Starts a module of this folder as a process of its own. */
export function startWorker<C extends Calls>(module: string): Worker<C> {
  const profile = process.env[PROFILE_VARIABLE];
  const folder = mkdtempSync(join(tmpdir(), "gotify-bench-"));
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [folder], {
    execArgv: [
      "--expose-gc",
      "--disable-warning=ExperimentalWarning",
      ...(profile === undefined
        ? []
        : [
            "--cpu-prof",
            `--cpu-prof-dir=${profile}`,
            `--cpu-prof-name=${module.replace("./", "")}.${Date.now()}.cpuprofile`,
          ]),
    ],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${module} ended unexpectedly.`));
  });
  child.on("message", (message) => {
    if (!isAnswer(message)) return;
    const [id, result, error] = message;
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(`${module}: ${error}`));
  });
  return {
    async call<K extends keyof C & string>(
      name: K,
      ...[argument]: Parameters<C[K]>
    ): Promise<Awaited<ReturnType<C[K]>>> {
      if (!child.connected) throw new Error(`${module} has ended.`);
      const result = Promise.withResolvers<unknown>();
      lastId += 1;
      waiting.set(lastId, result);
      child.send([lastId, name, argument] satisfies Request);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the child is started with these calls
      return (await result.promise) as Awaited<ReturnType<C[K]>>;
    },
    async [Symbol.asyncDispose]() {
      const killer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT_MS);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(killer);
      removeFolder(folder);
    },
  };
}

/**
 * The child's side: answers calls until the parent hangs up, or is gone however it went, and ends then.
 */
export function serve(calls: Calls): void {
  // What a Ctrl-C in the terminal ends is the parent, and with it this process.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => {
    // Should the parent be gone, nobody else would.
    removeFolder(workerFolder());
    process.exit();
  });
  process.on("message", (message) => {
    if (!isRequest(message)) return;
    const [id, name, argument] = message;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parent's side has the types
    const call = calls[name] as (argument: unknown) => unknown;
    Promise.resolve()
      .then(() => call(argument))
      .then(
        (result) => process.send?.([id, result] satisfies Answer),
        (error: unknown) => process.send?.([id, undefined, describe(error)] satisfies Answer),
      );
  });
}

/** The child's own folder, gone with it. */
export function workerFolder(): string {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error("This module is started by the benchmark.");
  return folder;
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function isRequest(message: unknown): message is Request {
  return Array.isArray(message) && typeof message[1] === "string";
}

function isAnswer(message: unknown): message is Answer {
  return Array.isArray(message) && typeof message[0] === "number";
}

/** Collects garbage until nothing more comes free, so that what is left is held by somebody. */
export function heapInUse(): number {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
