import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { startNode, type CapturedProcess, type StartOptions } from "./captured-process.ts";
import { waitFor } from "./wait.ts";

/** Says its own pid and that of a child it started, then lives on. */
const PARENT_OF_ONE = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { detached: true });
  console.log("family " + process.pid + " " + child.pid);
  setInterval(() => {}, 1e6);
`;

test("output of both streams is kept in order and waited for", async () => {
  const child = run(`console.log("one"); console.error("two"); process.exitCode = 3;`);
  await child.waitForLog(/two/);
  expect((await child.exited).code).toBe(3);
  expect(child.stdout()).toBe("one\n");
  expect(child.stderr()).toBe("two\n");
});

test("waiting for something a process never said fails as soon as it ends, with its last words", async () => {
  const child = run(`console.log("goodbye");`);
  await expect(child.waitForLog(/hello/)).rejects.toThrow(/ended \(code 0\)[\s\S]*goodbye/);
});

test("a process is stopped by SIGTERM and may tidy up", async () => {
  const child = run(`
    process.on("SIGTERM", () => { console.log("tidied up"); process.exit(0); });
    console.log("up"); setInterval(() => {}, 1e6);
  `);
  await child.waitForLog(/up/);
  expect(await child.stop()).toEqual({ code: 0, signal: null });
  expect(child.output()).toContain("tidied up");
});

test("killing a process ends what it started too, also where that left its group", async () => {
  const child = run(PARENT_OF_ONE);
  const pids = await familyOf(child);
  await child.kill();
  await waitFor("the family to be gone", () => !pids.some(isRunning));
  expect(pids.filter(isRunning)).toEqual([]);
});

test("a process outlives a killed parent by a moment only, and removes its folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeline-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const inner = join(folder, "inner");
  mkdirSync(inner);
  const support = new URL("./captured-process.ts", import.meta.url).href;
  // A runner of its own that starts the same family, and is then killed the hard way.
  const runner = run(`
    import(${JSON.stringify(support)}).then(async ({ startNode }) => {
      const started = startNode(["-e", ${JSON.stringify(PARENT_OF_ONE)}], {
        cwd: ${JSON.stringify(folder)}, env: process.env, removeWhenOrphaned: ${JSON.stringify(inner)},
      });
      started.onLine((line) => console.log(line));
    });
  `);
  const pids = await familyOf(runner);
  process.kill(runner.pid, "SIGKILL");
  await waitFor("the family to be gone", () => !pids.some(isRunning));
  expect(existsSync(inner)).toBe(false);
});

function run(program: string): CapturedProcess {
  const options: StartOptions = { cwd: tmpdir(), env: { PATH: process.env["PATH"] ?? "" } };
  const child = startNode(["-e", program], options);
  onTestFinished(async () => {
    await child.kill();
  });
  return child;
}

async function familyOf(child: CapturedProcess): Promise<number[]> {
  const [, ...pids] = await child.waitForLog(/family (\d+) (\d+)/);
  return pids.map(Number);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
