// Owns `openclaw channels login` and `logout`: the guided set-up in a terminal, and taking the tokens out of the configuration again.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { defaultAccountId } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { withLeftOver } from "./provision.ts";
import { withoutTokens, writeOutcome } from "./written.ts";

type Login = NonNullable<NonNullable<ChannelPlugin["auth"]>["login"]>;
type Result = Required<Awaited<ReturnType<Logout>>>;
type Logout = NonNullable<NonNullable<ChannelPlugin<ResolvedAccount>["gateway"]>["logoutAccount"]>;

export const login: Login = async (context) => {
  const { createClackPrompter } = await import("openclaw/plugin-sdk/setup-runtime");
  await logIn(context, createClackPrompter());
};

/** The same for whoever answers the questions. */
export async function logIn(
  { cfg, accountId, runtime }: Pick<Parameters<Login>[0], "cfg" | "accountId" | "runtime">,
  prompter: WizardPrompter,
): Promise<void> {
  const { mutateConfigFile } = await import("openclaw/plugin-sdk/config-mutation");
  const { setUp } = await import("./set-up.ts");
  await prompter.intro("Gotify");
  const id = accountId ?? defaultAccountId(cfg);
  const made = await setUp({ cfg, accountId: id, prompter });
  try {
    await mutateConfigFile({
      afterWrite: { mode: "auto" },
      // Onto the file as it is written: what the process runs with has its secrets resolved.
      mutate: (draft) => {
        const { channels, session } = writeOutcome(draft, id, made.outcome);
        Object.assign(draft, { channels }, session === undefined ? {} : { session });
      },
    });
  } catch (error) {
    // Tokens that stand nowhere are of no use to anybody.
    throw withLeftOver(error, await made.undo());
  }
  const { madeClients, noteWritten } = await import("./made-clients.ts");
  // A reference does not tell which client's token stood there before.
  const after = writeOutcome(made.cfg, id, made.outcome);
  noteWritten(madeClients(), { before: made.cfg, after, accountId: id });
  runtime.log(`Saved account ${id}. Write to your agent, or see openclaw channels status.`);
  await prompter.outro("Done.");
}

export const logout: Logout = async ({ cfg, accountId, runtime }) => {
  const { mutateConfigFile } = await import("openclaw/plugin-sdk/config-mutation");
  const { result } = await mutateConfigFile<Result>({
    afterWrite: { mode: "auto" },
    mutate: (draft) => {
      const cleared = withoutTokens(draft, accountId);
      if (cleared?.channels !== undefined) draft.channels = cleared.channels;
      // The environment may have others, or the root of the channel.
      const { tokenStatus, appTokenStatus } = resolveAccount(draft, accountId);
      const loggedOut = tokenStatus === "missing" && appTokenStatus === "missing";
      return { cleared: cleared?.channels !== undefined, loggedOut };
    },
  });
  const { cleared: isCleared, loggedOut } = result ?? { cleared: false, loggedOut: false };
  if (isCleared) {
    const { madeClients, noteWritten } = await import("./made-clients.ts");
    const after = withoutTokens(cfg, accountId) ?? cfg;
    noteWritten(madeClients(), { before: cfg, after, accountId });
    runtime.log(
      "The tokens still work, and OpenClaw's own copies of the configuration (openclaw.json.bak…, openclaw.json.last-good) may still have them: delete the client and the application on Gotify's pages.",
    );
  }
  return { cleared: isCleared, loggedOut };
};
