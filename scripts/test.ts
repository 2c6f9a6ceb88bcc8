// Owns `npm test`: every check in order, stopping at the first that fails, and the closing line with the runner's own counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

type Check = [name: string, module: string, ...args: string[]];

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { full: { type: "boolean", default: false } },
});
const reports = mkdtempSync(join(tmpdir(), "openclaw-gotify-report-"));
const report = join(reports, "vitest.json");

/** In order: what is quick to fail comes first; the host suite needs what `build` writes. */
const checks: Check[] = [
  ["format", "node_modules/oxfmt/bin/oxfmt", "--check"],
  ["lint", "node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"],
  ["unused", "node_modules/knip/bin/knip.js", "--treat-config-hints-as-errors"],
  ["generated files", "scripts/generate.ts", "--check"],
  ["types", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["build", "scripts/build.ts"],
  [
    "tests",
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...[
      "unit",
      "contract",
      "faults",
      "package",
      "rendered",
      // With --full it runs on every host, below.
      ...(values.full ? ["full"] : ["host"]),
    ].flatMap((name) => ["--project", name]),
  ],
  ...(values.full ? [["hosts", "scripts/test-hosts.ts"] satisfies Check] : []),
];

try {
  const failed = checks.find(([name, module, ...args]) => !passes(name, module, args));
  if (failed !== undefined) {
    console.error(`\nThe check "${failed[0]}" failed.`);
    process.exitCode = 1;
  }
  const counts = readCounts();
  if (counts !== undefined) console.log(`\n${counts}`);
} finally {
  rmSync(reports, { recursive: true, force: true });
}

function passes(name: string, module: string, args: string[]): boolean {
  console.log(`\n== ${name}`);
  const startedAt = Date.now();
  const result = spawnSync(process.execPath, [join(root, module), ...args], {
    cwd: root,
    stdio: "inherit",
    env: values.full ? { ...process.env, OPENCLAW_GOTIFY_FULL: "1" } : process.env,
  });
  console.log(`== ${name}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return result.status === 0;
}

/** `N passed, N failed`, as the runner counted; absent when it did not get to run. */
function readCounts(): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return undefined;
  }
  const count = (key: string): number => {
    const value: unknown =
      typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, key) : undefined;
    if (typeof value !== "number") throw new Error(`The runner's report has no ${key}.`);
    return value;
  };
  const skipped = count("numPendingTests");
  return (
    `${count("numPassedTests")} passed, ${count("numFailedTests")} failed` +
    (skipped === 0 ? "" : `, ${skipped} skipped`)
  );
}
