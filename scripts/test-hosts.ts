// Owns `npm run test:hosts`: the host suite on each version of OpenClaw that is supported, each installed anew from npm.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest that is supported, one between, and the one that the plugin is built against. */
const VERSIONS = ["2026.8.1", "2026.9.1", "2026.9.6"];
const USAGE = `npm run test:hosts [-- [version]… [-- options of vitest]]

Versions: ${VERSIONS.join(", ")} (default: all of them). The plugin is built and packed as it is.`;

const root = fileURLToPath(new URL("..", import.meta.url));
const given = process.argv.slice(3);
const end = given.indexOf("--");
const named = end === -1 ? given : given.slice(0, end);
const passedOn = end === -1 ? [] : given.slice(end + 1);

if (named.every((version) => /^\d+\.\d+\.\d+$/.test(version))) {
  process.exitCode = runAll(named.length === 0 ? VERSIONS : named);
} else {
  console.error(USAGE);
  process.exitCode = 2;
}

/** All of them, also when one fails: which do is what somebody wants to know. Returns the exit code. */
function runAll(versions: readonly string[]): number {
  const failed = versions.filter((version) => !passesOn(version));
  for (const version of versions) {
    console.log(`OpenClaw ${version}: ${failed.includes(version) ? "failed" : "passed"}`);
  }
  return failed.length === 0 ? 0 : 1;
}

function passesOn(version: string): boolean {
  console.log(`\n== OpenClaw ${version}`);
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-host-"));
  try {
    // In a folder of its own: its dependencies must not mix with the project's.
    return (
      install(version, folder) &&
      run(
        process.execPath,
        [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "host", ...passedOn],
        { TEST_OPENCLAW_DIR: join(folder, "node_modules", "openclaw") },
      )
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function install(version: string, folder: string): boolean {
  const args = ["install", "--no-save", "--ignore-scripts", "--prefix", folder];
  return run("npm", [...args, `openclaw@${version}`], {});
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (result.error !== undefined) console.error(`${command}: ${result.error.message}`);
  return result.status === 0;
}
