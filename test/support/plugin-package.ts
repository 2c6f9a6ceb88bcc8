// Owns the way from source to an installed plugin: is the build current, build it, pack it, install it.
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { lastLines, startNode, startProcess, type CapturedProcess } from "./captured-process.ts";
import { cleanEnvironment, PROJECT_DIR, runOpenClaw, type OpenClawHome } from "./openclaw.ts";

/** Why `dist/` cannot be packed as it is, in one sentence; undefined when it can. */
export function whatIsWrongWithTheBuild(): string | undefined {
  const builtAt = modifiedAt(join(PROJECT_DIR, "dist", "index.js"));
  if (builtAt === undefined) return "dist/index.js is missing.";
  const source = newestSource(join(PROJECT_DIR, "src"));
  if (source.modifiedAt > builtAt) return `dist/ is older than ${source.file}.`;
  return undefined;
}

/** Compiles `src/` to `dist/`. */
export async function buildPlugin(signal?: AbortSignal): Promise<void> {
  const script = join(PROJECT_DIR, "scripts", "run.mjs");
  const build = startNode([script, "build"], ownEnvironment(signal));
  await succeeded(build, "The build failed", signal);
}

/** `npm pack` of the project into `folder`; returns the archive's path. */
export async function packPlugin(folder: string, signal?: AbortSignal): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const npm = npmCommand();
  const args = [...npm.args, "pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const pack = startProcess(npm.command, args, ownEnvironment(signal));
  await succeeded(pack, "npm pack failed", signal);
  const archive = pack.stdout().trim().split("\n").at(-1);
  if (!archive?.endsWith(".tgz")) throw new Error(`npm pack named no archive: ${pack.stdout()}`);
  return join(folder, archive);
}

/** Installs the archive the way a user would, as an npm package with its dependencies. */
export async function installPlugin(
  home: OpenClawHome,
  archive: string,
  signal?: AbortSignal,
): Promise<void> {
  const source = `npm-pack:${archive}`;
  // Consent that an operator gives at the prompt: unreviewed source, and what the plugin may do.
  const result = await runOpenClaw(
    home,
    ["plugins", "install", source, "--force", "--accept-capabilities"],
    {
      timeoutMs: 180_000,
      env: npmSettings(),
      ...(signal ? { signal } : {}),
    },
  );
  if (result.code !== 0) {
    const said = lastLines(result.stderr.trim() || result.stdout, 40);
    throw new Error(`openclaw plugins install failed (code ${result.code}). It said:\n${said}`);
  }
}

/**
 * The isolated home would give npm an empty cache and no settings: every install would fetch from the
 * network, and fail behind a company's registry. So npm, and only npm, keeps the developer's own.
 */
function npmSettings(): Record<string, string> {
  const own = process.env;
  const settings: Record<string, string> = {
    npm_config_cache: own["npm_config_cache"] ?? join(homedir(), ".npm"),
    npm_config_userconfig: own["npm_config_userconfig"] ?? join(homedir(), ".npmrc"),
    npm_config_prefer_offline: "true",
    // The host lets npm try for many minutes; an unreachable registry should be told within one.
    npm_config_fetch_retries: "2",
    npm_config_fetch_retry_mintimeout: "1000",
    npm_config_fetch_retry_maxtimeout: "5000",
  };
  const passed = /^(npm_config_registry|https?_proxy|no_proxy)$/i;
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && passed.test(name)) settings[name] = value;
  }
  return settings;
}

function ownEnvironment(signal: AbortSignal | undefined): Parameters<typeof startProcess>[2] {
  const env = { ...cleanEnvironment(), HOME: homedir(), NO_COLOR: "1" };
  return { cwd: PROJECT_DIR, env, ...(signal ? { signal } : {}) };
}

/** npm says where its own program is when it runs us; otherwise it is on the PATH. */
function npmCommand(): { command: string; args: string[] } {
  const own = process.env["npm_execpath"];
  return own?.endsWith("npm-cli.js")
    ? { command: process.execPath, args: [own] }
    : { command: "npm", args: [] };
}

async function succeeded(
  command: CapturedProcess,
  failure: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { code } = await command.exited;
  signal?.throwIfAborted();
  if (code !== 0) {
    throw new Error(`${failure} (code ${code}). It said:
${lastLines(command.output())}`);
  }
}

function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Tests and build-time files are not packed: a change there makes no build stale. */
function newestSource(folder: string): { file: string; modifiedAt: number } {
  const notPacked = /\.(test|zod)\.ts$/;
  let newest = { file: "src", modifiedAt: 0 };
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || notPacked.test(name)) continue;
    const changed = modifiedAt(join(folder, name)) ?? 0;
    if (changed > newest.modifiedAt) newest = { file: join("src", name), modifiedAt: changed };
  }
  return newest;
}
