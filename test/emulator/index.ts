// Owns the emulator's public face: a faithful Gotify 2.9 or 3.0 in this process, for tests and the demo.
import { once } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createClock } from "./clock.ts";
import type { Core } from "./core.ts";
import { Faults } from "./faults.ts";
import { createInspection, type Inspection } from "./inspection.ts";
import type { Personality } from "./records.ts";
import { createGotifyServer } from "./server.ts";
import { createShortcuts, type Shortcuts } from "./shortcuts.ts";
import { Store } from "./store.ts";
import { Streams } from "./streams.ts";

export type { Database } from "./databases.ts";
export type { Faults } from "./faults.ts";
export type { Inspection } from "./inspection.ts";
export type { Personality } from "./records.ts";
export type { Credentials, Shortcuts } from "./shortcuts.ts";

export interface EmulatorOptions {
  /** Default `v3`. */
  readonly personality?: Personality;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The first user, an admin. Default admin/admin. */
  readonly user?: string;
  readonly password?: string;
  /** Between two pings of the server on a stream. Default 45,000, as in Gotify. */
  readonly pingPeriodMs?: number;
  /** How long past the period a stream may go without a pong. Default 15,000, as in Gotify. */
  readonly pongGraceMs?: number;
  /** How long a stream may leave a frame unread once its buffers are full. Default 2,000, as in Gotify. */
  readonly writeDeadlineMs?: number;
  /** E.g. `/gotify`: a server behind a proxy that strips this prefix, and so does not know of it. Default none. */
  readonly basePath?: string;
  /** Whether anybody may make a user of his own, without credentials. Default false, as in Gotify. */
  readonly registration?: boolean;
  /** A clock of the test's own for dates, elevation and expiry. Timers run on real time. */
  readonly now?: () => Date;
}

export interface Emulator extends Shortcuts, AsyncDisposable {
  /** With the base path, without a trailing slash. */
  readonly url: string;
  readonly personality: Personality;
  readonly faults: Faults;
  readonly store: Inspection;
  /** Resolves once the condition holds; it is looked at whenever something arrives or changes. */
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Cuts all streams and refuses connections, as a server that is being restarted. What is stored stays. */
  goDown(): Promise<void>;
  /** Listens again, on the same port. */
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 5000;
const SWEEP_PERIOD_MS = 5 * 60 * 1000;

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { personality = "v3", host = "127.0.0.1", basePath = "" } = options;
  const changed = new EventTarget();
  const onChange = (): void => {
    changed.dispatchEvent(new Event("change"));
  };
  const clock = createClock(options.now);
  const store = new Store(clock, onChange);
  const { pingPeriodMs = 45_000, pongGraceMs = 15_000, writeDeadlineMs = 2000 } = options;
  const streams = new Streams({ pingPeriodMs, pongGraceMs, writeDeadlineMs }, onChange);
  const faults = new Faults(streams, onChange);
  const { registration = false } = options;
  const core: Core = { personality, clock, store, faults, streams, registration };
  store.addUser(options.user ?? "admin", options.password ?? "admin", true);

  const inspection = createInspection(store, streams);
  const server = createGotifyServer({
    core,
    streams,
    basePath,
    onRequest(seen) {
      inspection.note(seen);
      onChange();
    },
    onAnswered: onChange,
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server, options.port ?? 0, host);

  const sweep = setInterval(
    () => store.sweepClients(streams.connectedClients()),
    SWEEP_PERIOD_MS,
  ).unref();

  async function goDown(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    streams.cutAll();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  async function stop(): Promise<void> {
    clearInterval(sweep);
    faults.clear();
    await goDown();
  }

  return {
    ...createShortcuts(core, onChange),
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}${basePath}`,
    personality,
    faults,
    store: inspection,
    until: (condition, timeoutMs = DEFAULT_TIMEOUT_MS) => until(changed, condition, timeoutMs),
    goDown,
    async comeBack() {
      await listen(server, port, host);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  // Rejects when the port is taken.
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port to listen on");
  return address.port;
}

async function until(
  changed: EventTarget,
  condition: () => boolean,
  timeoutMs: number,
): Promise<void> {
  if (condition()) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    if (condition()) resolve();
  };
  const deadline = setTimeout(() => {
    reject(new Error(`not within ${timeoutMs} ms: ${condition.toString()}`));
  }, timeoutMs);
  changed.addEventListener("change", look);
  try {
    await promise;
  } finally {
    clearTimeout(deadline);
    changed.removeEventListener("change", look);
  }
}
