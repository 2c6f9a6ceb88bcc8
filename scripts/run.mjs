// Owns the way into every script: finds a Node that can run the project and says so when there is none.
// Plain JavaScript without anything new: it must load on whatever Node a fresh machine has.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** What can be named: a script of this folder, or a tool with the module that starts it. */
const SCRIPTS = [
  "bench",
  "build",
  "demo",
  "first-answer",
  "generate",
  "gotify",
  "test",
  "test-client",
  "test-faults",
  "test-hosts",
  "test-real",
];
const TOOLS = {
  knip: "knip/bin/knip.js",
  oxfmt: "oxfmt/bin/oxfmt",
  oxlint: "oxlint/bin/oxlint",
  tsc: "typescript/bin/tsc",
  vitest: "vitest/vitest.mjs",
};
/** The workspace scripts/node-runtime brings one of these. Found by folder: npm 10 does not link their `node`. */
const RUNTIMES = [
  `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}/bin`,
  `node-bin-${process.platform}-${process.arch}/bin`,
];

const name = process.argv[2];
const args = process.argv.slice(3);
const tool = Object.hasOwn(TOOLS, name ?? "") ? TOOLS[name] : undefined;
const runtime = findRuntime();

if (tool === undefined && !SCRIPTS.includes(name)) {
  fail(`usage: node scripts/run.mjs ${[...SCRIPTS, ...Object.keys(TOOLS)].join("|")} [options]`, 2);
} else if (runtime === undefined) {
  fail(
    `This needs Node 24.16+ or 26.1+ and found ${process.versions.node}. ` +
      "Run `npm ci`: it brings one (on platforms without a package for it, install Node 26).",
  );
} else if (tool !== undefined) {
  run(runtime, [inModules(tool), ...args]);
} else if (runtime === process.execPath) {
  await import(`./${name}.ts`);
} else {
  run(runtime, process.argv.slice(1));
}

/** This Node where it will do, otherwise the one that `npm ci` brought. */
function findRuntime() {
  if (isSupported(process.versions.node)) return process.execPath;
  const file = process.platform === "win32" ? "node.exe" : "node";
  return RUNTIMES.map((folder) => inModules(`${folder}/${file}`)).find((path) => existsSync(path));
}

/** The range that OpenClaw itself asks for: `>=24.16 <25 || >=26.1`. */
function isSupported(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

function run(node, childArgs) {
  // What is started by a shebang line shall find the same Node.
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? "") };
  const child = spawn(node, childArgs, { stdio: "inherit", env });
  // A terminal signals the whole group; a signal sent to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`Could not start ${node}: ${error.message}`));
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
}

function inModules(path) {
  return fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
}

function fail(message, code) {
  console.error(message);
  process.exitCode = code === undefined ? 1 : code;
}
