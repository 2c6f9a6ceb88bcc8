// Owns which servers the contract is checked on: both emulator personalities, a real binary, or a running server.
import { startEmulator, type Database, type Personality } from "../emulator/index.ts";
import { emulatedOutage, realOutage, type Outage } from "./outage.ts";
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
  /** How long a full socket may leave a frame unread. */
  readonly writeDeadlineMs: number;
  /** Undefined when the database is not ours to stop. */
  readonly outage: Outage | undefined;
  stop(): Promise<void>;
}

export type TargetKind = "emulator" | "binary" | "url";

/** A server that can be started. */
export interface TargetPlan {
  readonly kind: TargetKind;
  readonly label: string;
  /** What is behind it. Of a running server it is not known, and taken for the default. */
  readonly database: Database;
  start(): Promise<Target>;
}

const GOTIFY_PONG_GRACE_MS = 15_000;
const GOTIFY_WRITE_DEADLINE_MS = 2000;
const REAL_PING_PERIOD_S = 1;
type EmulatorTiming = Pick<Target, "pongGraceMs" | "writeDeadlineMs"> & {
  readonly pingPeriodMs: number;
};
/** Shorter than Gotify's: a test may wait for each of them. */
const EMULATOR_TIMING: EmulatorTiming = {
  pingPeriodMs: 300,
  pongGraceMs: 300,
  writeDeadlineMs: 1000,
};
/** What a server can be set up with. */
export interface ServerSettings {
  /** Anybody may make a user of his own. Default: nobody. */
  readonly registration?: boolean;
}

const PERSONALITIES = ["v2", "v3"] as const;
const DATABASES = ["sqlite3", "postgres", "mysql", "mysql-utf8mb3"] as const;

/**
 * `GOTIFY_URL`, `GOTIFY_USER` and `GOTIFY_PASS` name a running server, whose other contents are left alone.
 * `GOTIFY_BIN` names a binary; any `GOTIFY_DATABASE_…` beside it is passed on. `CONTRACT_DATABASE_PID` is the process
 * of that database, to be frozen and restarted: only for `outage.test.ts` by itself. Neither: the emulator.
 */
export function planTargets(
  env: NodeJS.ProcessEnv = process.env,
  timing: Partial<EmulatorTiming> = {},
  settings: ServerSettings = {},
): readonly TargetPlan[] {
  const { GOTIFY_URL: url, GOTIFY_BIN: binary } = env;
  if (url !== undefined && url !== "") return [runningServer(url, env)];
  if (binary !== undefined && binary !== "") return [ownBinary(binary, env, settings)];
  return PERSONALITIES.map((personality) => emulator(personality, "sqlite3", timing, settings));
}

/** The same, with every database that the emulator plays. */
export function planDatabases(env: NodeJS.ProcessEnv = process.env): readonly TargetPlan[] {
  const plans = planTargets(env);
  if (plans.some(({ kind }) => kind !== "emulator")) return plans;
  return PERSONALITIES.flatMap((personality) =>
    DATABASES.map((database) => emulator(personality, database, {})),
  );
}

function emulator(
  personality: Personality,
  database: Database,
  given: Partial<EmulatorTiming>,
  settings: ServerSettings = {},
): TargetPlan {
  const timing = { ...EMULATOR_TIMING, ...given };
  return {
    kind: "emulator",
    label: `emulator ${personality}${database === "sqlite3" ? "" : ` on ${database}`}`,
    database,
    async start() {
      const server = await startEmulator({ personality, ...timing, ...settings });
      server.faults.database = database;
      return {
        url: server.url,
        admin: { name: "admin", password: "admin" },
        major: await majorOf(server.url),
        ...timing,
        outage: emulatedOutage(server.faults),
        stop: () => server.stop(),
      };
    },
  };
}

function ownBinary(
  binary: string,
  env: NodeJS.ProcessEnv,
  { registration = false }: ServerSettings,
): TargetPlan {
  return {
    kind: "binary",
    database: databaseOf(env),
    label: "server from GOTIFY_BIN",
    async start() {
      const admin = { name: "admin", password: "contract" };
      const server = await startRealServer({
        binary,
        user: admin.name,
        password: admin.password,
        pingPeriodSeconds: REAL_PING_PERIOD_S,
        registration,
      });
      return {
        url: server.url,
        admin,
        major: await majorOf(server.url),
        pingPeriodMs: REAL_PING_PERIOD_S * 1000,
        pongGraceMs: GOTIFY_PONG_GRACE_MS,
        writeDeadlineMs: GOTIFY_WRITE_DEADLINE_MS,
        outage: realOutage(env),
        stop: () => server.stop(),
      };
    },
  };
}

function runningServer(url: string, env: NodeJS.ProcessEnv): TargetPlan {
  return {
    kind: "url",
    label: "server at GOTIFY_URL",
    database: "sqlite3",
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
        writeDeadlineMs: GOTIFY_WRITE_DEADLINE_MS,
        outage: undefined,
        stop: async () => {},
      };
    },
  };
}

function databaseOf(env: NodeJS.ProcessEnv): Database {
  const { GOTIFY_DATABASE_DIALECT: dialect, GOTIFY_DATABASE_CONNECTION: connection = "" } = env;
  if (dialect === "postgres") return "postgres";
  if (dialect !== "mysql") return "sqlite3";
  return /[?&]charset=utf8(&|$)/.test(connection) ? "mysql-utf8mb3" : "mysql";
}

/** Only Gotify 3 knows the path; a version may be "unknown". */
async function majorOf(url: string): Promise<2 | 3> {
  const answer = await fetch(`${url}/gotifyinfo`, { redirect: "manual" });
  await answer.body?.cancel();
  return answer.status === 200 ? 3 : 2;
}
