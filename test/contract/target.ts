// Owns which servers the contract is checked on: both emulator personalities, a real binary, or a running server.
import { startEmulator, type Personality } from "../emulator/index.ts";
import { startRealServer } from "./real-server.ts";

export interface Login {
  readonly name: string;
  readonly password: string;
}

/** A running server. */
export interface Target {
  readonly url: string;
  readonly admin: Login;
  readonly major: 2 | 3;
  /** Undefined when it is not ours to know. */
  readonly pingPeriodMs: number | undefined;
  /** What a stream without a pong gets on top of the period. */
  readonly pongGraceMs: number;
  stop(): Promise<void>;
}

export type TargetKind = "emulator" | "binary" | "url";

/** A server that can be started. */
export interface TargetPlan {
  readonly kind: TargetKind;
  readonly label: string;
  start(): Promise<Target>;
}

const GOTIFY_PONG_GRACE_MS = 15_000;
const REAL_PING_PERIOD_S = 1;
const EMULATOR_PING_PERIOD_MS = 300;
const EMULATOR_PONG_GRACE_MS = 300;

/**
 * `GOTIFY_URL`, `GOTIFY_USER` and `GOTIFY_PASS` name a running server, whose other contents are left alone.
 * `GOTIFY_BIN` names a binary; any `GOTIFY_DATABASE_…` beside it is passed on. Neither: the emulator.
 */
export function planTargets(env: NodeJS.ProcessEnv = process.env): readonly TargetPlan[] {
  const { GOTIFY_URL: url, GOTIFY_BIN: binary } = env;
  if (url !== undefined && url !== "") return [runningServer(url, env)];
  if (binary !== undefined && binary !== "") return [ownBinary(binary)];
  return (["v2", "v3"] as const).map(emulator);
}

function emulator(personality: Personality): TargetPlan {
  return {
    kind: "emulator",
    label: `emulator ${personality}`,
    async start() {
      const server = await startEmulator({
        personality,
        pingPeriodMs: EMULATOR_PING_PERIOD_MS,
        pongGraceMs: EMULATOR_PONG_GRACE_MS,
      });
      return {
        url: server.url,
        admin: { name: "admin", password: "admin" },
        major: await majorOf(server.url),
        pingPeriodMs: EMULATOR_PING_PERIOD_MS,
        pongGraceMs: EMULATOR_PONG_GRACE_MS,
        stop: () => server.stop(),
      };
    },
  };
}

function ownBinary(binary: string): TargetPlan {
  return {
    kind: "binary",
    label: "server from GOTIFY_BIN",
    async start() {
      const admin = { name: "admin", password: "contract" };
      const server = await startRealServer({
        binary,
        user: admin.name,
        password: admin.password,
        pingPeriodSeconds: REAL_PING_PERIOD_S,
      });
      return {
        url: server.url,
        admin,
        major: await majorOf(server.url),
        pingPeriodMs: REAL_PING_PERIOD_S * 1000,
        pongGraceMs: GOTIFY_PONG_GRACE_MS,
        stop: () => server.stop(),
      };
    },
  };
}

function runningServer(url: string, env: NodeJS.ProcessEnv): TargetPlan {
  return {
    kind: "url",
    label: "server at GOTIFY_URL",
    async start() {
      const { GOTIFY_USER: name, GOTIFY_PASS: password } = env;
      if (name === undefined || password === undefined) {
        throw new Error("GOTIFY_URL needs GOTIFY_USER and GOTIFY_PASS beside it");
      }
      const base = url.replace(/\/+$/, "");
      return {
        url: base,
        admin: { name, password },
        major: await majorOf(base),
        pingPeriodMs: undefined,
        pongGraceMs: GOTIFY_PONG_GRACE_MS,
        stop: async () => {},
      };
    },
  };
}

/** Only Gotify 3 knows the path; a version may be "unknown". */
async function majorOf(url: string): Promise<2 | 3> {
  const answer = await fetch(`${url}/gotifyinfo`, { redirect: "manual" });
  await answer.body?.cancel();
  return answer.status === 200 ? 3 : 2;
}
