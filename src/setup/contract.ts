// Owns `openclaw channels add gotify`: from its flags to `channels.gotify`.
import { defineChannelSetupContract } from "openclaw/plugin-sdk/channel-setup";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { patchScopedAccountConfig } from "openclaw/plugin-sdk/setup";
import { CHANNEL_ID } from "../config/types.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { SETUP_FIELDS } from "./fields.ts";

export const setupContract: NonNullable<ChannelPlugin["setupContract"]> =
  defineChannelSetupContract({
    fields: SETUP_FIELDS,
    adapter: {
      validateInput: ({ input }) => {
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
          },
          ensureChannelEnabled: true,
          ensureAccountEnabled: accountId !== "default",
        }),
    },
  });
