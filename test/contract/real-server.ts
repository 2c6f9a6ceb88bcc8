// Owns a throw-away real Gotify: the operator's binary in a temporary folder, on loopback, gone afterwards.
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface RealServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface RealServerOptions {
  readonly binary: string;
  readonly user: string;
  readonly password: string;
  readonly pingPeriodSeconds: number;
  readonly registration: boolean;
}

const START_TIMEOUT_MS = 20_000;
/** Removes the folder, too. */
const GUARD = fileURLToPath(new URL("guard.ts", import.meta.url));
const POLL_MS = 25;
const ATTEMPTS = 3;

/** A port may be taken, or a shared database be in the middle of another server's migration: so, more than one try. */
export async function startRealServer(options: RealServerOptions): Promise<RealServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce(options: RealServerOptions): Promise<RealServer> {
  const folder = await mkdtemp(join(tmpdir(), "gotify-contract-"));
  const port = await freePort();
  await Promise.all(["images", "plugins"].map((name) => mkdir(join(folder, name))));
  const child = spawn(process.execPath, [GUARD, folder, options.binary], {
    env: environment(options, folder, port),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const stop = (): Promise<void> => end(child);
  try {
    await untilHealthy(child, url);
  } catch (error) {
    await stop();
    throw new Error(`${options.binary} did not start: ${output.join("").trim()}`, { cause: error });
  }
  return { url, stop };
}

/** Both major versions read these; nothing of the host but a database that was asked for gets in. */
function environment(options: RealServerOptions, folder: string, port: number): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) =>
    /^(GOTIFY_DATABASE_.*|PATH|HOME|TMPDIR|SYSTEMROOT|TZ)$/.test(name),
  );
  return {
    GOTIFY_DATABASE_CONNECTION: join(folder, "gotify.db"),
    ...Object.fromEntries(passedOn),
    GOTIFY_CONFIG_FILE: join(folder, "no-such-file"),
    GOTIFY_SERVER_LISTENADDR: "127.0.0.1",
    GOTIFY_SERVER_PORT: String(port),
    GOTIFY_SERVER_STREAM_PINGPERIODSECONDS: String(options.pingPeriodSeconds),
    GOTIFY_REGISTRATION: String(options.registration),
    GOTIFY_DEFAULTUSER_NAME: options.user,
    GOTIFY_DEFAULTUSER_PASS: options.password,
    // The weakest hash bcrypt knows: it is computed for every request with a password.
    GOTIFY_PASSSTRENGTH: "4",
    GOTIFY_UPLOADEDIMAGESDIR: join(folder, "images"),
    GOTIFY_PLUGINSDIR: join(folder, "plugins"),
  };
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const failed = new AbortController();
  child.once("error", (error) => failed.abort(error));
  child.once("exit", (code) => failed.abort(new Error(`exit code ${code}`)));
  while (Date.now() < deadline) {
    failed.signal.throwIfAborted();
    const health = await fetch(`${url}/health`).catch(() => undefined);
    await health?.body?.cancel();
    if (health?.ok === true) return;
    await delay(POLL_MS, undefined, { signal: failed.signal });
  }
  throw new Error(`not healthy within ${START_TIMEOUT_MS} ms`);
}

async function end(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.stdin.end();
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}
