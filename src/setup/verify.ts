// Owns asking the server before `openclaw channels add` writes anything: does it answer, and are the tokens good.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../config/accounts.ts";
import { errorText } from "../config/error-text.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { APPLICATION_NAME, provision } from "./provision.ts";
import { askServer, tokenProblem, usableApplications, type Connect } from "./server-facts.ts";
import { connectFor } from "./set-up.ts";

export interface GivenInput {
  readonly serverUrl?: string | undefined;
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly chatApp?: string | undefined;
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
  const known = resolveAccount(cfg, accountId);
  const serverUrl = input.serverUrl ?? known.serverUrl;
  if (serverUrl === undefined) {
    throw new Error("Say where your Gotify is: --server-url https://push.example.com.");
  }
  // On another server, tokens that were there mean nothing.
  const isSame =
    input.serverUrl === undefined || known.serverUrl === parseServerUrl(input.serverUrl).href;
  const appToken = input.appToken ?? (isSame ? known.appToken : undefined);
  const clientToken = input.clientToken ?? (isSame ? known.clientToken : undefined);
  if (appToken === undefined && clientToken === undefined) {
    throw new Error(
      "Give a token: --client-token to receive and answer, or --app-token to only send. openclaw channels login --channel gotify makes them for you.",
    );
  }
  const connect = connectFor(cfg, accountId);
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
  const namesake = (await usableApplications(client)).find(({ name }) => name === APPLICATION_NAME);
  const { outcome } = await provision(
    {
      serverUrl,
      access: {
        kind: "client-token",
        clientToken,
        application:
          namesake === undefined
            ? { kind: "new", name: APPLICATION_NAME }
            : { kind: "existing", id: namesake.id, name: namesake.name },
      },
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
