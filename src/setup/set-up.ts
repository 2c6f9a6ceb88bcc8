// Owns a guided set-up from the first question to what is to be written.
import { hostname } from "node:os";
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
import {
  askForLeftovers,
  deleteLeftovers,
  findLeftovers,
  type Leftover,
  type Search,
} from "./leftover-clients.ts";
import { madeClients, type MadeClient, type MadeClients } from "./made-clients.ts";
import { movedSecrets } from "./moved-secrets.ts";
import { provision, type NewClient, type Provisioned, type ProvisionOptions } from "./provision.ts";
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

const STOPPED =
  "Stopped while Gotify was being set up. What was made so far stays on the server: the next login offers the applications, and deletes the client if Gotify had answered by then. If not, it is on Gotify's Clients page.";

export interface SetUp extends Provisioned {
  /** What it started from, with the secrets that can be had. */
  readonly cfg: OpenClawConfig;
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
  /** Default: this installation's. */
  readonly stateDir?: ProvisionOptions["stateDir"];
}): Promise<SetUp> {
  const { accountId, prompter, clients = madeClients() } = request;
  const cfg = await withSecrets(request.cfg, "openclaw channels login");
  const connect = connectFor(cfg, accountId);
  for (;;) {
    const answers = await guide({ env: process.env, ...request, cfg, connect });
    const { serverUrl } = answers;
    const search = searchFor(answers, { cfg, clients, client: connect({ serverUrl }) });
    const leftovers = await findAndAsk(prompter, search);
    const made = await make(prompter, answers, {
      connect,
      ...(request.stateDir && { stateDir: request.stateDir }),
      onClient: (client) => clients.note(justMade(serverUrl, client)),
    });
    if (made === undefined) continue;
    const { outcome, chatToken } = made;
    const deleted = search === undefined ? [] : await deleteLeftovers(search, leftovers);
    const notes = [...made.notes, ...deleted, ...movedSecrets(request.cfg, accountId, outcome)];
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
    return { ...made, cfg };
  }
}

/** Whoever has pasted a token has given no password, which deleting takes. */
function searchFor(
  { access, serverUrl }: Answers,
  known: Pick<Search, "cfg" | "clients" | "client">,
): Search | undefined {
  return access.kind === "login" ? { ...known, serverUrl, login: access.login } : undefined;
}

/** Before anything is made: whoever stops at the question leaves nothing behind. */
async function findAndAsk(
  prompter: WizardPrompter,
  search: Search | undefined,
): Promise<readonly Leftover[]> {
  if (search === undefined) return [];
  return askForLeftovers(prompter, await findLeftovers(search));
}

function justMade(serverUrl: string, { token, ...client }: NewClient): MadeClient {
  const key = credentialKey(serverUrl, token);
  const by = { sinceMs: Date.now(), pid: process.pid, host: hostname() };
  return { ...client, serverUrl, key, state: "made", ...by };
}

/** `undefined` when it did not work, and has been said: the questions come again. */
async function make(
  prompter: WizardPrompter,
  answers: Answers,
  options: ProvisionOptions,
): Promise<Provisioned | undefined> {
  const progress = prompter.progress("Setting up Gotify");
  try {
    const made = await sayingWhatStays(() => provision(answers, options));
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

/** Ctrl-C ends the process meanwhile: nothing can be taken back any more, but it can be said. */
async function sayingWhatStays<T>(work: () => Promise<T>): Promise<T> {
  process.on("exit", sayStopped);
  try {
    return await work();
  } finally {
    process.off("exit", sayStopped);
  }
}

function sayStopped(): void {
  process.stderr.write(`${STOPPED}\n`);
}
