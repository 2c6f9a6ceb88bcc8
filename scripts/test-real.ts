// Owns `npm run test:real`: the contract suite against a real Gotify that the environment names.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const { GOTIFY_BIN, GOTIFY_URL, GOTIFY_USER, GOTIFY_PASS } = process.env;

if (GOTIFY_BIN || (GOTIFY_URL && GOTIFY_USER && GOTIFY_PASS)) {
  runSuite();
} else {
  console.error(
    "Set GOTIFY_BIN to a Gotify binary, or GOTIFY_URL, GOTIFY_USER and GOTIFY_PASS to a running server's.",
  );
  process.exitCode = 2;
}

function runSuite(): void {
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const args = [vitest, "run", "--project", "contract", ...process.argv.slice(3)];
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: "inherit",
  });
  // A signal to this process alone must not leave a server behind.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`Could not start vitest: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
