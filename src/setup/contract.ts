// Owns `openclaw channels add gotify`: from its flags to `channels.gotify`.
import { defineChannelSetupContract } from "openclaw/plugin-sdk/channel-setup";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { GotifyConfigError } from "../gotify/errors.ts";
import { normalizeToken } from "../gotify/tokens.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { SETUP_FIELDS } from "./fields.ts";
import { startAgain } from "./start-again.ts";
import { changeAccount, moveProblem, patchAccount, type AccountChange } from "./written.ts";

const APPLICATION = /^[1-9]\d*$/;

type Contract = typeof defineChannelSetupContract<typeof SETUP_FIELDS>;

/** What the flags do; the host runs it behind its contract. */
export const setupAdapter: NonNullable<Parameters<Contract>[0]["adapter"]> = {
  // Accounts with servers of their own must not come by the rights that the root names: its ids mean somebody else there.
  configPromotion: "preserve-root",
  prepareAccountConfigInput: async ({ cfg, accountId, input, runtime }) => {
    // What cannot be right is refused by validateInput, and nobody has to be asked.
    if (input.unverified === true || inputProblem(cfg, accountId, input) !== undefined) {
      return input;
    }
    const { verifyInput } = await import("./verify.ts");
    const { notes, ...made } = await verifyInput(cfg, accountId, input);
    for (const note of notes) runtime.log(note);
    return { ...input, ...made };
  },
  validateInput: ({ cfg, accountId, input }) => inputProblem(cfg, accountId, input) ?? null,
  applyAccountName: ({ cfg, accountId, name }) =>
    name === undefined || name.trim() === ""
      ? cfg
      : patchAccount(cfg, accountId, (own) => ({ ...own, name: name.trim() })),
  applyAccountConfig: ({ cfg, accountId, input }) => changeAccount(cfg, accountId, changeOf(input)),
  afterAccountConfigWritten: ({ cfg, accountId }) => startAgain(cfg, accountId),
};

type Input = Partial<
  Record<"serverUrl" | "appToken" | "clientToken" | "chatApp", string | undefined> &
    Record<"useEnv" | "unverified", boolean | undefined>
>;

function changeOf({ serverUrl, appToken, clientToken, chatApp, useEnv }: Input): AccountChange {
  return {
    serverUrl: serverUrl?.trim(),
    appToken: appToken?.trim(),
    clientToken: clientToken?.trim(),
    chatAppId: chatApp?.trim(),
    isEnvironment: useEnv,
  };
}

function inputProblem(cfg: OpenClawConfig, accountId: string, input: Input): string | undefined {
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
    return moveProblem(cfg, accountId, changeOf(input));
  } catch (error) {
    if (error instanceof GotifyConfigError) return error.message;
    throw error;
  }
}

export const setupContract: NonNullable<ChannelPlugin["setupContract"]> =
  defineChannelSetupContract({ fields: SETUP_FIELDS, adapter: setupAdapter });
