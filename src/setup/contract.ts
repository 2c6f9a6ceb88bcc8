// Owns `openclaw channels add gotify`: from its flags to `channels.gotify`.
import { defineChannelSetupContract } from "openclaw/plugin-sdk/channel-setup";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { GotifyConfigError } from "../gotify/errors.ts";
import { normalizeToken } from "../gotify/tokens.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { SETUP_FIELDS } from "./fields.ts";
import { patchAccount, rightsAfter } from "./written.ts";

const APPLICATION = /^[1-9]\d*$/;

/** What the environment can say: written, it would win. */
const ENVIRONMENT_KEYS = [
  "serverUrl",
  "appToken",
  "appTokenFile",
  "clientToken",
  "clientTokenFile",
];

type Contract = typeof defineChannelSetupContract<typeof SETUP_FIELDS>;

/** What the flags do; the host runs it behind its contract. */
export const setupAdapter: NonNullable<Parameters<Contract>[0]["adapter"]> = {
  // Accounts with servers of their own must not come by the rights that the root names: its ids mean somebody else there.
  configPromotion: "preserve-root",
  prepareAccountConfigInput: async ({ cfg, accountId, input }) => {
    // What cannot be right is refused by validateInput, and nobody has to be asked.
    if (input.unverified === true || inputProblem(accountId, input) !== undefined) return input;
    const { verifyInput } = await import("./verify.ts");
    const before = input.useEnv === true ? patchAccount(cfg, accountId, {}, ENVIRONMENT_KEYS) : cfg;
    return { ...input, ...(await verifyInput(before, accountId, input)) };
  },
  validateInput: ({ accountId, input }) => inputProblem(accountId, input) ?? null,
  applyAccountName: ({ cfg, accountId, name }) =>
    patchAccount(
      cfg,
      accountId,
      name === undefined || name.trim() === "" ? {} : { name: name.trim() },
    ),
  applyAccountConfig: ({ cfg, accountId, input }) => {
    const { serverUrl, appToken, clientToken, chatApp, useEnv } = input;
    const tokens = {
      ...(appToken === undefined ? {} : { appToken: appToken.trim() }),
      ...(clientToken === undefined ? {} : { clientToken: clientToken.trim() }),
    };
    const patch = {
      ...(serverUrl === undefined ? {} : { serverUrl }),
      ...tokens,
      ...rightsAfter(cfg, accountId, { serverUrl, chatAppId: chatApp?.trim() }),
    };
    return patchAccount(cfg, accountId, patch, [
      ...(appToken === undefined ? [] : ["appTokenFile"]),
      ...(clientToken === undefined ? [] : ["clientTokenFile"]),
      // What is written wins over the environment, so it has to go.
      ...(useEnv === true ? ENVIRONMENT_KEYS : []),
    ]);
  },
};

type Input = Partial<
  Record<"serverUrl" | "appToken" | "clientToken" | "chatApp", string | undefined> &
    Record<"useEnv" | "unverified", boolean | undefined>
>;

function inputProblem(accountId: string, input: Input): string | undefined {
  const { serverUrl, appToken, clientToken, chatApp, useEnv } = input;
  if (chatApp !== undefined && !APPLICATION.test(chatApp.trim())) {
    return `--chat-app takes the id of a Gotify application, a number such as 5, and not "${chatApp}".`;
  }
  if (useEnv === true && accountId !== "default") {
    return "--use-env works for the default account only: the GOTIFY_* variables can mean no other.";
  }
  if (useEnv === true && (serverUrl ?? appToken ?? clientToken) !== undefined) {
    return "--use-env leaves address and tokens in the environment: leave out --server-url, --app-token and --client-token.";
  }
  try {
    if (serverUrl !== undefined) parseServerUrl(serverUrl);
    if (appToken !== undefined) normalizeToken(appToken, "--app-token");
    if (clientToken !== undefined) normalizeToken(clientToken, "--client-token");
    return undefined;
  } catch (error) {
    if (error instanceof GotifyConfigError) return error.message;
    throw error;
  }
}

export const setupContract: NonNullable<ChannelPlugin["setupContract"]> =
  defineChannelSetupContract({ fields: SETUP_FIELDS, adapter: setupAdapter });
