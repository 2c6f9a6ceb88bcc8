// Owns the browser of the rendering tests: it comes inside an npm package, so nothing is downloaded.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import chromium, { inflate } from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";
import { asObject, asString } from "../../src/gotify/parse.ts";

export type Started = { readonly browser: Browser } | { readonly reason: string };

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/chromium", import.meta.url));

/** A running browser, or why this machine has none. */
export async function startBrowser(): Promise<Started> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const here = `${process.platform} ${process.arch}`;
    return { reason: `The packaged Chromium runs on Linux x64 only; this is ${here}.` };
  }
  try {
    return { browser: await launch(await unpack()) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { reason: `The packaged Chromium does not start here: ${message}` };
  }
}

async function launch(folder: string): Promise<Browser> {
  const options = { executablePath: join(folder, "chromium"), args: chromium.args };
  try {
    return await playwright.launch(options);
  } catch {
    // A bare machine lacks the nss libraries. Where they are, the system's own fit the system better.
    const libraries = join(folder, "al2023", "lib");
    return playwright.launch({ ...options, env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  }
}

/**
 * The package unpacks into the temporary folder and takes whatever is called `chromium` there, be it
 * half unpacked or somebody else's. So it gets a folder of its own, which counts once it is complete.
 */
async function unpack(): Promise<string> {
  const manifest = asObject(JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8")));
  const folder = join(CACHE, asString(manifest?.["version"]) ?? "unknown");
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(join(CACHE, "unpacking-"));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = staging;
  try {
    chromium.setGraphicsMode = false;
    await chromium.executablePath();
    await inflate(join(PACKAGE, "bin", "al2023.tar.br"));
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  return folder;
}
