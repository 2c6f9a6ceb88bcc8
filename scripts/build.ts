// Owns `npm run build`: an empty dist/, then the modules in a few chunks, and the types of the client library.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const manifest = join(root, "openclaw.plugin.json");

/** What package.json names, and what OpenClaw finds by its name. */
const ENTRIES = {
  index: "src/index.ts",
  "setup-entry": "src/setup-entry.ts",
  "secret-contract-api": "src/secret-contract-api.ts",
  "doctor-contract-api": "src/doctor-contract-api.ts",
  "gotify/index": "src/gotify/index.ts",
};

/**
 * What an entry loads at once becomes one file each, instead of one for every set of entries that share a module.
 * The first group that needs a module has it: the client library stays free of OpenClaw, and the small contracts
 * of all but themselves.
 */
const GROUPS: readonly (readonly [name: string, roots: RegExp])[] = [
  ["basics", /\/src\/(gotify\/parse|config\/types)\.ts$/],
  ["client-options", /\/src\/gotify\/client-options\.ts$/],
  ["client", /\/src\/gotify\/index\.ts$/],
  ["secret-contract", /\/src\/config\/secret-contract\.ts$/],
  ["channel-base", /\/src\/channel-base\.ts$/],
  // What set-up and status load later, too: it must not bring the whole channel along.
  [
    "shared",
    /\/src\/(config\/(client|runtime|host-types|state-folder|credential-key|install-id|host-lists)|operate\/doctor\/own-application)\.ts$/,
  ],
  ["channel", /\/src\/index\.ts$/],
];

// Stale modules would be packed and shipped.
rmSync(dist, { recursive: true, force: true });

await writeModules();
if (writeTypes()) removeUnreachableTypes(join(dist, "gotify"), "index.d.ts");
else process.exitCode = 1;

/**
 * Modules that are always loaded together become one file: each file costs a start of OpenClaw about half a
 * millisecond. Names and lines stay as they are, so that what is installed can be read, and so that a stack
 * trace says something; comments are in the sources.
 */
async function writeModules(): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: ENTRIES,
    platform: "node",
    // What is installed or comes with Node; and the manifest, which stands beside dist/ in the package.
    external: (id, _importer, isResolved) =>
      isResolved ? resolve(id) === manifest : !/^\.{1,2}\//.test(id),
  });
  await bundle.write({
    dir: dist,
    format: "esm",
    comments: false,
    // In a folder, like most sources: paths from there to the assets of the package stay right.
    chunkFileNames: "chunks/[name].js",
    codeSplitting: {
      groups: GROUPS.map(([name, test], at) => ({ name, test, priority: GROUPS.length - at })),
    },
  });
}

/** For those who import the client library; OpenClaw needs none. */
function writeTypes(): boolean {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  return status === 0;
}

/** Of the modules behind the client's own, most have types that nobody can get at. */
function removeUnreachableTypes(folder: string, entry: string): void {
  const reachable = new Set<string>();
  const visit = (name: string): void => {
    if (reachable.has(name)) return;
    reachable.add(name);
    const text = readFileSync(join(folder, name), "utf8");
    for (const [, path = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      if (dirname(path) !== ".") throw new Error(`${name} needs types from elsewhere: ${path}.`);
      visit(basename(path).replace(/\.[jt]s$/, ".d.ts"));
    }
  };
  visit(entry);
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".d.ts") && !reachable.has(name)) rmSync(join(folder, name));
  }
}
