// Owns the Gotify side of the demo: the built-in emulator, or the user's server with what the demo needs there.
import { GotifyClient, isGotifyError, type GotifyLogin } from "../src/gotify/index.ts";
import { startEmulator } from "../test/emulator/index.ts";
import { DemoError, oneLine } from "./demo-terminal.ts";

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
  if (user && pass) tokens = await createTokens(client, { user, password: pass }, signal);
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

/** With user and password: an application and a client of the demo's own, removed at the end. */
async function createTokens(
  visitor: GotifyClient,
  login: GotifyLogin,
  signal: AbortSignal,
): Promise<Tokens> {
  const server = visitor.server.href;
  const made: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const remove of made.toReversed()) {
      await remove().catch((error: unknown) => {
        throw new DemoError(
          `"${DEMO_NAME}" is still at ${server}; delete it there. ${oneLine(error)}`,
        );
      });
    }
  };
  try {
    // Without the signal: what was begun must be known, or it could not be removed.
    const reader = await visitor.createClient({ name: DEMO_NAME }, { login }).catch(whoseLogin);
    made.push(() => visitor.deleteClient(reader.client.id, { login }));
    const manager = new GotifyClient({ serverUrl: server, clientToken: reader.token });
    const created = await manager.createApplication({ name: DEMO_NAME, defaultPriority: 5 });
    made.push(() => visitor.deleteApplication(created.application.id, { login }));
    signal.throwIfAborted();
    return {
      appId: created.application.id,
      appToken: created.token,
      clientToken: reader.token,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The library knows that a login failed, but not where the user wrote it down. */
function whoseLogin(error: unknown): never {
  const refused = isGotifyError(error) && error.code === "GOTIFY_UNAUTHORIZED";
  throw refused ? new DemoError(`${error.message} Check GOTIFY_USER and GOTIFY_PASS.`) : error;
}
