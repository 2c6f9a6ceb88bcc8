import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { resolveAccount } from "../src/config/accounts.ts";
import { startEmulator, type Emulator } from "../test/emulator/index.ts";
import { startNode } from "../test/support/captured-process.ts";
import { cleanEnvironment } from "../test/support/openclaw.ts";
import { walk, type Step } from "./test-client-walk.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** It loads the host's library, on a machine that other tests keep busy. */
const PROCESS_TIMEOUT_MS = 60_000;
const PERSONALITIES = ["v2", "v3"] as const;

interface Server {
  readonly emulator: Emulator;
  readonly appId: number;
  readonly tokens: { readonly serverUrl: string; appToken: string; clientToken: string };
}

async function startServer(personality: "v2" | "v3" = "v3"): Promise<Server> {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const app = emulator.createApplication("Alerts");
  const client = emulator.createClient("Bridge");
  // Somebody else's, in the same place: it must outlive the test client.
  emulator.push({ appid: app.id, message: "mine" });
  const tokens = { serverUrl: emulator.url, appToken: app.token, clientToken: client.token };
  return { emulator, appId: app.id, tokens };
}

function stored({ emulator }: Server): string[] {
  return emulator.store.messages().map(({ message }) => message);
}

/** `npm run test:client` with a state folder of its own and nothing of the developer's. */
async function run(
  args: readonly string[],
  { env = {}, config }: { env?: Record<string, string>; config?: object } = {},
): Promise<{ code: number | null; text: string; lines: string[]; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-test-client-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (config !== undefined) writeFileSync(join(folder, "openclaw.json"), JSON.stringify(config));
  const home = { HOME: folder, OPENCLAW_STATE_DIR: folder, NO_COLOR: "1" };
  const child = startNode([join(ROOT, "scripts", "run.mjs"), "test-client", ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...home, ...env },
  });
  const { code } = await child.exited;
  const lines = child.stdout().trimEnd().split("\n");
  return { code, text: child.stdout() + child.stderr(), lines, folder };
}

/** What each line says first: how it went, and which step. */
function verdicts(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(/\s{2,}/, 2).join(" "));
}

const ALL_OK = [
  "ok configuration",
  "ok server",
  "ok app token",
  "ok client token",
  "ok stream",
  "ok send",
  "ok receive",
  "ok list",
  "ok delete",
];

describe("npm run test:client", { timeout: PROCESS_TIMEOUT_MS }, () => {
  test.each(PERSONALITIES)(
    "walks the account of the configuration on %s, prints no token and leaves nothing behind",
    async (personality) => {
      const server = await startServer(personality);
      const { appToken, clientToken } = server.tokens;
      const work = { ...server.tokens, clientToken: "${WORK_TOKEN}" };
      const config = {
        plugins: { load: { paths: [ROOT] } },
        channels: { gotify: { accounts: { home: { serverUrl: "http://127.0.0.1:9" }, work } } },
      };
      const env = { WORK_TOKEN: clientToken };
      const walked = await run(["--account", "Work"], { config, env });
      expect(verdicts(walked.lines), walked.text).toEqual(ALL_OK);
      expect(walked.code).toBe(0);
      expect(walked.text).not.toMatch(new RegExp(`${appToken}|${clientToken}`));
      expect(walked.lines[0]).toMatch(/account work on http:/);
      expect(stored(server)).toEqual(["mine"]);
      expect(readdirSync(walked.folder)).not.toContain("gotify");
    },
  );

  test("takes address and tokens from the command line, and the rest from the environment", async () => {
    const server = await startServer();
    const { serverUrl, appToken, clientToken } = server.tokens;
    const env = { GOTIFY_CLIENT_TOKEN: clientToken };
    const args = ["--server-url", serverUrl, "--app-token", appToken];
    const walked = await run(args, { env });
    expect(verdicts(walked.lines), walked.text).toEqual(ALL_OK);
    expect(walked.code).toBe(0);
  });

  test("says what is wrong in one line, and fails", async () => {
    const server = await startServer();
    const { serverUrl, appToken, clientToken } = server.tokens;
    const swapped = ["--server-url", serverUrl, "--app-token", clientToken];
    const [tokens, nothing, unknown] = await Promise.all([
      run([...swapped, "--client-token", appToken]),
      run([]),
      run(["--acount", "x"]),
    ]);
    expect(tokens.lines.slice(2)).toEqual([
      "failed   app token      It is the token of a client.",
      "failed   client token   It is the token of an application.",
    ]);
    expect(tokens.code).toBe(1);
    expect(nothing.text).toMatch(/^failed +configuration +No server is set: .*\n$/);
    expect(nothing.code).toBe(1);
    expect(unknown.text).toMatch(/^Unknown option '--acount' \(.*--help\)\n$/);
    expect(unknown.code).toBe(2);
    expect(stored(server)).toEqual(["mine"]);
  });
});

describe("the walk", () => {
  async function steps(
    { tokens }: Pick<Server, "tokens">,
    options: { appId?: number; timeoutMs?: number; signal?: AbortSignal; stampedBy?: string } = {},
    onStep: (step: Step) => void = () => undefined,
  ): Promise<string[]> {
    const account = resolveAccount({ channels: { gotify: { ...tokens } } });
    const { signal = new AbortController().signal } = options;
    const found: string[] = [];
    const all = { appId: undefined, timeoutMs: 5_000, stampedBy: undefined, ...options, signal };
    for await (const step of walk(account, all)) {
      onStep(step);
      found.push(`${step.state} ${step.name}`);
    }
    return found;
  }

  test("sends nothing that it could not delete again", async () => {
    const server = await startServer();
    const { clientToken: _none, ...sends } = server.tokens;
    expect(await steps({ tokens: { ...sends, clientToken: "" } })).toEqual([
      "ok server",
      "ok app token",
      "skipped client token",
      "skipped send",
    ]);
    expect(stored(server)).toEqual(["mine"]);
  });

  test("posts with a client token alone where it is told to which application", async () => {
    const server = await startServer("v3");
    const alone = { tokens: { ...server.tokens, appToken: "" } };
    expect(await steps(alone)).toEqual(["ok server", "ok client token", "skipped send"]);
    expect(await steps(alone, { appId: server.appId })).toEqual(
      ALL_OK.filter((line) => !/configuration|app token/.test(line)),
    );
    expect(stored(server)).toEqual(["mine"]);
  });

  test("tells a stream that is silent, and still deletes its message", async () => {
    const server = await startServer();
    server.emulator.faults.dropNextFrames(1);
    const result = await steps(server, { timeoutMs: 300 });
    expect(result).toContain("failed receive");
    expect(result.slice(-2)).toEqual(["ok list", "ok delete"]);
    expect(stored(server)).toEqual(["mine"]);
  });

  test("finds and deletes a message that was stored although the post failed", async () => {
    const server = await startServer();
    server.emulator.faults.failNextPostsStored(1);
    const result = await steps(server);
    expect(result.slice(-5)).toEqual([
      "failed send",
      "skipped receive",
      "skipped list",
      "skipped delete",
      "ok tidy up",
    ]);
    expect(stored(server)).toEqual(["mine"]);
  });

  test("tidies up when it is stopped half-way", async () => {
    const server = await startServer();
    const stop = new AbortController();
    const result = await steps(server, { signal: stop.signal }, ({ name }) => {
      if (name === "send") stop.abort(new Error("Stopped."));
    });
    expect(result.at(-1)).toBe("ok tidy up");
    expect(stored(server)).toEqual(["mine"]);
  });

  test("marks the message as the Gateway's own, silent and hidden", async () => {
    const server = await startServer();
    const seen: unknown[] = [];
    await steps(server, { stampedBy: "install-1" }, ({ name }) => {
      if (name === "send") seen.push(server.emulator.store.messages().at(-1));
    });
    expect(seen).toMatchObject([
      { priority: 0, extras: { openclaw: { delivery: { by: "install-1" } } } },
    ]);
  });
});
