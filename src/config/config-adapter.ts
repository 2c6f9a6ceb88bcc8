// Owns the host's view of the accounts: listing, inspecting, enabling, deleting, and why one is not configured.
import { createScopedChannelConfigAdapter } from "openclaw/plugin-sdk/channel-config-helpers";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { defaultAccountId, listAccountIds } from "./account-ids.ts";
import { resolveAccount } from "./accounts.ts";
import { withoutSecrets } from "./connection.ts";
import { deleteAccount } from "./delete-account.ts";
import { isConfiguredByEnvironment } from "./environment.ts";
import { CHANNEL_ID, type ResolvedAccount } from "./types.ts";

const scoped = createScopedChannelConfigAdapter<ResolvedAccount>({
  sectionKey: CHANNEL_ID,
  listAccountIds,
  resolveAccount,
  inspectAccount,
  defaultAccountId,
  // Never asked: deleteAccount below is ours.
  clearBaseFields: [],
  resolveAllowFrom: (account) => [...account.allowFrom],
  resolveDefaultTo: (account) => account.common.defaultTo,
  formatAllowFrom: (entries) => entries.map((entry) => String(entry).trim()),
});

export const configAdapter: ChannelPlugin<ResolvedAccount>["config"] = {
  ...scoped,
  deleteAccount: ({ cfg, accountId }) => deleteAccount(cfg, accountId),
  // Without a section `channels.gotify`: whether the variables alone make the account "default".
  hasConfiguredState: ({ cfg, env = process.env }) =>
    cfg.channels?.[CHANNEL_ID] !== undefined || isConfiguredByEnvironment(env),
  isEnabled: (account) => account.enabled,
  isConfigured: (account) => account.configured,
  unconfiguredReason: (account) => account.problem ?? "not configured",
  disabledReason: () => "disabled by `enabled: false`",
  describeAccount: (account) => ({
    accountId: account.accountId,
    ...(account.name === undefined ? {} : { name: account.name }),
    enabled: account.enabled,
    configured: account.configured,
    dmPolicy: account.dmPolicy,
    tokenStatus: account.tokenStatus,
    appTokenStatus: account.appTokenStatus,
    appTokenSource: account.appTokenSource,
    ...(account.serverUrl === undefined ? {} : { baseUrl: account.serverUrl }),
  }),
};

/**
 * What diagnostics may see: everything of the account but its secrets. The security audit takes this in
 * place of a resolved account, so nothing else may be missing.
 */
function inspectAccount(
  cfg: OpenClawConfig,
  accountId?: string | null,
): Omit<ResolvedAccount, "appToken" | "clientToken"> {
  // Without the keys as well: one that is there and empty is "no token" to the host's overview.
  const { appToken: _app, clientToken: _client, ...account } = resolveAccount(cfg, accountId);
  return { ...account, connection: withoutSecrets(account.connection) };
}
