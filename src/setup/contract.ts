// Owns `openclaw channels add gotify`: from its flags to `channels.gotify`.
import { defineChannelSetupContract } from "openclaw/plugin-sdk/channel-setup";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { patchScopedAccountConfig } from "openclaw/plugin-sdk/setup";
import { resolveAccount } from "../config/accounts.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { SETUP_FIELDS } from "./fields.ts";

const APPLICATION = /^[1-9]\d*$/;

/** From the start, so that machines which ask for a pairing cannot crowd the person out. */
function rightsOf(cfg: OpenClawConfig, accountId: string, appId: string) {
  const { allowFrom, commandsFrom } = resolveAccount(cfg, accountId);
  return {
    allowFrom: [...new Set([...allowFrom, appId])],
    commandsFrom: [...new Set([...commandsFrom, appId])],
  };
}

type Contract = typeof defineChannelSetupContract<typeof SETUP_FIELDS>;

/** What the flags do; the host runs it behind its contract. */
export const setupAdapter: NonNullable<Parameters<Contract>[0]["adapter"]> = {
  // Accounts with servers of their own must not come by the rights that the root names: its ids mean somebody else there.
  configPromotion: "preserve-root",
  validateInput: ({ input }) => {
    if (input.chatApp !== undefined && !APPLICATION.test(input.chatApp.trim())) {
      return `--chat-app takes the id of a Gotify application, a number such as 5, and not "${input.chatApp}".`;
    }
    if (input.serverUrl === undefined) return null;
    try {
      parseServerUrl(input.serverUrl);
      return null;
    } catch (error) {
      if (error instanceof GotifyConfigError) return error.message;
      throw error;
    }
  },
  applyAccountName: ({ cfg, accountId, name }) =>
    patchScopedAccountConfig({
      cfg,
      channelKey: CHANNEL_ID,
      accountId,
      patch: name === undefined || name.trim() === "" ? {} : { name: name.trim() },
    }),
  applyAccountConfig: ({ cfg, accountId, input }) =>
    patchScopedAccountConfig({
      cfg,
      channelKey: CHANNEL_ID,
      accountId,
      patch: {
        ...(input.serverUrl === undefined ? {} : { serverUrl: input.serverUrl }),
        ...(input.appToken === undefined ? {} : { appToken: input.appToken }),
        ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
        ...(input.chatApp === undefined ? {} : rightsOf(cfg, accountId, input.chatApp.trim())),
      },
      ensureChannelEnabled: true,
      ensureAccountEnabled: accountId !== "default",
    }),
};

export const setupContract: NonNullable<ChannelPlugin["setupContract"]> =
  defineChannelSetupContract({ fields: SETUP_FIELDS, adapter: setupAdapter });
