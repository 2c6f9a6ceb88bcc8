// Owns `npm run test:faults -- --seeds N [--seed FIRST]`: any number of explorations, or one that failed, again.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { seeds: { type: "string", default: "500" }, seed: { type: "string", default: "1" } },
});
const seeds = whole("--seeds", values.seeds);
const first = whole("--seed", values.seed);

const result = spawnSync(
  process.execPath,
  [
    fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url)),
    "run",
    "--project",
    "faults",
    // A long run is the point of a large number.
    "--testTimeout=0",
  ],
  {
    stdio: "inherit",
    env: { ...process.env, FAULT_SEEDS: String(seeds), FAULT_SEED: String(first) },
  },
);
process.exitCode = result.status ?? 1;

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`${name} is a whole number from 1, not "${text}".`);
  process.exit(2);
}
