// Owns a guided set-up from the first question to what is to be written.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { resolveAccount } from "../config/accounts.ts";
import { clientFor } from "../config/client.ts";
import { withSecrets } from "../config/command-secrets.ts";
import { NO_CONNECTION_OPTIONS } from "../config/connection.ts";
import { credentialKey } from "../config/credential-key.ts";
import { errorText } from "../config/error-text.ts";
import { parseServerUrl } from "../gotify/url.ts";
import type { Answers } from "./answers.ts";
import { guide } from "./guide.ts";
import { sweepLeftovers } from "./leftover-clients.ts";
import { madeClients, type MadeClient, type MadeClients } from "./made-clients.ts";
import { provision, type NewClient, type Provisioned } from "./provision.ts";
import type { Connect, SetupRequest } from "./server-facts.ts";

/**
 * Through whatever the configuration says of the connection: a private CA, a proxy's header. What proves who
 * we are goes to the account's own server only, whatever address is typed.
 */
export function connectFor(cfg: OpenClawConfig, accountId: string): Connect {
  const { connection, serverUrl: own } = resolveAccount(cfg, accountId);
  const { caFile, timeoutMs } = connection;
  return ({ serverUrl, ...tokens }) => {
    // An account that is on no server yet may be on its way behind a proxy.
    const isOwn =
      own === undefined ? accountId === "default" : own === parseServerUrl(serverUrl).href;
    return clientFor(
      {
        serverUrl,
        connection: isOwn ? connection : { ...NO_CONNECTION_OPTIONS, caFile, timeoutMs },
      },
      tokens,
    );
  };
}

/** Rejects when somebody stops it, and then nothing is left of it. */
export async function setUp(request: {
  readonly cfg: OpenClawConfig;
  readonly accountId: string;
  readonly prompter: WizardPrompter;
  /** Default: this process's. */
  readonly env?: SetupRequest["env"];
  /** Default: this installation's. */
  readonly clients?: MadeClients;
}): Promise<Provisioned> {
  const { accountId, prompter, clients = madeClients() } = request;
  const cfg = await withSecrets(request.cfg, "openclaw channels login");
  const connect = connectFor(cfg, accountId);
  for (;;) {
    const answers = await guide({ env: process.env, ...request, cfg, connect });
    const { serverUrl, access } = answers;
    const made = await make(prompter, answers, connect, (client) =>
      clients.note(justMade(serverUrl, client)),
    );
    if (made === undefined) continue;
    const { outcome, chatToken } = made;
    const { clientToken } = outcome;
    const swept =
      access.kind === "login"
        ? await sweepLeftovers({
            clients,
            cfg,
            serverUrl,
            login: access.login,
            client: connect({ serverUrl, clientToken }),
          })
        : [];
    const notes = [...made.notes, ...swept];
    if (notes.length > 0) await prompter.note(notes.join("\n"), "Gotify");
    if (chatToken !== undefined) {
      // In lines of our own: a terminal of 80 columns would break a long one inside a word of the command.
      await prompter.note(
        `${chatToken}\n\nWrite to your agent by posting with it, for example:\n` +
          `curl "${serverUrl}/message" \\\n` +
          '  -H "X-Gotify-Key: <this token>" -F "message=hello"',
        "The token you write with",
      );
    }
    return made;
  }
}

function justMade(serverUrl: string, { token, ...client }: NewClient): MadeClient {
  const key = credentialKey(serverUrl, token);
  return { ...client, serverUrl, key, state: "made", sinceMs: Date.now(), pid: process.pid };
}

/** `undefined` when it did not work, and has been said: the questions come again. */
async function make(
  prompter: WizardPrompter,
  answers: Answers,
  connect: Connect,
  onClient: (client: NewClient) => void,
): Promise<Provisioned | undefined> {
  const progress = prompter.progress("Setting up Gotify");
  try {
    const made = await provision(answers, connect, onClient);
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
