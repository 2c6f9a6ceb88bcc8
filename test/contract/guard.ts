// Owns a real server's last breath: a process between the tests and Gotify that ends Gotify when the tests are gone.
//
// A test runner that is killed runs no clean-up, and the binary cannot be taught to notice. This one reads from
// a pipe that the runner holds; whatever becomes of the runner, the pipe ends, and then so does the server.
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";

const KILL_GRACE_MS = 10_000;

const [folder = "", binary = ""] = process.argv.slice(2);
const server = spawn(binary, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });

process.stdin.on("end", end).on("error", end).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);

server.on("error", (error) => {
  console.error(error.message);
  void leave(1);
});
server.on("exit", (code) => void leave(code ?? 0));

function end(): void {
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), KILL_GRACE_MS).unref();
}

async function leave(code: number): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  process.exit(code);
}
