// Owns the status adapter: what `channels status`, its probe and the health command say about an account.
import { createAsyncComputedAccountStatusAdapter } from "openclaw/plugin-sdk/status-helpers";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { confirmCommand } from "../config/confirm-command.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asInteger } from "../gotify/parse.ts";
import { probeAccount, type AccountProbe } from "./probe.ts";

type Issues = NonNullable<StatusAdapter["collectStatusIssues"]>;
type StatusAdapter = NonNullable<ChannelPlugin<ResolvedAccount, AccountProbe>["status"]>;

export const statusAdapter: StatusAdapter = createAsyncComputedAccountStatusAdapter<
  ResolvedAccount,
  AccountProbe
>({
  collectStatusIssues: (accounts) => [
    ...collectSuspensions(accounts),
    ...collectMissingSecrets(accounts),
  ],
  probeAccount: ({ account, timeoutMs }) => probeAccount(account, timeoutMs),
  formatCapabilitiesProbe: ({ probe }) => [
    probe.ok
      ? { text: `Gotify ${probe.version ?? ""} (${probe.elapsedMs} ms)`, tone: "success" }
      : { text: probe.error ?? "does not work", tone: "error" },
  ],
  resolveAccountSnapshot: async ({ account, runtime }) => ({
    accountId: account.accountId,
    ...(account.name === undefined ? {} : { name: account.name }),
    enabled: account.enabled,
    configured: account.configured,
    extra: {
      tokenStatus: account.tokenStatus,
      appTokenStatus: account.appTokenStatus,
      appTokenSource: account.appTokenSource,
      dmPolicy: account.dmPolicy,
      suspended: await readSuspended(account.accountId),
      ...(account.serverUrl === undefined ? {} : { baseUrl: account.serverUrl }),
      ...(runtime?.connected === undefined ? {} : { connected: runtime.connected }),
      ...(runtime?.stateReason === undefined ? {} : { stateReason: runtime.stateReason }),
    },
  }),
});

/** The journal is no part of what every start of the command line loads. */
async function readSuspended(accountId: string): Promise<readonly number[]> {
  const { suspendedApplications } = await import("./suspended.ts");
  return suspendedApplications(accountId);
}

/** One line for each, with the command. The host drops a running account's `stateReason`, so it cannot stand there. */
function collectSuspensions(accounts: Parameters<Issues>[0]): ReturnType<Issues> {
  return accounts.flatMap((account) => {
    const suspended: unknown = "suspended" in account ? account.suspended : undefined;
    const ids = Array.isArray(suspended) ? suspended.map(asInteger) : [];
    return ids
      .filter((id) => id !== undefined)
      .map((id) => ({
        channel: CHANNEL_ID,
        accountId: account.accountId,
        kind: "permissions" as const,
        message: `Application ${id} is not the one that was let in, and may not talk to the agent until you confirm it.`,
        fix: confirmCommand(account.accountId, id),
      }));
  });
}

/**
 * The host keeps an account off while one of its secrets cannot be read, without asking the plugin, and
 * says neither which secret it is nor what to do then.
 */
function collectMissingSecrets(accounts: Parameters<Issues>[0]): ReturnType<Issues> {
  return accounts
    .filter(({ lastError }) => lastError?.startsWith("Secret owner account:") === true)
    .map(({ accountId }) => ({
      channel: CHANNEL_ID,
      accountId,
      kind: "auth" as const,
      message:
        'A secret of this account cannot be read, so the account is off. "openclaw secrets audit" names it.',
      fix: "put the secret in place, then run: openclaw secrets reload",
    }));
}
