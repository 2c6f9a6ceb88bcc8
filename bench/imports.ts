// Owns the cost of the package itself: how long its entries take to load, and how large it is once it is installed.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { ImportCalls } from "./import-process.ts";
import type { Line, Scale } from "./report.ts";
import { startWorker } from "./worker.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** A process takes a tenth of a second, and what else the machine does weighs more than with anything longer. */
const MORE_ROUNDS = 5;
const KILOBYTE = 1_000;

/** What `npm run build` has written. */
export async function benchImports({ rounds }: Scale): Promise<Line[]> {
  const entries = [
    { name: "import of the entry", file: "dist/index.js", target: 30 },
    { name: "import of the setup entry", file: "dist/setup-entry.js", target: 15 },
  ];
  const lines: Line[] = [];
  for (const { name, file, target } of entries) {
    const entry = `${root}${file}`;
    if (!existsSync(entry)) throw new Error(`${file} is not there. Run npm run build.`);
    const runs: { host: number; all: number }[] = [];
    for (let run = 0; run < rounds * MORE_ROUNDS; run += 1) {
      await using worker = startWorker<ImportCalls>("./import-process.ts");
      runs.push(await worker.call("import", entry));
    }
    const ours = runs.map(({ all }) => all);
    const bare = runs.map(({ host }) => host);
    lines.push({ name, unit: "ms", ours, bare, compare: "difference", target });
  }
  return lines;
}

/** As `npm pack` would ship it, unpacked and without `ws`. */
export async function benchSize(): Promise<Line[]> {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ unpackedSize }] = z
    .tuple([z.object({ unpackedSize: z.number() })])
    .parse(JSON.parse(output));
  const name = "package, unpacked";
  return [{ name, unit: "kB", ours: [unpackedSize / KILOBYTE], compare: "alone", target: 400 }];
}
