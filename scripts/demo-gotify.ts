// Owns the Gotify side of the demo: the built-in emulator, or the user's server with what the demo needs there.
import { z } from "zod";
import { GotifyClient } from "../src/gotify/index.ts";
import { startEmulator } from "../test/emulator/index.ts";
import { DemoError } from "./demo-terminal.ts";

/** The name of what the demo creates on a server. */
const DEMO_NAME = "OpenClaw demo";
const EMULATOR_LOGIN = "admin";
const CALL_TIMEOUT_MS = 10_000;

export type DemoGotify = {
  url: string;
  /** What it is, for the reader: `emulator, Gotify 3.0.0`. */
  label: string;
  /** How to sign in at `url`; undefined where the user knows. */
  signIn: string | undefined;
  /** One application for both sides, so that it reads like a chat. */
  appId: number;
  appToken: string;
  clientToken: string;
  client: GotifyClient;
  /** Removes what the demo made. Rejects with what the user has to remove by hand. */
  close: () => Promise<void>;
};

type Tokens = Pick<DemoGotify, "appId" | "appToken" | "clientToken" | "close">;

export async function openGotify(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<DemoGotify> {
  const { GOTIFY_URL: url, GOTIFY_USER: user, GOTIFY_PASS: pass } = env;
  const { GOTIFY_APP_TOKEN: appToken, GOTIFY_CLIENT_TOKEN: clientToken } = env;
  if (!url) return openEmulator();

  // Fails in the words of the client: not a URL, not reachable, not Gotify.
  const client = new GotifyClient({ serverUrl: url, timeoutMs: CALL_TIMEOUT_MS });
  const { version } = await client.version({ signal });
  const server = client.server.href;
  let tokens: Tokens;
  if (user && pass) tokens = await createTokens(server, { user, pass }, signal);
  else if (appToken && clientToken)
    tokens = await checkTokens(server, { appToken, clientToken }, signal);
  else {
    throw new DemoError(
      "GOTIFY_URL is set, but not how to sign in there. Set GOTIFY_USER and GOTIFY_PASS, or GOTIFY_CLIENT_TOKEN and GOTIFY_APP_TOKEN.",
    );
  }
  return {
    ...tokens,
    url: server,
    label: `your server, Gotify ${version}`,
    signIn: undefined,
    client: clientFor(server, tokens),
  };
}

async function openEmulator(): Promise<DemoGotify> {
  const emulator = await startEmulator({ user: EMULATOR_LOGIN, password: EMULATOR_LOGIN });
  const application = emulator.createApplication(DEMO_NAME);
  const reader = emulator.createClient(DEMO_NAME);
  const tokens = { appId: application.id, appToken: application.token, clientToken: reader.token };
  const client = clientFor(emulator.url, tokens);
  const { version } = await client.version();
  return {
    ...tokens,
    url: emulator.url,
    label: `emulator, Gotify ${version}`,
    signIn: `${EMULATOR_LOGIN} / ${EMULATOR_LOGIN}`,
    client,
    close: () => emulator.stop(),
  };
}

function clientFor(
  serverUrl: string,
  tokens: Pick<Tokens, "appToken" | "clientToken">,
): GotifyClient {
  const { appToken, clientToken } = tokens;
  return new GotifyClient({ serverUrl, appToken, clientToken, timeoutMs: CALL_TIMEOUT_MS });
}

/** With tokens of the user: nothing is created, only the application's id has to be found out. */
async function checkTokens(
  server: string,
  tokens: { appToken: string; clientToken: string },
  signal: AbortSignal,
): Promise<Tokens> {
  const client = clientFor(server, tokens);
  for (const [name, kind, probe] of [
    ["GOTIFY_CLIENT_TOKEN", "a client", await client.probeClientToken({ signal })],
    ["GOTIFY_APP_TOKEN", "an application", await client.probeAppToken({ signal })],
  ] as const) {
    if (probe.status === "wrong-kind") {
      throw new DemoError(`${name} is not the token of ${kind}. Are the two tokens mixed up?`);
    }
    if (probe.status === "invalid") throw new DemoError(`${name}: ${probe.error.message}`);
  }
  // A token does not tell whose it is; a message does. This one is silent and removed at once.
  const probe = await client.sendMessage(
    { message: `${DEMO_NAME} is starting.`, priority: 0 },
    { signal },
  );
  await client.deleteMessage(probe.id).catch(() => {
    throw new DemoError(
      "GOTIFY_CLIENT_TOKEN and GOTIFY_APP_TOKEN belong to different users. Take both from the same one.",
    );
  });
  return { ...tokens, appId: probe.appId, close: () => Promise.resolve() };
}

const Created = z.object({ id: z.number(), token: z.string() });
type Login = { user: string; pass: string };

/** With user and password: an application and a client of the demo's own, removed at the end. */
async function createTokens(server: string, login: Login, signal: AbortSignal): Promise<Tokens> {
  const made: string[] = [];
  const close = async (): Promise<void> => {
    for (const path of made.toReversed()) {
      await callWithPassword(server, login, "DELETE", path).catch((error: unknown) => {
        const reason = error instanceof DemoError ? error.message : "The server does not answer.";
        throw new DemoError(`"${DEMO_NAME}" is still at ${server}; delete it there. ${reason}`);
      });
    }
  };
  const create = async (kind: "application" | "client"): Promise<z.infer<typeof Created>> => {
    const body = await callWithPassword(server, login, "POST", `/${kind}`, { name: DEMO_NAME });
    const created = Created.parse(body);
    made.push(`/${kind}/${created.id}`);
    return created;
  };
  try {
    const reader = await create("client");
    const application = await create("application");
    signal.throwIfAborted();
    return { appId: application.id, appToken: application.token, clientToken: reader.token, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function callWithPassword(
  server: string,
  { user, pass }: Login,
  method: "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${server}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${pass}`).toString("base64")}`,
      "content-type": "application/json",
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    // A password goes to the address that was given, and nowhere else.
    redirect: "manual",
    // Not the demo's own signal: what was begun must be known, or it could not be removed.
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.status === 401) {
    throw new DemoError(
      `Gotify at ${server} does not accept GOTIFY_USER with GOTIFY_PASS (401). Check both; if local sign-in is switched off there, use GOTIFY_CLIENT_TOKEN and GOTIFY_APP_TOKEN.`,
    );
  }
  if (!response.ok) {
    throw new DemoError(
      `Gotify at ${server} answered ${response.status} to ${method} ${path}. Look into its log.`,
    );
  }
  const answer: unknown = text === "" ? undefined : JSON.parse(text);
  return answer;
}
