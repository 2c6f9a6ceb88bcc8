// Owns the proof that the package holds what it must, nothing else, and loads lightly.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, test } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Unpacked: so that what gets in by accident is seen. Readable code without comments is four fifths of it, the
 * manifest with its texts a tenth. `npm run bench -- size` holds it against what was wished for.
 */
const MAX_PACKAGE_BYTES = 1_100_000;

/** What `npm pack` would ship. The build comes before the tests, as in `npm test`. */
function packed(): { readonly paths: readonly string[]; readonly unpackedBytes: number } {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pack = z.object({
    files: z.array(z.object({ path: z.string() })),
    unpackedSize: z.number(),
  });
  const [{ files, unpackedSize }] = z.tuple([pack]).parse(JSON.parse(output));
  return { paths: files.map(({ path }) => path), unpackedBytes: unpackedSize };
}

test("the package ships compiled modules, manifest, icons and texts, and nothing else", () => {
  const { paths: files, unpackedBytes } = packed();
  const allowed =
    /^(?:dist\/.+\.js|dist\/gotify\/.+\.d\.ts|openclaw\.plugin\.json|package\.json|assets\/(?:icon\.png|activity\.svg)|README\.md|LICENSE)$/;
  expect(files.filter((path) => !allowed.test(path))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      "dist/index.js",
      "dist/setup-entry.js",
      // Found by its name, and by nothing that would notice its absence.
      "dist/secret-contract-api.js",
      "dist/doctor-contract-api.js",
      "dist/gotify/index.js",
      "dist/gotify/index.d.ts",
      "openclaw.plugin.json",
      "assets/icon.png",
      "assets/activity.svg",
      "README.md",
      "LICENSE",
    ]),
  );
  expect(files.filter((path) => /\.test\.|\.zod\./.test(path))).toEqual([]);
  expect(unpackedBytes).toBeGreaterThan(0);
  expect(unpackedBytes).toBeLessThanOrEqual(MAX_PACKAGE_BYTES);
});

test("what the modules read beside them is where they look for it", () => {
  const wanted = builtModules().flatMap(({ path, text }) =>
    [
      ...text.matchAll(/new URL\(\s*"([^"]+)",\s*import\.meta\.url\s*\)/g),
      ...text.matchAll(/\bfrom "([^"]+\.json)"/g),
    ].map(([, name = ""]) => fileURLToPath(new URL(name, pathToFileURL(path)))),
  );
  // The icon of the application that set-up creates, and the schema of the channel.
  expect([...new Set(wanted)].toSorted()).toEqual([
    join(root, "assets/icon.png"),
    join(root, "openclaw.plugin.json"),
  ]);
  expect(wanted.filter((path) => !existsSync(path))).toEqual([]);
});

function builtModules(): readonly { readonly path: string; readonly text: string }[] {
  const dist = join(root, "dist");
  return readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .map((path) => ({ path: join(dist, path), text: readFileSync(join(dist, path), "utf8") }));
}

test("what is built imports nothing that an installation does not have", () => {
  const wanted = builtModules().flatMap(({ text }) =>
    [...text.matchAll(/(?:\bfrom |\bimport |\bimport\()"([^"./][^"]*)"/g)].map(
      ([, name = ""]) => name,
    ),
  );
  const others = wanted.filter((name) => !/^(?:node:|openclaw\/plugin-sdk\/|ws$)/.test(name));
  expect(wanted).toContain("ws");
  expect(others).toEqual([]);
});

test("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("the package does not bring the Node that this repository runs on", () => {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { dependencies, optionalDependencies } = z
    .object({
      dependencies: z.record(z.string(), z.string()),
      optionalDependencies: z.unknown().optional(),
    })
    .parse(JSON.parse(text));
  expect(Object.keys(dependencies)).toEqual(["ws"]);
  expect(optionalDependencies).toBeUndefined();
});

test("loading the entry opens nothing: neither ws nor SQLite nor Zod of our own is loaded", () => {
  const probe = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(specifier, context, next) {
      const parent = context.parentURL ?? "";
      if (parent.includes("/dist/") && !parent.includes("/node_modules/")) seen.push(specifier);
      return next(specifier, context);
    } });
    await import(${JSON.stringify(join(root, "dist/index.js"))});
    await import(${JSON.stringify(join(root, "dist/setup-entry.js"))});
    console.log(JSON.stringify(seen));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", probe], {
    cwd: root,
    encoding: "utf8",
  });
  const seen = z.array(z.string()).parse(JSON.parse(output));
  expect(seen).toContain("openclaw/plugin-sdk/channel-core");
  expect(seen.filter((name) => /^(?:ws|zod|node:sqlite)/.test(name))).toEqual([]);
});

test("only those parts of the host's SDK are used that have types", () => {
  const sdk = join(root, "node_modules/openclaw/dist/plugin-sdk");
  const used = new Set<string>();
  for (const { path, text } of builtModules()) {
    for (const [, name] of text.matchAll(/"openclaw\/plugin-sdk\/([^"]+)"/g)) used.add(name ?? "");
    expect(text.match(/from "openclaw(?!\/plugin-sdk\/)/), path).toBeNull();
  }
  expect(used.size).toBeGreaterThan(5);
  expect([...used].filter((name) => !existsSync(join(sdk, `${name}.d.ts`)))).toEqual([]);
});

test("what set-up and status load, also later, does not bring the whole channel along", () => {
  const importsOf = (file: string, pattern: RegExp): string[] =>
    [...readFileSync(file, "utf8").matchAll(pattern)].map(([, path = ""]) =>
      join(dirname(file), path),
    );
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file) || !file.endsWith(".js")) return;
    found.add(file);
    for (const next of importsOf(file, /(?:from|import\() ?"(\.[^"]+)"/g)) visit(next);
  };
  visit(join(root, "dist/setup-entry.js"));
  expect(found.size).toBeGreaterThan(10);
  const withChannel = [...found].filter((file) =>
    importsOf(file, /from "(\.[^"]+)"/g).some((path) => path.endsWith("/channel.js")),
  );
  expect(withChannel).toEqual([]);
});
