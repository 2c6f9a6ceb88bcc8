// Owns the channel's part of `openclaw configure`, `openclaw onboard` and `openclaw channels add`. What asks and makes is loaded when somebody starts it.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { promptAccountId, type ChannelSetupWizardAdapter } from "openclaw/plugin-sdk/setup";
import { defaultAccountId, listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { startAgain } from "./start-again.ts";
import { disableChannel, patchAccount, writeOutcome } from "./written.ts";

const LABEL = "Gotify";

function isConfigured(cfg: OpenClawConfig, accountId?: string): boolean {
  const ids = accountId === undefined ? listAccountIds(cfg) : [accountId];
  return ids.some((id) => resolveAccount(cfg, id).configured);
}

function isRoot(accountId: string | undefined): boolean {
  return accountId === undefined || accountId === "default";
}

/**
 * What the set-up of an account started from, with its secrets, until the host has written: the host hands
 * over references, and these do not tell which client's token stood there before.
 */
const startedFrom = new Map<string, OpenClawConfig>();

export const setupWizard: ChannelSetupWizardAdapter & ChannelPlugin["setupWizard"] = {
  channel: CHANNEL_ID,
  getStatus: async ({ cfg, accountOverrides }) => {
    const configured = isConfigured(cfg, accountOverrides[CHANNEL_ID]);
    const hint = configured ? "configured" : "needs the address of your server";
    return {
      channel: CHANNEL_ID,
      configured,
      statusLines: [`${LABEL}: ${hint}`],
      selectionHint: hint,
      quickstartScore: configured ? 1 : 4,
    };
  },
  configure: async ({ cfg, prompter, accountOverrides, shouldPromptAccountIds }) => {
    const fallback = accountOverrides[CHANNEL_ID] ?? defaultAccountId(cfg);
    const accountId = shouldPromptAccountIds
      ? await promptAccountId({
          cfg,
          prompter,
          label: LABEL,
          currentId: fallback,
          listAccountIds,
          defaultAccountId: defaultAccountId(cfg),
        })
      : fallback;
    const { setUp } = await import("./set-up.ts");
    const { outcome, cfg: resolved } = await setUp({ cfg, accountId, prompter });
    startedFrom.set(accountId, resolved);
    return { cfg: writeOutcome(cfg, accountId, outcome), accountId };
  },
  // The host asks questions of its own after ours: whoever stops there has a client on the server, and nothing written.
  afterConfigWritten: async ({ previousCfg, cfg, accountId }) => {
    const { madeClients, noteWritten } = await import("./made-clients.ts");
    const before = startedFrom.get(accountId) ?? previousCfg;
    startedFrom.delete(accountId);
    noteWritten(madeClients(), { before, after: cfg, accountId });
    await startAgain(cfg, accountId);
  },
  dmPolicy: {
    label: LABEL,
    channel: CHANNEL_ID,
    policyKey: `channels.${CHANNEL_ID}.dmPolicy`,
    allowFromKey: `channels.${CHANNEL_ID}.allowFrom`,
    resolveConfigKeys: (_cfg, accountId) => {
      const at = isRoot(accountId)
        ? `channels.${CHANNEL_ID}`
        : `channels.${CHANNEL_ID}.accounts.${accountId}`;
      return { policyKey: `${at}.dmPolicy`, allowFromKey: `${at}.allowFrom` };
    },
    getCurrent: (cfg, accountId) =>
      resolveAccount(cfg, accountId ?? defaultAccountId(cfg)).dmPolicy,
    setPolicy: (cfg, dmPolicy, accountId) => {
      const id = accountId ?? defaultAccountId(cfg);
      const { allowFrom } = resolveAccount(cfg, id);
      const everyone = dmPolicy === "open" ? { allowFrom: [...new Set([...allowFrom, "*"])] } : {};
      return patchAccount(cfg, id, (own) => ({ ...own, dmPolicy, ...everyone }));
    },
  },
  disable: disableChannel,
};
