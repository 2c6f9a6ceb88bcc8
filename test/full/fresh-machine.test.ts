// Owns the proof that a fresh clone installs and builds with one command, under the npm that ships with Node 20 and the current one.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** The machine's own commands: without the Node and the tools that this checkout brought. */
const path = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

test.each(["10.8.2", "11"])(
  "with npm %s, `npm ci` brings all that the scripts need",
  async (npm) => {
    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-fresh-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await run("git", ["clone", "--quiet", root, folder]);
    const withNpm = (...args: string[]) =>
      run("npm", ["exec", "--yes", `--package=npm@${npm}`, "--", "npm", ...args], {
        cwd: folder,
        env: { ...process.env, PATH: path, CI: "true" },
        maxBuffer: 64 * 1024 * 1024,
      });
    const version = await withNpm("--version");
    expect(version.stdout.trim()).toMatch(new RegExp(`^${npm.replaceAll(".", "\\.")}`));
    await withNpm("ci");
    await withNpm("run", "build");
    expect(existsSync(join(folder, "dist/index.js"))).toBe(true);
    // One of the suites, to show that the runner starts under the Node that was brought.
    const tests = await withNpm("run", "test:unit", "--", "src/gotify/url.test.ts");
    expect(tests.stdout).toMatch(/1 passed/);
  },
);
