// Owns the status adapter: what `channels status`, its probe and the health command say about an account.
import { createComputedAccountStatusAdapter } from "openclaw/plugin-sdk/status-helpers";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import type { ResolvedAccount } from "../config/types.ts";
import { probeAccount, type AccountProbe } from "./probe.ts";

type StatusAdapter = NonNullable<ChannelPlugin<ResolvedAccount, AccountProbe>["status"]>;

export const statusAdapter: StatusAdapter = createComputedAccountStatusAdapter<
  ResolvedAccount,
  AccountProbe
>({
  probeAccount: ({ account, timeoutMs }) => probeAccount(account, timeoutMs),
  formatCapabilitiesProbe: ({ probe }) => [
    probe.ok
      ? { text: `Gotify ${probe.version ?? ""} (${probe.elapsedMs} ms)`, tone: "success" }
      : { text: probe.error ?? "does not work", tone: "error" },
  ],
  resolveAccountSnapshot: ({ account, runtime }) => ({
    accountId: account.accountId,
    ...(account.name === undefined ? {} : { name: account.name }),
    enabled: account.enabled,
    configured: account.configured,
    extra: {
      tokenStatus: account.tokenStatus,
      appTokenStatus: account.appTokenStatus,
      dmPolicy: account.dmPolicy,
      ...(account.serverUrl === undefined ? {} : { baseUrl: account.serverUrl }),
      ...(runtime?.connected === undefined ? {} : { connected: runtime.connected }),
      ...(runtime?.stateReason === undefined ? {} : { stateReason: runtime.stateReason }),
    },
  }),
});
