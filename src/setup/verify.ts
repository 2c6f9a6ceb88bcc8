// Owns asking the server before `openclaw channels add` writes anything: does it answer, and are the tokens good.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../config/accounts.ts";
import { withSecrets } from "../config/command-secrets.ts";
import { errorText } from "../config/error-text.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { APPLICATION_NAME, provision } from "./provision.ts";
import { askServer, tokenProblem, usableApplications, type Connect } from "./server-facts.ts";
import { connectFor } from "./set-up.ts";
import { changeAccount } from "./written.ts";

export interface GivenInput {
  readonly serverUrl?: string | undefined;
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly chatApp?: string | undefined;
  readonly useEnv?: boolean | undefined;
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
): Promise<{ readonly appToken?: string }> {
  // As it would be written: what does not stay is not asked with.
  const changed = changeAccount(cfg, accountId, {
    serverUrl: input.serverUrl,
    isEnvironment: input.useEnv,
  });
  const readable = await withSecrets(changed, "openclaw channels add");
  const known = resolveAccount(readable, accountId);
  const { serverUrl } = known;
  if (serverUrl === undefined) {
    throw new Error("Say where your Gotify is: --server-url https://push.example.com.");
  }
  const isUnreadable =
    (input.appToken === undefined && known.appTokenStatus === "configured_unavailable") ||
    (input.clientToken === undefined && known.tokenStatus === "configured_unavailable");
  if (isUnreadable) throw refusal(known.problem ?? "A token cannot be read here.");
  const appToken = input.appToken ?? known.appToken;
  const clientToken = input.clientToken ?? known.clientToken;
  if (appToken === undefined && clientToken === undefined) {
    throw new Error(
      "Give a token: --client-token to receive and answer, or --app-token to only send. openclaw channels login --channel gotify makes them for you.",
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
  if (appToken !== undefined || clientToken === undefined) return {};
  return { appToken: await applicationToken(connect, serverUrl, clientToken) };
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
): Promise<string> {
  const client = connect({ serverUrl, clientToken });
  const applications = await usableApplications(client);
  const namesake = applications.find(({ name }) => name === APPLICATION_NAME);
  const known = namesake === undefined ? undefined : await client.findApplicationToken(namesake.id);
  if (known !== undefined) return known;
  const taken = new Set(applications.map(({ name }) => name));
  let name = APPLICATION_NAME;
  for (let count = 2; taken.has(name); count += 1) name = `${APPLICATION_NAME} ${count}`;
  const { outcome } = await provision(
    {
      serverUrl,
      access: { kind: "client-token", clientToken, application: { kind: "new", name } },
      chat: { kind: "later" },
      keepApart: false,
      testPush: false,
    },
    connect,
  );
  if (outcome.appToken === undefined) throw new GotifyConfigError("No application token was made.");
  return outcome.appToken;
}

function refusal(problem: string, cause?: unknown): Error {
  return new Error(`${problem} Nothing was written. To write it all the same, add --unverified.`, {
    cause,
  });
}
