// Owns the status adapter: what `channels status`, its probe, `channels capabilities` and the health command say about an account.
import { createAsyncComputedAccountStatusAdapter } from "openclaw/plugin-sdk/status-helpers";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import type { ResolvedAccount } from "../config/types.ts";
import { oneLine } from "../gotify/one-line.ts";
import type { AccountFacts } from "../vitals/facts.ts";
import type { AccountProbe, FindOwnApplication } from "./probe.ts";
import { probeLines } from "./probe-lines.ts";
import { statusIssues } from "./status-issues.ts";

type StatusAdapter = NonNullable<ChannelPlugin<ResolvedAccount, AccountProbe>["status"]>;

/** @param findOwn tells the application that answers are posted to; without it, it is told where the server shows it. */
export function createStatus(findOwn?: FindOwnApplication): StatusAdapter {
  return createAsyncComputedAccountStatusAdapter<ResolvedAccount, AccountProbe>({
    collectStatusIssues: statusIssues,
    probeAccount: async ({ account, timeoutMs }) => {
      const { probeAccount } = await import("./probe.ts");
      return probeAccount(account, timeoutMs, findOwn);
    },
    formatCapabilitiesProbe: ({ probe }) => probeLines(probe),
    buildCapabilitiesDiagnostics: async ({ account }) => {
      const [facts, { diagnosticLines }] = await Promise.all([
        readFacts(account),
        import("./status-text.ts"),
      ]);
      return { lines: diagnosticLines(facts), details: { problems: facts.problems } };
    },
    resolveAccountSnapshot: async ({ account, runtime }) => ({
      accountId: account.accountId,
      ...(account.name === undefined ? {} : { name: oneLine(account.name) }),
      enabled: account.enabled,
      configured: account.configured,
      extra: {
        tokenStatus: account.tokenStatus,
        appTokenStatus: account.appTokenStatus,
        appTokenSource: account.appTokenSource,
        dmPolicy: account.dmPolicy,
        ...(account.serverUrl === undefined ? {} : { baseUrl: account.serverUrl }),
        ...(runtime?.connected === undefined ? {} : { connected: runtime.connected }),
        ...(runtime?.stateReason === undefined ? {} : { stateReason: runtime.stateReason }),
        ...snapshotOf(await readFacts(account), runtime?.lastError),
      },
    }),
  });
}

/** The journal is no part of what every start of the command line loads. */
async function readFacts(account: ResolvedAccount): Promise<AccountFacts> {
  const { gatherAccount } = await import("../vitals/gather.ts");
  return gatherAccount(account);
}

/**
 * What the host passes on as it is, to whoever asks for JSON and to {@link statusIssues}. With `healthState`
 * its health command does not call an account well that is connected and dead.
 */
function snapshotOf(facts: AccountFacts, lastError: string | null | undefined) {
  const { problems, stream, posting, lag, queue, deadLetters, suspended } = facts;
  const error = problems.find(({ level }) => level === "error");
  return {
    problems,
    suspended,
    stream,
    posting,
    lag,
    queue,
    deadLetters,
    lastErrorNoted: facts.lastError,
    ...(error === undefined
      ? {}
      : { healthState: error.code, lastError: lastError ?? oneLine(error.message) }),
  };
}
