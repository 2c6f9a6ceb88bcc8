// Owns a running Gateway: starts it on a free port, knows when it is ready, and ends it for certain.
import { lastLines, type CapturedProcess } from "./captured-process.ts";
import { gatewayConfig, newGatewayToken, type GatewaySetup } from "./gateway-config.ts";
import { noteServer } from "./leaks.ts";
import { freePort } from "./loopback.ts";
import {
  runOpenClaw,
  startOpenClaw,
  writeConfig,
  type CommandResult,
  type OpenClawHome,
} from "./openclaw.ts";
import { waitFor } from "./wait.ts";

export type GatewayOptions = Omit<GatewaySetup, "port" | "token"> & {
  /** Gives up the start; once started, the Gateway is ended by `stop`. */
  signal?: AbortSignal;
  /** Until `/startupz` says started. Default 90 000. */
  startTimeoutMs?: number;
};

export type Gateway = Pick<
  CapturedProcess,
  "pid" | "output" | "mark" | "waitForLog" | "onLine" | "exited"
> & {
  /** `http://127.0.0.1:<port>`, also the address of the Control UI. */
  url: string;
  token: string;
  home: OpenClawHome;
  /** Runs `openclaw <args>` against this Gateway. */
  run: (...args: string[]) => Promise<CommandResult>;
  stop: () => Promise<void>;
  /** SIGKILL, to the Gateway and all it started. The home can be started again. */
  kill: () => Promise<void>;
};

const PORT_ATTEMPTS = 3;

export async function startGateway(home: OpenClawHome, options: GatewayOptions): Promise<Gateway> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(home, options, await freePort());
    } catch (error) {
      // Somebody may have taken the port between our look and the Gateway's start.
      const taken =
        error instanceof Error && /EADDRINUSE|already (in use|listening)/.test(error.message);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOnce(
  home: OpenClawHome,
  options: GatewayOptions,
  port: number,
): Promise<Gateway> {
  const { signal, startTimeoutMs = 90_000, ...setup } = options;
  const token = newGatewayToken();
  writeConfig(home, gatewayConfig(home, { ...setup, port, token }));

  const url = `http://127.0.0.1:${port}`;
  noteServer(url);
  const child = startOpenClaw(home, ["gateway", "run", "--port", String(port)]);
  const ended = child.exited.then(({ code }) => {
    throw new Error(
      `The Gateway ended while starting (code ${code}). It said:\n${lastLines(child.output())}`,
    );
  });
  const settled = new AbortController();
  const ready = waitFor("the Gateway to be ready", () => isStarted(url), {
    timeoutMs: startTimeoutMs,
    signal: signal ? AbortSignal.any([signal, settled.signal]) : settled.signal,
    explain: () => `It said:\n${lastLines(child.output())}`,
  });
  // Only the winner of the race is news; the other one is settled later and must not count as unhandled.
  ready.catch(() => undefined);
  ended.catch(() => undefined);
  try {
    await Promise.race([ready, ended]);
  } catch (error) {
    settled.abort();
    await child.stop();
    // A Gateway that ended because it was told to is no failure of the Gateway.
    signal?.throwIfAborted();
    throw error;
  }

  return {
    pid: child.pid,
    output: child.output,
    mark: child.mark,
    waitForLog: child.waitForLog,
    onLine: child.onLine,
    exited: child.exited,
    url,
    token,
    home,
    run: (...args) => runOpenClaw(home, args),
    stop: async () => {
      await child.stop();
    },
    kill: async () => {
      await child.kill();
    },
  };
}

/** Sidecars and channels have been started; says nothing of an account's own connection. */
async function isStarted(url: string): Promise<boolean> {
  const response = await fetch(`${url}/startupz`, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  return response.ok;
}
