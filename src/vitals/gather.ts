// Owns gathering an account's state from where it is known: the configuration, the running account in this process, and the journal.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import manifest from "../../openclaw.plugin.json" with { type: "json" };
import { accountsInOrder } from "../config/accounts.ts";
import { errorText } from "../config/error-text.ts";
import { getRuntime } from "../config/runtime.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { AccountFacts, HourFacts, StatusFacts } from "./facts.ts";
import { HOURS_TOLD, newest, readJournalFacts, type JournalFacts } from "./journal-facts.ts";
import { STUCK_TURN_MS, type Known } from "./known.ts";
import { findProblems } from "./verdict.ts";
import { endOf, hasRunAny, vitalsOf, type Noted, type Vitals } from "./vitals.ts";
import { withholdingOf } from "./withheld.ts";

const HOUR_MS = 3_600_000;

/** Where the facts come from; passed in where tests own it. */
export interface GatherWorld {
  readonly now: () => number;
  /** The host's state directory. */
  readonly stateDir: () => string;
  readonly vitalsOf: (accountId: string) => Vitals | undefined;
  /** How an account's last run in this process ended. Default: it never ran. */
  readonly endOf?: (accountId: string) => Noted<string | undefined> | undefined;
  /** Whether this process is to run the accounts. Default: it is not. */
  readonly isGateway?: () => boolean;
  /** For how many milliseconds this process has been running. Default: for long. */
  readonly upMs?: () => number;
}

const realWorld: GatherWorld = {
  now: Date.now,
  stateDir: () => getRuntime().state.resolveStateDir(),
  vitalsOf,
  endOf,
  isGateway: hasRunAny,
  upMs: () => performance.now(),
};

/** Of the process that answers for the Gateway, whether it has started an account yet or not. */
export const gatewayWorld: GatherWorld = { ...realWorld, isGateway: () => true };

/**
 * The state of every account of the configuration, as it is known in this process: all of it in the one that
 * runs them, in others what the journals tell. Asks no server, and never throws for what is wrong with an account.
 */
export function gatherStatus(cfg: OpenClawConfig, world: GatherWorld = realWorld): StatusFacts {
  const accounts = accountsInOrder(cfg).map((account) => gatherAccount(account, world));
  return {
    ok: areWell(accounts),
    plugin: manifest.version,
    at: new Date(world.now()).toISOString(),
    accounts,
  };
}

/** With no account switched on, nobody is answered. */
export function areWell(accounts: readonly Pick<AccountFacts, "enabled" | "ok">[]): boolean {
  const wanted = accounts.filter(({ enabled }) => enabled);
  return wanted.length > 0 && wanted.every(({ ok }) => ok);
}

export function gatherAccount(
  account: ResolvedAccount,
  world: GatherWorld = realWorld,
): AccountFacts {
  const now = world.now();
  const known = learn(account, world, now);
  const { vitals, journal } = known;
  const hide = withholdingOf([account]);
  const problems = findProblems(known, now).map((problem) => ({
    ...problem,
    message: hide(problem.message),
  }));
  const lastError = newest(newest(vitals?.lastError, journal?.lastError), errorOf(known.ended));
  return {
    account: account.accountId,
    enabled: account.enabled,
    configured: account.configured,
    running: vitals !== undefined || journal?.consumer !== undefined,
    receives: known.receives,
    ok: problems.every(({ level }) => level !== "error"),
    problems,
    suspended: journal?.suspended ?? [],
    hours: journal === undefined ? emptyHours(now) : journal.hours.map(hourOf),
    ...present({
      name: account.name,
      startedAt: iso(vitals?.startedAt),
      version: vitals?.version,
      stream: vitals && streamOf(vitals),
      posting: vitals?.posting && postingOf(vitals.posting),
      lag: lagOf(vitals, journal),
      queue: journal && queueOf(journal),
      deadLetters: journal && deadLettersOf(journal),
      waitingReplies: journal?.waitingReplies,
      lastInAt: iso(vitals?.lastInAt ?? journal?.lastTakenInAt),
      lastOutAt: iso(vitals?.lastOutAt),
      lastOutHour: vitals?.lastOutAt === undefined ? iso(journal?.lastOutHour) : undefined,
      lastError: lastError && { text: hide(lastError.value), at: isoOf(lastError.at) },
      notice: vitals?.notice && { text: hide(vitals.notice.value), at: isoOf(vitals.notice.at) },
      counted: vitals?.counted,
    }),
  };
}

function learn(account: ResolvedAccount, world: GatherWorld, now: number): Known {
  const { accountId, enabled, configured, problem, serverUrl } = account;
  let journal: JournalFacts | undefined;
  let journalProblem: string | undefined;
  const vitals = world.vitalsOf(accountId);
  try {
    const stuckBefore = now - STUCK_TURN_MS;
    journal = readJournalFacts({
      stateDir: world.stateDir(),
      accountId,
      serverUrl,
      now,
      stuckBefore,
      turns: vitals?.turns ?? [],
      startedAt: vitals?.startedAt,
      lastOutAt: vitals?.lastOutAt,
    });
  } catch (error) {
    journalProblem = errorText(error);
  }
  return {
    accountId,
    enabled,
    configured,
    problem,
    hasUnreadableSecret:
      account.tokenStatus === "configured_unavailable" ||
      account.appTokenStatus === "configured_unavailable",
    // Whatever else is wrong with it: these are what the setup asks for.
    lacksSettings: serverUrl === undefined || account.appTokenStatus === "missing",
    receives: account.inbound.enabled,
    isGateway: world.isGateway?.() ?? false,
    upMs: world.upMs?.() ?? Number.POSITIVE_INFINITY,
    vitals,
    ended: world.endOf?.(accountId),
    journal,
    journalProblem,
  };
}

function streamOf({ stream, connectedAt, roundTripMs, downSince }: Vitals) {
  return {
    state: stream.value,
    since: isoOf(downSince ?? stream.at),
    ...present({
      connectedAt: iso(connectedAt),
      roundTripMs: roundTripMs === undefined ? undefined : Math.round(roundTripMs),
    }),
  };
}

function postingOf({ value, at }: Noted<string | undefined>) {
  return { ok: value === undefined, checkedAt: isoOf(at) };
}

function lagOf(vitals: Vitals | undefined, journal: JournalFacts | undefined) {
  if (journal === undefined) return undefined;
  return {
    unanswered: journal.waiting + journal.inTurns,
    ...present({
      newestStored: vitals?.newestStored?.value,
      newestTaken: journal.newestTaken,
      checkedAt: iso(vitals?.newestStored?.at),
    }),
  };
}

function errorOf(ended: Noted<string | undefined> | undefined): Noted<string> | undefined {
  return ended?.value === undefined ? undefined : { value: ended.value, at: ended.at };
}

function queueOf({ waiting, inTurns, oldestWaitingAt, oldestTurnAt, retrying }: JournalFacts) {
  return {
    waiting,
    inTurns,
    ...present({
      oldestWaitingAt: iso(oldestWaitingAt),
      oldestTurnAt: iso(oldestTurnAt),
      retrying: retrying.count > 0 ? retrying.count : undefined,
    }),
  };
}

function deadLettersOf({ failed, deadReplies, newestFailedAt, newestDeadReplyAt }: JournalFacts) {
  const times = [newestFailedAt, newestDeadReplyAt].filter((at) => at !== undefined);
  return {
    messages: failed,
    replies: deadReplies,
    ...present({ newestAt: times.length === 0 ? undefined : isoOf(Math.max(...times)) }),
  };
}

function hourOf({ hour, counted }: JournalFacts["hours"][number]): HourFacts {
  return { hour: isoOf(hour), in: counted.in, out: counted.out };
}

/** Where there is no journal; nobody has to fill gaps. */
function emptyHours(now: number): HourFacts[] {
  const running = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS_TOLD }, (_, index) => ({
    hour: isoOf(running - (HOURS_TOLD - 1 - index) * HOUR_MS),
    in: 0,
    out: 0,
  }));
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : isoOf(at);
}

type Present<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

/** Without what is not known. */
function present<T extends object>(facts: T): Present<T> {
  const known: Present<T> = {};
  for (const key in facts) {
    const value = facts[key];
    if (value !== undefined && value !== null) known[key] = value;
  }
  return known;
}
