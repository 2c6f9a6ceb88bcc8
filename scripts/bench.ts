// Owns `npm run bench`: how the bridge compares with the bare minimum on this machine. It judges no build.
import { mkdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchBurst } from "../bench/burst.ts";
import { benchCatchUp } from "../bench/catch-up.ts";
import { benchIdleAccounts } from "../bench/idle-accounts.ts";
import { benchImports, benchSize } from "../bench/imports.ts";
import { benchLatency } from "../bench/latency.ts";
import { benchSends } from "../bench/sends.ts";
import { benchRendering } from "../bench/rendering.ts";
import { format, heading, resultOf, type Line, type Result, type Scale } from "../bench/report.ts";
import { PROFILE_VARIABLE } from "../bench/worker.ts";

const USAGE = `npm run bench [-- options] [burst|storm|catch-up|latency|idle|sends|rendering|import|size]…

  --rounds <n>       how often each side is measured (default 3)
  --json             print nothing but a JSON array, one object for each figure
  --quick            a tenth of everything, once: to see that it runs
  --profile <folder> also write a CPU profile of each child process there

GOTIFY_BIN=<binary> measures on a real Gotify instead of the emulator. \`import\` and \`size\` look at what
\`npm run build\` has written.`;

const BENCHES: Readonly<Record<string, (scale: Scale) => Promise<Line[]>>> = {
  burst: (scale) => benchBurst(scale, 50),
  storm: (scale) => benchBurst(scale, 1),
  "catch-up": benchCatchUp,
  latency: benchLatency,
  idle: benchIdleAccounts,
  rendering: benchRendering,
  sends: benchSends,
  import: benchImports,
  size: benchSize,
};

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const wantedRounds = values.quick ? 1 : Number(values.rounds);
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
if (values.help) {
  console.log(USAGE);
} else if (!(wantedRounds >= 1) || !names.every((name) => Object.hasOwn(BENCHES, name))) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await run(names, { rounds: wantedRounds, part: values.quick ? 0.1 : 1 });
}

async function run(wanted: readonly string[], scale: Scale): Promise<void> {
  if (values.profile !== undefined) {
    mkdirSync(values.profile, { recursive: true });
    process.env[PROFILE_VARIABLE] = resolve(values.profile);
  }
  if (!values.json) introduce(scale.rounds);
  const results: Result[] = [];
  for (const name of wanted) {
    for (const line of (await BENCHES[name]?.(scale)) ?? []) {
      if (!values.json) console.log(format(line));
      results.push(resultOf(line));
    }
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 1));
}

function introduce(rounds: number): void {
  const [core] = cpus();
  const memoryGb = (totalmem() / 1e9).toFixed(0);
  const server = process.env["GOTIFY_BIN"] ? "the Gotify in GOTIFY_BIN" : "the emulator";
  console.log(
    `Node ${process.versions.node}, ${cpus().length} cores (${core?.model}), ${memoryGb} GB, ${server}`,
  );
  console.log(`Median of ${rounds} interleaved rounds; both sides share this machine.\n`);
  console.log(heading());
}
