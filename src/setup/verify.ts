// Owns asking the server before `openclaw channels add` writes anything: does it answer, and are the tokens good.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { ownConfig } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { withSecrets } from "../config/command-secrets.ts";
import { hasOwnToken } from "../config/credential.ts";
import { CONFIGURED_STATE, type Environment } from "../config/environment.ts";
import { errorText } from "../config/error-text.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asObject } from "../gotify/parse.ts";
import { APPLICATION_NAME, provision } from "./provision.ts";
import { askServer, tokenProblem, usableApplications, type Connect } from "./server-facts.ts";
import { connectFor } from "./set-up.ts";
import { changeAccount, isAtRoot } from "./written.ts";

export interface GivenInput {
  readonly serverUrl?: string | undefined;
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly chatApp?: string | undefined;
  readonly useEnv?: boolean | undefined;
}

export interface Verified {
  readonly appToken?: string;
  /** What was made on the server, as lines for people. */
  readonly notes: readonly string[];
}

/**
 * What has to be written besides: the token of an application that is made, where only a client's was given.
 *
 * @throws {Error} with one line that says what does not work, and what to do.
 */
export async function verifyInput(
  cfg: OpenClawConfig,
  accountId: string,
  input: GivenInput,
  env: Environment = process.env,
): Promise<Verified> {
  // As it would be written: what does not stay is not asked with.
  const changed = changeAccount(cfg, accountId, {
    serverUrl: input.serverUrl,
    isEnvironment: input.useEnv,
  });
  const readable = await withSecrets(changed, "openclaw channels add");
  const known = resolveAccount(readable, accountId);
  const { serverUrl } = known;
  if (input.useEnv === true) assertEnvironment(env);
  if (serverUrl === undefined) {
    throw new Error("Say where your Gotify is: --server-url https://push.example.com.");
  }
  const isUnreadable =
    (input.appToken === undefined && known.appTokenStatus === "configured_unavailable") ||
    (input.clientToken === undefined && known.tokenStatus === "configured_unavailable");
  if (isUnreadable) throw refusal(known.problem ?? "A token cannot be read here.");
  // The root's application may be another user's than the client that is given for this account alone.
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const isInherited =
    !isAtRoot(section, accountId) && !hasOwnToken(ownConfig(section, accountId), "appToken");
  const isOthers = isInherited && input.clientToken !== undefined;
  const appToken = input.appToken ?? (isOthers ? undefined : known.appToken);
  const clientToken = input.clientToken ?? known.clientToken;
  if (appToken === undefined && clientToken === undefined) {
    // Without a colon before a flag: the host would take what follows for a secret, and mask it.
    throw new Error(
      "No token is given. Add --client-token to receive and answer, or --app-token to only send; openclaw channels login --channel gotify makes both for you.",
    );
  }
  const connect = connectFor(readable, accountId);
  const client = connect({ serverUrl, appToken, clientToken });
  const given = { appToken: appToken !== undefined, clientToken: clientToken !== undefined };
  try {
    await askServer(client);
  } catch (error) {
    throw refusal(errorText(error), error);
  }
  const problem =
    (await tokenProblem(client, given)) ??
    (given.clientToken ? await chatProblem(client, input.chatApp) : undefined);
  if (problem !== undefined) throw refusal(problem);
  const wouldBe = resolveAccount(
    changeAccount(readable, accountId, {
      serverUrl: input.serverUrl,
      isEnvironment: input.useEnv,
      appToken: appToken ?? "A-to-be-made",
      clientToken: input.clientToken,
    }),
    accountId,
  );
  if (wouldBe.problem !== undefined) throw refusal(wouldBe.problem);
  if (appToken !== undefined || clientToken === undefined) return { notes: [] };
  return await applicationToken(connect, serverUrl, clientToken);
}

/** @throws {Error} that names the variables that are not there: nothing else may be given with --use-env. */
function assertEnvironment(env: Environment): void {
  const missing = CONFIGURED_STATE.env.allOf.filter((name) => (env[name]?.trim() ?? "") === "");
  if (missing.length === 0) return;
  throw new Error(
    `--use-env reads the environment, and ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set there. Set them, for the Gateway as well, e.g. in ~/.openclaw/.env.`,
  );
}

async function chatProblem(
  client: ReturnType<Connect>,
  chatApp: string | undefined,
): Promise<string | undefined> {
  if (chatApp === undefined) return undefined;
  const applications = await usableApplications(client);
  if (applications.some(({ id }) => String(id) === chatApp.trim())) return undefined;
  const known = applications.map(({ id, name }) => `${id} (${name})`).join(", ");
  return `--chat-app ${chatApp}: the user of this client token has no such application. There ${known === "" ? "is none" : `is ${known}`}.`;
}

/** Of the application for the answers: the one of that name where Gotify shows its token, else a new one. */
async function applicationToken(
  connect: Connect,
  serverUrl: string,
  clientToken: string,
): Promise<Verified> {
  const client = connect({ serverUrl, clientToken });
  const applications = await usableApplications(client);
  const namesake = applications.find(({ name }) => name === APPLICATION_NAME);
  const known = namesake === undefined ? undefined : await client.findApplicationToken(namesake.id);
  if (known !== undefined) return { appToken: known, notes: [] };
  const taken = new Set(applications.map(({ name }) => name));
  let name = APPLICATION_NAME;
  for (let count = 2; taken.has(name); count += 1) name = `${APPLICATION_NAME} ${count}`;
  const { outcome, notes } = await provision(
    {
      serverUrl,
      access: { kind: "client-token", clientToken, application: { kind: "new", name } },
      chat: { kind: "later" },
      keepApart: false,
      testPush: false,
    },
    { connect },
  );
  if (outcome.appToken === undefined) throw new GotifyConfigError("No application token was made.");
  return { appToken: outcome.appToken, notes };
}

function refusal(problem: string, cause?: unknown): Error {
  return new Error(`${problem} Nothing was written. To write it all the same, add --unverified.`, {
    cause,
  });
}
