// Owns the end of a process and of everything it started.
import { spawnSync } from "node:child_process";

/** Pids of all living descendants. Found through `ps`, because a helper may have left its parent's group. */
export function descendantsOf(pid: number): number[] {
  const table = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout ?? "";
  const childrenOf = new Map<number, number[]>();
  for (const line of table.split("\n")) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (child === undefined || parent === undefined) continue;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child]);
  }
  const found: number[] = [];
  const visit = (parent: number): void => {
    for (const child of childrenOf.get(parent) ?? []) {
      found.push(child);
      visit(child);
    }
  };
  visit(pid);
  return found;
}

/**
 * Ends a process and its descendants without asking. All of them are held still first: one that still
 * runs could start another, or begin to clean up after the one that is gone.
 */
export function killTree(pid: number): void {
  const family = new Set<number>();
  for (let found = [pid]; found.length > 0;) {
    for (const member of found) {
      family.add(member);
      killOne(member, "SIGSTOP");
    }
    found = descendantsOf(pid).filter((member) => !family.has(member));
  }
  for (const member of family) killOne(member, "SIGKILL");
}

/** Sends a signal; a process that is already gone is no error. */
export function killOne(pid: number, signal: NodeJS.Signals): void {
  // 0 and below mean whole groups of processes to the system, 1 is the system itself.
  if (pid <= 1) throw new RangeError(`${pid} is no process of ours.`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
