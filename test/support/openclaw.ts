// Owns the real OpenClaw program: a home of its own for it, and its command line.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { noteLogs } from "./leaks.ts";
import { lastLines, startNode, type CapturedProcess } from "./captured-process.ts";

/** The project's root folder. */
export const PROJECT_DIR = fileURLToPath(new URL("../..", import.meta.url));

/** The package under test; another version's folder can be named to run the same tests against it. */
export const OPENCLAW_DIR =
  process.env["TEST_OPENCLAW_DIR"] ?? join(PROJECT_DIR, "node_modules", "openclaw");

/** The version of the package under test, e.g. `2026.9.6`. */
export function hostVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(OPENCLAW_DIR, "package.json"), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/**
 * Whether it is one of the supported hosts that do less: their `channels status`, `status` and `health` list what
 * the Gateway knows and ask no plugin what that means, commands wait for a running turn, and a conversation that a
 * kill has interrupted is refused from then on.
 */
export function isOlderHost(): boolean {
  return ["2026.8.1", "2026.9.1"].includes(hostVersion());
}

/** One isolated installation: nothing of the developer's own OpenClaw is read or written. */
export type OpenClawHome = {
  /** Everything below here belongs to this home and goes with it. */
  dir: string;
  /** What to remove where nobody is left to do it: the folder of all homes, or this home. */
  root: string;
  stateDir: string;
  configPath: string;
  env: Record<string, string>;
  remove: () => void;
};

export type HomeOptions = {
  /** Folder the home is created in, and which holds homes only. Default: the system's temporary folder. */
  parent?: string;
  /** A state folder with the plugin already installed, made by `installPlugin`. */
  template?: string;
  /** Replaces the cleaned environment, for a run that is meant to see the user's own (model keys). */
  baseEnv?: Record<string, string>;
};

export function createHome(options: HomeOptions = {}): OpenClawHome {
  const dir = mkdtempSync(join(options.parent ?? tmpdir(), "openclaw-gotify-"));
  const stateDir = join(dir, "state");
  mkdirSync(stateDir);
  if (options.template !== undefined) copyInstalledState(options.template, stateDir);
  return {
    dir,
    root: options.parent ?? dir,
    stateDir,
    configPath: join(stateDir, "openclaw.json"),
    env: { ...(options.baseEnv ?? cleanEnvironment()), ...hostEnvironment(dir, stateDir) },
    // A Gateway that was just stopped may still be letting go of a file: try again rather than fail.
    remove: () => {
      noteLogs(dir);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/**
 * The record of an installation holds absolute paths, so the code stays where it was installed and the
 * copy takes only the records: everything but `npm/` (the code) and `tmp/` (caches).
 */
function copyInstalledState(template: string, stateDir: string): void {
  const left = new Set([join(template, "npm"), join(template, "tmp")]);
  cpSync(template, stateDir, { recursive: true, filter: (source) => !left.has(source) });
}

export type JsonObject = { [key: string]: unknown };

/** The configuration file as it is; `{}` before the first write. */
export function readConfig(home: OpenClawHome): JsonObject {
  try {
    const parsed: unknown = JSON.parse(readFileSync(home.configPath, "utf8"));
    return isJsonObject(parsed) ? parsed : {};
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

/**
 * Sets top-level sections before the host starts. What the host wrote itself stays: it takes a file
 * without its `meta` for a damaged one and puts its own backup in place.
 */
export function writeConfig(home: OpenClawHome, sections: JsonObject): void {
  const config = { ...readConfig(home), ...sections };
  writeFileSync(home.configPath, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Starts `openclaw <args>` and leaves it running. */
export function startOpenClaw(
  home: OpenClawHome,
  args: readonly string[],
  options: { env?: Record<string, string>; signal?: AbortSignal } = {},
): CapturedProcess {
  const program = join(OPENCLAW_DIR, "openclaw.mjs");
  if (!existsSync(program)) throw new Error(`There is no OpenClaw at ${program}. Run \`npm ci\`.`);
  return startNode([program, ...args], {
    // Not the project folder: the host reads a `.env` file from where it is started.
    cwd: home.dir,
    env: { ...home.env, ...options.env },
    removeWhenOrphaned: home.root,
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

export type CommandResult = { code: number | null; stdout: string; stderr: string };

export type CommandOptions = {
  /** Default 60 000. */
  timeoutMs?: number;
  env?: Record<string, string>;
  signal?: AbortSignal;
};

/** Runs `openclaw <args>` to its end. A non-zero exit is a result; running out of time is an error. */
export async function runOpenClaw(
  home: OpenClawHome,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 60_000, ...startOptions } = options;
  const command = startOpenClaw(home, args, startOptions);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void command.kill();
  }, timeoutMs);
  const { code } = await command.exited.finally(() => clearTimeout(timer));
  options.signal?.throwIfAborted();
  if (timedOut) {
    const said = lastLines(command.output());
    throw new Error(
      `openclaw ${args.join(" ")} took longer than ${timeoutMs / 1000} s. It said:\n${said}`,
    );
  }
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

/** What a program needs from its surroundings, and nothing that is somebody's own: no keys, no settings. */
export function cleanEnvironment(): Record<string, string> {
  const kept =
    /^(PATH|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|USER|LOGNAME|SHELL|TERM|NODE_EXTRA_CA_CERTS)$/;
  return environmentWhere((name) => kept.test(name));
}

/** The user's environment for a run with their own model: without this project's and OpenClaw's settings. */
export function userEnvironment(): Record<string, string> {
  const dropped = /^(OPENCLAW|GOTIFY|VITEST|npm)_|^(NODE_OPTIONS|NODE_ENV|VITEST)$/;
  return environmentWhere((name) => !dropped.test(name));
}

function environmentWhere(wanted: (name: string) => boolean): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && wanted(name)) env[name] = value;
  }
  return env;
}

function hostEnvironment(home: string, stateDir: string): Record<string, string> {
  return {
    // npm, which the host calls to install a plugin, must find the Node that runs us.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: home,
    OPENCLAW_STATE_DIR: stateDir,
    // One process with one pid that we can stop, whatever the host thinks of this Node's flags.
    OPENCLAW_NO_RESPAWN: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_EXEC_SHELL_SNAPSHOT: "0",
    DO_NOT_TRACK: "1",
    NO_COLOR: "1",
  };
}
