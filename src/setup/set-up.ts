// Owns a guided set-up from the first question to what is to be written.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { resolveAccount } from "../config/accounts.ts";
import { clientFor } from "../config/client.ts";
import { errorText } from "../config/error-text.ts";
import type { Answers, Outcome } from "./answers.ts";
import { guide } from "./guide.ts";
import { provision, type Provisioned } from "./provision.ts";
import type { Connect, SetupRequest } from "./server-facts.ts";

/** Through whatever the configuration says of the connection: a private CA, a proxy's header. */
export function connectFor(cfg: OpenClawConfig, accountId: string): Connect {
  const { connection } = resolveAccount(cfg, accountId);
  return ({ serverUrl, ...tokens }) => clientFor({ serverUrl, connection }, tokens);
}

/** Rejects when somebody stops it, and then nothing is left of it. */
export async function setUp(request: {
  readonly cfg: OpenClawConfig;
  readonly accountId: string;
  readonly prompter: WizardPrompter;
  /** Default: this process's. */
  readonly env?: SetupRequest["env"];
}): Promise<Outcome> {
  const { cfg, accountId, prompter } = request;
  const connect = connectFor(cfg, accountId);
  for (;;) {
    const answers = await guide({ env: process.env, ...request, connect });
    const made = await make(prompter, answers, connect);
    if (made === undefined) continue;
    const { outcome, notes, chatToken } = made;
    if (notes.length > 0) await prompter.note(notes.join("\n"), "Gotify");
    if (chatToken !== undefined) {
      await prompter.note(
        `${chatToken}\n\nWrite to your agent by posting with it, for example:\n` +
          `curl "${outcome.serverUrl}/message" -H "X-Gotify-Key: <this token>" -F "message=hello"`,
        "The token you write with",
      );
    }
    return outcome;
  }
}

/** `undefined` when it did not work, and has been said: the questions come again. */
async function make(
  prompter: WizardPrompter,
  answers: Answers,
  connect: Connect,
): Promise<Provisioned | undefined> {
  const progress = prompter.progress("Setting up Gotify");
  try {
    const made = await provision(answers, connect);
    progress.stop("Gotify is set up.");
    return made;
  } catch (error) {
    progress.stop("Gotify could not be set up.");
    await prompter.note(errorText(error), "Gotify");
    const again = await prompter.confirm({ message: "Try again?", initialValue: true });
    if (again) return undefined;
    throw error;
  }
}
