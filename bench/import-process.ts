// Owns the process that imports: what a built entry costs beyond the modules of OpenClaw that it needs, in a process that has loaded nothing.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { serve } from "./worker.ts";

/** Of `import … from "x"`, `export … from "x"` and `import "x"` at the beginning of a line, as the build writes them. */
const STATIC_IMPORT = /^(?:import|export)\b[^;"']*["']([^"']+)["']/gm;

const calls = {
  /** Milliseconds of the modules of OpenClaw that the entry imports, and from the same start to the end of the entry. */
  async import(entry: string): Promise<{ readonly host: number; readonly all: number }> {
    const needed = [...hostModulesOf(entry)];
    const begun = performance.now();
    await Promise.all(needed.map((name) => import(name)));
    const host = performance.now() - begun;
    await import(entry);
    return { host, all: performance.now() - begun };
  },
};

/** What of OpenClaw the module and the chunks behind it load at once. */
function hostModulesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT)) {
    if (name.startsWith("openclaw/")) found.add(name);
    if (!name.startsWith(".") || name.endsWith(".json")) continue;
    for (const more of hostModulesOf(join(dirname(file), name), seen)) found.add(more);
  }
  return found;
}

export type ImportCalls = typeof calls;
serve(calls);
