// Owns the proof at the old end of the host range: the first supported OpenClaw runs the plugin, the one before says no in a line.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../emulator/index.ts";
import { createHome } from "../support/openclaw.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const CLI_TIMEOUT_MS = 120_000;
let tarball = "";

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-pack-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
  });
  tarball = join(folder, stdout.trim());
  return () => rmSync(folder, { recursive: true, force: true });
});

/** The published host in a folder of its own, with a home that nothing else knows. */
async function installHost(version: string) {
  const home = createHome();
  onTestFinished(home.remove);
  const folder = join(home.dir, "host");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  await run("npm", ["install", "--silent", "--ignore-scripts", `openclaw@${version}`], {
    cwd: folder,
  });
  const cli = join(folder, "node_modules/openclaw/openclaw.mjs");
  return async (...args: string[]): Promise<string> => {
    const options = { cwd: home.dir, env: home.env, timeout: CLI_TIMEOUT_MS };
    try {
      const { stdout, stderr } = await run(process.execPath, [cli, ...args], options);
      return stdout + stderr;
    } catch (error) {
      // A command that fails carries what it printed.
      return inspect(error);
    }
  };
}

test("OpenClaw 2026.8.1 installs, loads and configures the plugin", async () => {
  const openclaw = await installHost("2026.8.1");
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  expect(
    await openclaw("plugins", "install", `npm-pack:${tarball}`, "--force", "--accept-capabilities"),
  ).toContain("Installed plugin: gotify");
  const { token: appToken } = emulator.createApplication("OpenClaw");
  const { token: clientToken } = emulator.createClient("bridge");
  const tokens = ["--app-token", appToken, "--client-token", clientToken];
  await openclaw("channels", "add", "gotify", "--server-url", emulator.url, ...tokens);
  expect(await openclaw("config", "validate")).toContain("Config valid");
  expect(await openclaw("gotify", "check")).toContain("default: works, Gotify 3.0.0");
});

test("an OpenClaw that is too old refuses the plugin, with the version it needs", async () => {
  const openclaw = await installHost("2026.7.1");
  const output = await openclaw("plugins", "install", `npm-pack:${tarball}`, "--force");
  expect(output).toMatch(/requires OpenClaw >=2026\.8\.1, but this host is 2026\.7\.1/);
});
