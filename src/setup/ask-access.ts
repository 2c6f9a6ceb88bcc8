// Owns how a set-up comes by tokens: a login that makes them, tokens that are there, or the environment.
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { resolveAccount } from "../config/accounts.ts";
import { isSameServer } from "../config/environment.ts";
import { errorText } from "../config/error-text.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { GotifyLogin } from "../gotify/call-options.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import { normalizeToken } from "../gotify/tokens.ts";
import type { Access } from "./answers.ts";
import { askForApplication } from "./ask-application.ts";
import {
  tokenProblem,
  usableApplications,
  type ServerFacts,
  type SetupRequest,
} from "./server-facts.ts";

export interface Accessed {
  readonly access: Access;
  /** Those of the user; `undefined` where only an app token is at hand, which cannot ask. */
  readonly applications: readonly GotifyApplication[] | undefined;
}

type Way = "login" | "tokens" | "environment";

const BY_HAND = [
  "1. Open Gotify in a browser and log in.",
  '2. On its Clients page create a client "OpenClaw", and copy its token.',
  "3. Paste it here: the application for the answers is made with it.",
].join("\n");

/** Asks until something works, or somebody stops it. */
export async function askAccess(
  request: SetupRequest,
  serverUrl: string,
  facts: ServerFacts,
): Promise<Accessed> {
  const { prompter } = request;
  for (;;) {
    const way = await askForWay(request, serverUrl);
    if (way === "environment") {
      const found = await fromEnvironment(request, serverUrl);
      if (found !== undefined) return found;
    } else if (way === "login") {
      const found = await byLogin(request, serverUrl, facts);
      if (found !== undefined) return found;
    } else {
      const found = await byTokens(prompter, request, serverUrl, facts);
      if (found !== undefined) return found;
    }
  }
}

async function askForWay(
  { prompter, accountId, env }: SetupRequest,
  serverUrl: string,
): Promise<Way> {
  const server = env["GOTIFY_SERVER_URL"]?.trim() ?? "";
  const hasEnvironment =
    accountId === "default" &&
    isSet(env["GOTIFY_APP_TOKEN"]) &&
    // The tokens of the environment are that server's, and are sent nowhere else.
    (server === "" || isSameServer(server, serverUrl));
  return prompter.select<Way>({
    message: "How does OpenClaw get in?",
    options: [
      {
        value: "login",
        label: "Log in once with user name and password",
        hint: "the password is not kept",
      },
      {
        value: "tokens",
        label: "Paste tokens",
        hint: "also where Gotify has no passwords, as with OIDC",
      },
      ...(hasEnvironment
        ? [
            {
              value: "environment" as const,
              label: "Use GOTIFY_APP_TOKEN and GOTIFY_CLIENT_TOKEN",
              hint: "they stay there",
            },
          ]
        : []),
    ],
    initialValue: hasEnvironment ? "environment" : "login",
  });
}

async function byLogin(
  request: SetupRequest,
  serverUrl: string,
  facts: ServerFacts,
): Promise<Accessed | undefined> {
  const { prompter, connect } = request;
  const user = await prompter.text({
    message: "Gotify user name",
    validate: (value) =>
      value === "" || value.includes(":")
        ? "A user name is not empty, and has no colon."
        : undefined,
  });
  const password = await prompter.text({
    message: "Password (used once, and not kept)",
    sensitive: true,
    validate: (value) => (value === "" ? "A password is needed." : undefined),
  });
  const login: GotifyLogin = { user, password };
  let applications: readonly GotifyApplication[];
  try {
    applications = await usableApplications(connect({ serverUrl }), { login });
  } catch (error) {
    const isRefused = error instanceof GotifyHttpError && error.status === 401;
    const hint = isRefused
      ? `\nWhere Gotify has no passwords (OIDC only), tokens are made by hand:\n${BY_HAND}`
      : "";
    await prompter.note(`${errorText(error)}${hint}`, "Gotify");
    return undefined;
  }
  const application = await askForApplication(
    prompter,
    applications,
    () => ({
      // Gotify 3 does not show the one it has.
      hint: facts.isV3 ? "gets a new token: the old one stops working" : "its token is used",
    }),
    await keptToken(request, serverUrl, user),
  );
  return { access: { kind: "login", login, application }, applications };
}

/**
 * The app token of an account that works, with the same user on the same server. With another one Gotify 3
 * would stop it at once, and a set-up that is left before its end would leave an account that cannot post.
 */
async function keptToken(
  { cfg, accountId, connect }: SetupRequest,
  serverUrl: string,
  user: string,
): Promise<string | undefined> {
  const account = resolveAccount(cfg, accountId);
  const { appToken, clientToken } = account;
  if (account.serverUrl !== serverUrl || clientToken === undefined) return undefined;
  if (appToken === undefined || account.problem !== undefined) return undefined;
  const client = connect({ serverUrl, appToken, clientToken });
  const problem = await tokenProblem(client, { appToken: true, clientToken: true });
  if (problem !== undefined) return undefined;
  // Offered or not: whatever goes wrong here is no reason to end the questions.
  const owner = await client.currentUser().catch(() => undefined);
  return owner?.name === user ? appToken : undefined;
}

async function byTokens(
  prompter: WizardPrompter,
  { connect }: SetupRequest,
  serverUrl: string,
  facts: ServerFacts,
): Promise<Accessed | undefined> {
  await prompter.note(BY_HAND, "Tokens by hand");
  const clientToken = await askForToken(
    prompter,
    "Token of a client, to receive messages (empty: only send)",
  );
  const appToken = await askForToken(
    prompter,
    clientToken === undefined
      ? "Token of the application that posts the answers"
      : "Token of the application that posts the answers (empty: make or choose one)",
    clientToken === undefined,
  );
  const client = connect({ serverUrl, appToken, clientToken });
  const given = { appToken: appToken !== undefined, clientToken: clientToken !== undefined };
  const problem = await tokenProblem(client, given);
  if (problem !== undefined) {
    await prompter.note(problem, "Gotify");
    return undefined;
  }
  const applications = given.clientToken ? await usableApplications(client) : undefined;
  if (appToken !== undefined) {
    return {
      access: { kind: "tokens", appToken, clientToken, isEnvironment: false },
      applications,
    };
  }
  if (clientToken === undefined || applications === undefined) return undefined;
  const application = await askForApplication(prompter, applications, () =>
    facts.isV3 ? undefined : { hint: "its token is used" },
  );
  return { access: { kind: "client-token", clientToken, application }, applications };
}

async function fromEnvironment(
  { prompter, connect, env }: SetupRequest,
  serverUrl: string,
): Promise<Accessed | undefined> {
  const appToken = env["GOTIFY_APP_TOKEN"]?.trim() ?? "";
  const clientToken = isSet(env["GOTIFY_CLIENT_TOKEN"])
    ? env["GOTIFY_CLIENT_TOKEN"]?.trim()
    : undefined;
  const client = connect({ serverUrl, appToken, clientToken });
  const hasClient = clientToken !== undefined;
  const problem = await tokenProblem(client, { appToken: true, clientToken: hasClient });
  if (problem !== undefined) {
    await prompter.note(problem, "Gotify");
    return undefined;
  }
  return {
    access: { kind: "tokens", appToken, clientToken, isEnvironment: true },
    applications: hasClient ? await usableApplications(client) : undefined,
  };
}

async function askForToken(
  prompter: WizardPrompter,
  message: string,
  isNeeded = false,
): Promise<string | undefined> {
  const text = await prompter.text({
    message,
    sensitive: true,
    validate(value) {
      if (value.trim() === "") return isNeeded ? "A token is needed." : undefined;
      try {
        normalizeToken(value, "token");
        return undefined;
      } catch (error) {
        return errorText(error);
      }
    },
  });
  return text.trim() === "" ? undefined : text.trim();
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}
