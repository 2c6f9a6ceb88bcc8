// Owns a visit of the doctor: every check of every account, those that need nothing of each other at the same time, each within its time.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveStateDir } from "openclaw/plugin-sdk/state-paths";
import { listAccountIds, normalizeAccountId } from "../../config/account-ids.ts";
import { accountsInOrder } from "../../config/accounts.ts";
import { accountClient } from "../../config/client.ts";
import { overlapsAtRuntime } from "../../config/overlap.ts";
import { getRuntime } from "../../config/runtime.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import type { GotifyUser } from "../../gotify/server.ts";
import type { AccountFacts } from "../../vitals/facts.ts";
import { endOf, vitalsOf } from "../../vitals/vitals.ts";
import { rightsRemarks, securityRemarks } from "./access.ts";
import { lookAtCertificates } from "./certificate.ts";
import {
  CALL_TIMEOUT_MS,
  failure,
  timekeeper,
  type DoctorWorld,
  type Remark,
  type RunCheck,
  type Visit,
} from "./check.ts";
import { configurationRemarks, overlapRemark, priorityRemarks } from "./configuration.ts";
import { folderRemarks, journalRemarks } from "./files.ts";
import { healthRouteRemarks } from "./health-route.ts";
import { versionRemarks } from "./installation.ts";
import { findOwnApplication } from "./own-application.ts";
import type { DoctorReport, Finding } from "./report.ts";
import { selfTest } from "./self-test.ts";
import { clockRemarks, lookAtServer, type ServerLook } from "./server.ts";
import { stateRemarks } from "./state.ts";
import { streamRemarks } from "./stream.ts";
import { lookAtTokens, type TokenLook } from "./tokens.ts";

/** Where somebody waits for something else. */
const QUICK_CALL_TIMEOUT_MS = 2_000;

export interface DoctorOptions {
  readonly cfg: OpenClawConfig;
  /** Only this account; default: every one that is enabled. */
  readonly account?: string;
  /** Posts a message, sees it arrive, and deletes it again. */
  readonly selfTest?: boolean;
  /** Opens no stream, gives up soon, and leaves out what the host's own doctor says. */
  readonly quick?: boolean;
  readonly signal: AbortSignal;
}

/** As it is in a process of OpenClaw. */
export const realWorld: DoctorWorld = {
  now: Date.now,
  callTimeoutMs: CALL_TIMEOUT_MS,
  stateDir: () => fromRuntime(({ state }) => state.resolveStateDir()) ?? resolveStateDir(),
  hostVersion: () => fromRuntime(({ version }) => version),
  isGateway: true,
  vitalsOf,
  ownApplication: findOwnApplication,
};

/** What all accounts of one run share. */
interface Run {
  readonly options: DoctorOptions;
  readonly world: DoctorWorld;
  readonly check: RunCheck;
  /** Those that were begun: they end by themselves, and have to be waited for. */
  readonly selfTests: Promise<unknown>[];
}

/** @throws the reason of the signal, when that aborts; a self-test has deleted its message by then. */
export async function runDoctor(
  options: DoctorOptions,
  given: DoctorWorld = realWorld,
): Promise<DoctorReport> {
  options.signal.throwIfAborted();
  const world = options.quick === true ? { ...given, callTimeoutMs: QUICK_CALL_TIMEOUT_MS } : given;
  const check = timekeeper(options.signal, world.callTimeoutMs);
  const run: Run = { options, world, check, selfTests: [] };
  try {
    const [shared, ...visited] = await Promise.all([
      installation(run),
      ...wantedAccounts(options).map((account) => visitAccount(run, account)),
    ]);
    const findings = [...shared, ...withOverlaps(options.cfg, visited)];
    return {
      ok: findings.every(({ level }) => level !== "error"),
      at: new Date(world.now()).toISOString(),
      findings,
    };
  } finally {
    await Promise.allSettled(run.selfTests);
  }
}

/** Two client tokens may belong to one user: only the servers know. */
function withOverlaps(cfg: OpenClawConfig, visited: readonly Visited[]): Finding[] {
  const users = new Map<string, number>();
  for (const { accountId, user } of visited) if (user !== undefined) users.set(accountId, user.id);
  const accounts = accountsInOrder(cfg);
  return visited.flatMap(({ accountId, remarks }) => {
    const overlap = users.has(accountId)
      ? overlapsAtRuntime(accounts, users, accountId)
      : undefined;
    const all = overlap === undefined ? remarks : [...remarks, overlapRemark(overlap)];
    return all.map((remark): Finding => ({ account: accountId, ...remark }));
  });
}

function wantedAccounts({ cfg, account }: DoctorOptions): readonly ResolvedAccount[] {
  const all = accountsInOrder(cfg);
  if (account === undefined) return all.filter(({ enabled }) => enabled);
  const id = normalizeAccountId(account);
  return all.filter(({ accountId }) => accountId === id);
}

async function installation({ options, world, check }: Run): Promise<readonly Remark[]> {
  return [
    ...versionRemarks(world.hostVersion()),
    ...accountRemarks(options),
    ...healthRouteRemarks(options),
    ...(await check("files", () => folderRemarks(world.stateDir()))),
  ];
}

/** Why there is nobody to look at. */
function accountRemarks(options: DoctorOptions): readonly Remark[] {
  if (wantedAccounts(options).length > 0) return [];
  const known = listAccountIds(options.cfg);
  if (known.length === 0) {
    const fix = "Set one up: openclaw channels login --channel gotify.";
    return [failure("accounts", "No Gotify account is configured.", fix)];
  }
  if (options.account !== undefined) {
    const text = `There is no Gotify account "${options.account}".`;
    return [failure("accounts", text, `Name one that is configured: ${known.join(", ")}.`)];
  }
  const fix = "Set enabled to true in channels.gotify, and in the account.";
  return [failure("accounts", "Every Gotify account is switched off.", fix)];
}

interface Visited {
  readonly accountId: string;
  readonly remarks: readonly Remark[];
  readonly user: GotifyUser | undefined;
}

async function visitAccount(run: Run, account: ResolvedAccount): Promise<Visited> {
  const { options, world, check } = run;
  const { cfg, quick } = options;
  const { accountId } = account;
  const facts = await factsOf(account, world);
  const state = facts === undefined ? [] : stateRemarks(facts, world.isGateway);
  const [server, configuration, ...others] = await Promise.all([
    account.problem === undefined
      ? visitServer(run, visitOf(run, account, facts))
      : { remarks: [], user: undefined },
    check("configuration", () => configurationRemarks(account)),
    check("priority", () => priorityRemarks(cfg, account)),
    check("journal", () => journalRemarks(world.stateDir(), accountId)),
    quick === true ? [] : check("security", () => securityRemarks(cfg, account)),
  ]);
  const remarks = [...configuration, ...server.remarks, ...state, ...others.flat()];
  return { accountId, remarks, user: server.user };
}

/** Never in the way of the other checks: a journal that cannot be read is a finding of its own. */
async function factsOf(
  account: ResolvedAccount,
  { now, stateDir, vitalsOf: vitals, isGateway }: DoctorWorld,
): Promise<AccountFacts | undefined> {
  const { gatherAccount } = await import("../../vitals/gather.ts");
  try {
    return gatherAccount(account, {
      now,
      stateDir,
      vitalsOf: vitals,
      endOf,
      isGateway: () => isGateway,
    });
  } catch {
    return undefined;
  }
}

function visitOf(
  { options, world }: Run,
  account: ResolvedAccount,
  facts: AccountFacts | undefined,
): Visit {
  const { cfg, signal } = options;
  const client = accountClient(account);
  let asked: ReturnType<Visit["applications"]> | undefined;
  const applications: Visit["applications"] = () => {
    asked ??= client.listApplications({ signal, timeoutMs: world.callTimeoutMs });
    return asked;
  };
  return { cfg, account, client, facts, signal, world, applications };
}

/** What needs an answer of the server; nothing more is asked of one that gives none. */
async function visitServer(
  run: Run,
  visit: Visit,
): Promise<{ remarks: readonly Remark[]; user: GotifyUser | undefined }> {
  const { account, world } = visit;
  const { quick, selfTest: isTested } = run.options;
  let server: ServerLook | undefined;
  let isDistrusted = false;
  const [reachable, certificate, clock] = await Promise.all([
    run.check("reachable", async (signal) => {
      server = await lookAtServer({ ...visit, signal });
      return server.remarks;
    }),
    run.check("certificate", async (signal) => {
      const options = { signal, timeoutMs: world.callTimeoutMs };
      const seen = await lookAtCertificates(account, world.now(), options).catch(() => undefined);
      isDistrusted = seen?.isDistrusted === true;
      return seen?.remarks ?? [];
    }),
    run.check("clock", (signal) => clockRemarks({ ...visit, signal }).catch(() => [])),
  ]);
  // A request that fails for the certificate says the same once more.
  const first = [...(isDistrusted ? reachable.filter(isWell) : reachable), ...certificate];
  const known = server;
  if (known === undefined || known.state === "down") return { remarks: first, user: undefined };

  let look: TokenLook | undefined;
  const tokens = await run.check("tokens", async (signal) => {
    look = await lookAtTokens({ ...visit, signal }, known);
    return look.remarks;
  });
  const user = look?.user;
  const canPost = look?.canPost === true;
  const [rights, stream] = await Promise.all([
    user === undefined ? [] : run.check("rights", (signal) => rightsRemarks({ ...visit, signal })),
    quick === true || (user === undefined && account.clientToken !== undefined)
      ? []
      : run.check("stream", (signal) => streamRemarks({ ...visit, signal })),
  ]);
  const tested = isTested === true && canPost ? await testItself(run, visit) : [];
  const works = canPost || user !== undefined;
  return {
    remarks: [
      ...settled(first, known, works),
      ...clock,
      ...tokens,
      ...stream,
      ...rights,
      ...tested,
    ],
    user,
  };
}

/** What became of its message is told also when its time was up before. */
async function testItself(run: Run, visit: Visit): Promise<readonly Remark[]> {
  let test: Promise<readonly Remark[]> | undefined;
  const told = await run.check("self-test", (signal) => {
    test = selfTest({ ...visit, signal });
    run.selfTests.push(test);
    return test;
  });
  const own = await test?.catch(() => told);
  return own === undefined || own === told ? told : [...told, ...own];
}

function isWell({ level }: Remark): boolean {
  return level === "ok";
}

/** What a proxy hides is no harm where tokens work all the same. */
function settled(
  remarks: readonly Remark[],
  { state }: ServerLook,
  works: boolean,
): readonly Remark[] {
  if (state !== "hidden" || !works) return remarks;
  return remarks.map((remark) =>
    remark.check === "reachable" && remark.level === "error"
      ? { ...remark, level: "warning" as const }
      : remark,
  );
}

/** The light entry, which the host's doctor loads, has no runtime. */
function fromRuntime<T>(read: (runtime: ReturnType<typeof getRuntime>) => T): T | undefined {
  try {
    return read(getRuntime());
  } catch {
    return undefined;
  }
}
