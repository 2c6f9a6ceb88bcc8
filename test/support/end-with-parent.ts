// Owns the lifeline: preloaded into a child process, it ends the child when the process that started it is gone.
//
// A test runner that is killed cannot stop its Gateway. It does drop the pipe it held to it, so the child
// watches that pipe instead. Workers and grandchildren inherit the preload but not the pipe: only the
// process whose parent is the one named in the URL acts.
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import { KILL_GRACE_MS, LIFELINE_FD } from "./lifeline.ts";

const parentPid = Number(new URL(import.meta.url).searchParams.get("parent"));

if (isMainThread && process.ppid === parentPid) {
  const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false });
  lifeline.on("error", endNow).on("end", endNow).resume();
  // The child's own work decides how long it lives; listening here must not keep it up.
  lifeline.unref();
}

function endNow(): void {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), KILL_GRACE_MS).unref();
  process.kill(process.pid, "SIGTERM");
}
