// Owns the lifeline: preloaded into a child process, it ends the child when the process that started it is gone.
//
// A test runner that is killed cannot stop its Gateway. It does drop the pipe it held to it, so the child
// watches that pipe instead, and tidies up in its parent's place. Workers and grandchildren inherit the
// preload but not the pipe: only the process whose parent is the one named in the URL acts.
import { rmSync } from "node:fs";
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import { KILL_GRACE_MS, LIFELINE_FD } from "./lifeline.ts";
import { descendantsOf, killOne } from "./process-tree.ts";

const { searchParams } = new URL(import.meta.url);
const parentPid = Number(searchParams.get("parent"));
const folder = searchParams.get("remove");

if (isMainThread && process.ppid === parentPid) {
  const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false });
  lifeline.on("error", endNow).once("end", endNow).resume();
  // The child's own work decides how long it lives; listening here must not keep it up.
  lifeline.unref();
}

function endNow(): void {
  process.once("exit", removeFolder);
  if (process.listenerCount("SIGTERM") > 0) {
    // The Gateway ends in good order, as it would for its parent, or is made to.
    setTimeout(() => {
      removeFolder();
      process.kill(process.pid, "SIGKILL");
    }, KILL_GRACE_MS).unref();
    process.kill(process.pid, "SIGTERM");
    return;
  }
  for (const pid of descendantsOf(process.pid)) killOne(pid, "SIGKILL");
  process.exit();
}

function removeFolder(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
