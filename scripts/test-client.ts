// Owns `npm run test:client`: its options, the account it walks, and the line it prints for each step.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { styleText, parseArgs } from "node:util";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { getRuntimeConfig } from "openclaw/plugin-sdk/runtime-config-snapshot";
import { resolveStateDir } from "openclaw/plugin-sdk/state-paths";
import { listAccountIds, normalizeAccountId } from "../src/config/account-ids.ts";
import { resolveAccount } from "../src/config/accounts.ts";
import { withSecrets } from "../src/config/command-secrets.ts";
import { installId } from "../src/config/install-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../src/config/types.ts";
import { oneLine, say } from "./demo-terminal.ts";
import { walk, type Step } from "./test-client-walk.ts";

const USAGE = `npm run test:client [-- options]

Posts one message through a Gotify account, receives it, finds it in the list and deletes it.

  --account <id>          an account of channels.gotify in your OpenClaw configuration (default: its default account)
  --server-url <url>      a server, in place of the configuration
  --app-token <token>     token of an application on it
  --client-token <token>  token of a client on it
  --app <id>              application to post to where there is no application's token (Gotify 3)
  --timeout <s>           how long one step may take (default 10)

  GOTIFY_SERVER_URL, GOTIFY_APP_TOKEN and GOTIFY_CLIENT_TOKEN stand in for what is not said otherwise;
  they are the better place for a token, because other users of the machine see the command line.

A Gateway on this machine takes the message for one of its own and leaves it alone; one elsewhere may answer it.
Exit code: 0 when all that was tried works, 1 when something does not, 2 for a wrong option.`;

const DEFAULT_TIMEOUT_SECONDS = "10";
const MAX_TIMEOUT_SECONDS = 3_600;
const STATE_WIDTH = 7;
const NAME_WIDTH = 13;
const COLOURS = { ok: "green", failed: "red", skipped: "yellow" } as const;

interface Options {
  readonly account: string | undefined;
  /** What the command line says in place of the configuration; `undefined` where it says nothing. */
  readonly server: Readonly<Record<string, string>> | undefined;
  readonly appId: number | undefined;
  readonly timeoutMs: number;
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

async function main(signal: AbortSignal): Promise<number> {
  const options = readOptions(process.argv.slice(3));
  if (options === undefined) {
    say(USAGE);
    return 0;
  }
  const account = await findAccount(options);
  if ("problem" in account) {
    print({ name: "configuration", state: "failed", detail: account.problem });
    return 1;
  }
  const { accountId, serverUrl = "" } = account.resolved;
  print({
    name: "configuration",
    state: "ok",
    detail: `account ${accountId} on ${serverUrl}`,
  });
  const stampedBy = installationHere();
  const { appId, timeoutMs } = options;
  const results = walk(account.resolved, { appId, timeoutMs, stampedBy, signal });
  let works = true;
  for await (const step of results) {
    print(step);
    works &&= step.state !== "failed";
  }
  return works ? 0 : 1;
}

/** @returns `undefined` when help is asked for. */
function readOptions(args: string[]): Options | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new UsageError(`--timeout takes seconds, not "${values.timeout}"`);
  }
  if (values.app !== undefined && !/^[1-9]\d{0,14}$/.test(values.app)) {
    throw new UsageError(`--app takes the id of an application, not "${values.app}"`);
  }
  const server = Object.entries({
    serverUrl: values["server-url"],
    appToken: values["app-token"],
    clientToken: values["client-token"],
  }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  if (server.length > 0 && values.account !== undefined) {
    throw new UsageError("--account names what is in the configuration, the others replace it");
  }
  return {
    account: values.account,
    server: server.length === 0 ? undefined : Object.fromEntries(server),
    appId: values.app === undefined ? undefined : Number(values.app),
    timeoutMs: seconds * 1000,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        account: { type: "string" },
        "server-url": { type: "string" },
        "app-token": { type: "string" },
        "client-token": { type: "string" },
        app: { type: "string" },
        timeout: { type: "string", default: DEFAULT_TIMEOUT_SECONDS },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    // The first sentence: the next one explains how to pass what looks like an option.
    const [sentence = ""] = oneLine(error).split(/\.(?:\s|$)/, 1);
    throw new UsageError(sentence, { cause: error });
  }
}

async function findAccount({
  account,
  server,
  appId,
}: Options): Promise<{ resolved: ResolvedAccount } | { problem: string }> {
  const cfg =
    server === undefined
      ? await withSecrets(readConfiguration(), "npm run test:client")
      : { channels: { [CHANNEL_ID]: server } };
  const known = listAccountIds(cfg);
  if (account !== undefined && !known.includes(normalizeAccountId(account))) {
    const ids = known.join(", ") || "none";
    return { problem: `There is no Gotify account "${account}". Configured: ${ids}.` };
  }
  const resolved = resolveAccount(cfg, account);
  const { problem, serverUrl, clientToken, appTokenStatus } = resolved;
  const mayPost = appId !== undefined && clientToken !== undefined && appTokenStatus === "missing";
  return problem === undefined || (mayPost && serverUrl !== undefined) ? { resolved } : { problem };
}

/** The host's own, wherever OPENCLAW_STATE_DIR and OPENCLAW_CONFIG_PATH say that it is. */
function readConfiguration(): OpenClawConfig {
  return getRuntimeConfig();
}

/** The id that this machine's Gateway stamps its posts with. Only looked at: a test client makes no files. */
function installationHere(): string | undefined {
  const stateDir = resolveStateDir();
  return existsSync(join(stateDir, CHANNEL_ID, "install-id")) ? installId(stateDir) : undefined;
}

function print({ name, state, detail }: Step): void {
  const label = styleText(COLOURS[state], state.padEnd(STATE_WIDTH));
  say(`${label}  ${name.padEnd(NAME_WIDTH)}  ${detail}`);
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => stop.abort(new Error("Stopped.")));
}
try {
  process.exitCode = await main(stop.signal);
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (isUsage) process.stderr.write(`${error.message} (npm run test:client -- --help)\n`);
  else print({ name: "configuration", state: "failed", detail: oneLine(error) });
  process.exitCode = isUsage ? 2 : 1;
}
// What the host's library left open must not hold the terminal.
setTimeout(() => process.exit(), 1000).unref();
