// Owns making a target's database unreachable: the emulator's by a switch, a real one by signals to its processes.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "../emulator/index.ts";

export interface Outage {
  /** It takes what it is asked, and does not answer. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
  /** As it was started before. */
  start(): Promise<void>;
}

const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 50;

export function emulatedOutage(faults: Faults): Outage {
  return {
    freeze: () => void (faults.databaseFrozen = true),
    thaw: () => void (faults.databaseFrozen = false),
    stop: async () => void (faults.databaseDown = true),
    start: async () => {
      faults.databaseDown = false;
      faults.loseDatabaseConnections(2);
    },
  };
}

/**
 * By the id of the server's first process. It is started again with the same arguments, folder, environment and user, and then has
 * another id. Undefined when none is given.
 */
export function realOutage({
  CONTRACT_DATABASE_PID: given,
}: NodeJS.ProcessEnv): Outage | undefined {
  if (given === undefined || given === "") return undefined;
  let pid = Number(given);
  const start = startOf(pid);
  const signal = (name: NodeJS.Signals): void => {
    for (const id of [pid, ...childrenOf(pid)]) process.kill(id, name);
  };
  return {
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    async stop() {
      // To PostgreSQL: do not wait for clients. MariaDB knows no other way to end.
      process.kill(pid, start.command.includes("postgres") ? "SIGINT" : "SIGTERM");
      const deadline = Date.now() + STOP_TIMEOUT_MS;
      while (isAlive(pid)) {
        if (Date.now() > deadline) throw new Error("the database does not stop");
        await delay(POLL_MS);
      }
    },
    async start() {
      const { command, args, cwd, env, uid, gid } = start;
      const child = spawn(command, args, { cwd, env, uid, gid, detached: true, stdio: "ignore" });
      child.unref();
      if (child.pid === undefined) throw new Error(`${command} does not start`);
      pid = child.pid;
    },
  };
}

interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly gid: number;
}

function startOf(pid: number): Start {
  const texts = (file: string): readonly string[] =>
    readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const id = (name: string): number =>
    Number(new RegExp(`^${name}:\\t(\\d+)`, "m").exec(status)?.[1]);
  return {
    command: readlinkSync(`/proc/${pid}/exe`),
    args: texts("cmdline").slice(1),
    cwd: readlinkSync(`/proc/${pid}/cwd`),
    env: Object.fromEntries(
      texts("environ").map((text) => {
        const at = text.indexOf("=");
        return [text.slice(0, at), text.slice(at + 1)] as const;
      }),
    ),
    uid: id("Uid"),
    gid: id("Gid"),
  };
}

function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => statOf(pid)[1] === String(parent));
}

/** One that has ended and was not waited for is not alive. */
function isAlive(pid: number): boolean {
  const [state] = statOf(pid);
  return state !== undefined && state !== "Z";
}

/** The state and the parent; nothing when there is no such process. */
function statOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .slice(0, 2);
  } catch {
    return [];
  }
}
