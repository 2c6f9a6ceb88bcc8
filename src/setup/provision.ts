// Owns making what a set-up needs on the server, after the last question: all of it, or nothing that stays.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolveStateDir } from "openclaw/plugin-sdk/state-paths";
import { errorText } from "../config/error-text.ts";
import { installId } from "../config/install-id.ts";
import type { ElevatedCallOptions } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { stampExtras } from "../gotify/delivery-stamp.ts";
import { classifySendFailure, GotifyConfigError } from "../gotify/errors.ts";
import type { Access, Answers, Outcome } from "./answers.ts";
import type { Connect } from "./server-facts.ts";

const CLIENT_NAME = "OpenClaw";
export const APPLICATION_NAME = "OpenClaw";
const APPLICATION_DESCRIPTION = "Answers of your OpenClaw agents";
const CHAT_DESCRIPTION = "What you write to your OpenClaw agents";
/** Gotify's own default is 0, which no phone shows. */
const DEFAULT_PRIORITY = 5;
/** Gotify takes its time to check a password. */
const CALL_TIMEOUT_MS = 15_000;
const CLEAN_UP_MS = 5_000;
const ICON = new URL("../../assets/icon.png", import.meta.url);

export interface Provisioned {
  readonly outcome: Outcome;
  /** The new chat application's token, where it was asked for. */
  readonly chatToken: string | undefined;
  /** Lines for people: what was made, and what did not work and does not matter. */
  readonly notes: readonly string[];
  /** Removes what was made. Resolves with what a person has to look to. */
  readonly undo: () => Promise<readonly string[]>;
}

/** What was made, newest first, and how it goes again. */
interface Made {
  readonly what: string;
  readonly undo: () => Promise<void>;
}

/** A client that was made, with the only sight of its token. */
export interface NewClient {
  readonly user: string;
  readonly id: number;
  readonly name: string;
  readonly token: string;
  /** When it was made and first used, by the server's clock; where the server has told. */
  readonly serverMs: number | undefined;
}

export interface ProvisionOptions {
  readonly connect: Connect;
  /** Default: this installation's. */
  readonly stateDir?: () => string;
  /** Told of the client at once: whatever stops the process leaves it on the server. */
  readonly onClient?: (client: NewClient) => void;
}

/**
 * Makes the client and the applications that the answers ask for, and removes them again when one of them
 * cannot be made.
 *
 * @throws what the calls throw, with a line for whatever could not be removed.
 */
export async function provision(answers: Answers, options: ProvisionOptions): Promise<Provisioned> {
  const { connect, stateDir = resolveStateDir, onClient = () => {} } = options;
  const all: Made[] = [];
  const notes: string[] = [];
  const at: Making = { answers, connect, onClient, notes, made: (one) => void all.unshift(one) };
  const undo = async (): Promise<readonly string[]> => {
    const left: string[] = [];
    for (const one of all) await one.undo().catch(() => left.push(one.what));
    return left;
  };
  const { serverUrl, keepApart, access } = answers;
  try {
    const clientToken = await clientTokenOf(at);
    const application = await applicationOf(at, clientToken);
    const chat = await chatOf(at, clientToken, application.id);
    // Last of all: the old token is gone for good.
    const appToken = application.token ?? (await replaceToken(at, application, clientToken));
    if (answers.testPush) {
      notes.push(await testPush(connect({ serverUrl, appToken, clientToken }), stateDir));
    }
    const isKept = access.kind !== "tokens" && access.application.kind === "kept";
    const isWritten = access.kind !== "tokens" || !access.isEnvironment;
    return {
      outcome: {
        serverUrl,
        appToken: isWritten && !isKept ? appToken : undefined,
        keepsAppToken: isKept,
        clientToken: isWritten ? clientToken : undefined,
        chatAppId: chat.id,
        keepApart,
      },
      chatToken: chat.token,
      notes,
      undo,
    };
  } catch (error) {
    throw withLeftOver(error, await undo());
  }
}

/** The error, with what it leaves behind for a person to remove. */
export function withLeftOver(error: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return error;
  return new Error(`${errorText(error)} Look to this by hand in Gotify: ${left.join("; ")}.`, {
    cause: error,
  });
}

interface Making {
  readonly answers: Answers;
  readonly connect: Connect;
  readonly onClient: (client: NewClient) => void;
  readonly notes: string[];
  readonly made: (one: Made) => void;
}

async function clientTokenOf({
  answers,
  connect,
  onClient,
  notes,
  made,
}: Making): Promise<string | undefined> {
  const { serverUrl, access } = answers;
  if (access.kind !== "login") return access.clientToken;
  const nobody = connect({ serverUrl });
  const { login } = access;
  const { client, token } = await named("client", CLIENT_NAME, () =>
    nobody.createClient({ name: CLIENT_NAME }, { login, timeoutMs: CALL_TIMEOUT_MS }),
  );
  const { id, name, createdAt } = client;
  const told = { user: login.user, id, name, token, serverMs: createdAt?.getTime() };
  onClient(told);
  made({
    what: `delete the client "${name}" (${id})`,
    undo: () => nobody.deleteClient(id, { login, timeoutMs: CLEAN_UP_MS }),
  });
  const reader = connect({ serverUrl, clientToken: token });
  await tryClient(reader, id, login.user);
  if (createdAt === undefined) onClient({ ...told, serverMs: await firstUse(reader, id) });
  notes.push(`Created the client "${name}", which receives messages.`);
  return token;
}

/** Before the token is written: nothing else may use it until the Gateway does. */
async function tryClient(reader: GotifyClient, id: number, user: string): Promise<void> {
  const { name, clientId } = await reader.currentUser({ timeoutMs: CALL_TIMEOUT_MS });
  // A database may take a user's name in capitals as well.
  const isOwn =
    clientId === undefined ? name.toLowerCase() === user.toLowerCase() : clientId === id;
  if (isOwn) return;
  throw new GotifyConfigError(
    `The token of the new client is taken for somebody else's (${name}). Something in front of Gotify answers in its place, or puts in credentials of its own: try its address without that.`,
  );
}

/** Gotify 2 does not tell when a client was made, and 2.4 and later when it was used. */
async function firstUse(reader: GotifyClient, id: number): Promise<number | undefined> {
  try {
    const listed = await reader.listClients({ timeoutMs: CALL_TIMEOUT_MS });
    return listed.find((entry) => entry.id === id)?.lastUsed?.getTime();
  } catch {
    // Then a person is asked before it is ever deleted.
    return undefined;
  }
}

/** Without a token where Gotify does not show it again. */
async function applicationOf(
  at: Making,
  clientToken: string | undefined,
): Promise<{
  readonly id: number;
  readonly name: string;
  readonly token: string | undefined;
}> {
  const { answers, connect, notes } = at;
  const { access, serverUrl } = answers;
  if (access.kind === "tokens") return { id: 0, name: "", token: access.appToken };
  const { application: choice } = access;
  if (choice.kind === "kept") return { id: 0, name: "", token: choice.appToken };
  const client = connect({ serverUrl, clientToken });
  if (choice.kind === "existing") {
    const token = await client.findApplicationToken(choice.id, { timeoutMs: CALL_TIMEOUT_MS });
    if (token === undefined && access.kind !== "login") {
      throw new GotifyConfigError(
        `Gotify 3 does not show the token of "${choice.name}" again. Take another name, or paste its token.`,
      );
    }
    return { id: choice.id, name: choice.name, token };
  }
  const description = APPLICATION_DESCRIPTION;
  const created = await create(at, client, { name: choice.name, description });
  notes.push(`Created the application "${choice.name}", which posts the answers.`);
  await setIcon(client, created.id, notes);
  return { ...created, name: choice.name };
}

async function replaceToken(
  { answers, connect, notes, made }: Making,
  { id, name }: { readonly id: number; readonly name: string },
  clientToken: string | undefined,
): Promise<string> {
  const client = connect({ serverUrl: answers.serverUrl, clientToken });
  const token = await client.rotateApplicationToken(id, {
    ...elevatedBy(answers.access),
    timeoutMs: CALL_TIMEOUT_MS,
  });
  const line = `application "${name}" (${id}) has a new token; what posts with the old one needs it`;
  made({ what: line, undo: () => Promise.reject(new Error("A token does not come back.")) });
  notes.push(`The ${line}.`);
  return token;
}

async function chatOf(
  at: Making,
  clientToken: string | undefined,
  ownAppId: number,
): Promise<{ readonly id: number | undefined; readonly token: string | undefined }> {
  const { answers, connect, notes } = at;
  const { chat, serverUrl } = answers;
  if (chat.kind === "later") return { id: undefined, token: undefined };
  if (chat.kind === "existing") return { id: chat.id, token: undefined };
  if (chat.kind === "own") return { id: ownAppId, token: undefined };
  const client = connect({ serverUrl, clientToken });
  const settings = { name: chat.name, description: CHAT_DESCRIPTION };
  const { id, token } = await create(at, client, settings);
  notes.push(`Created the application "${chat.name}" (${id}), which you write with.`);
  return { id, token: chat.showToken ? token : undefined };
}

async function create(
  { answers, made }: Making,
  client: GotifyClient,
  settings: { readonly name: string; readonly description: string },
): Promise<{ readonly id: number; readonly token: string }> {
  const { application, token } = await named("application", settings.name, () =>
    client.createApplication(
      { ...settings, defaultPriority: DEFAULT_PRIORITY },
      { timeoutMs: CALL_TIMEOUT_MS },
    ),
  );
  const elevated = elevatedBy(answers.access);
  made({
    what: `delete the application "${application.name}" (${application.id})`,
    undo: () => client.deleteApplication(application.id, { ...elevated, timeoutMs: CLEAN_UP_MS }),
  });
  return { id: application.id, token };
}

/** Says what to look for when nobody knows whether it was made. */
async function named<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (classifySendFailure(error) !== "unknown") throw error;
    throw withLeftOver(error, [`the ${what} "${name}" may have been made all the same`]);
  }
}

function elevatedBy(access: Access): ElevatedCallOptions {
  return access.kind === "login" ? { login: access.login } : {};
}

/** Nice to have: a server that takes no picture is no reason to have no channel. */
async function setIcon(client: GotifyClient, id: number, notes: string[]): Promise<void> {
  try {
    const data = await readFile(ICON);
    const image = { data, fileName: "openclaw.png" };
    await client.uploadApplicationImage(id, image, { timeoutMs: CALL_TIMEOUT_MS });
  } catch (error) {
    notes.push(`It has no icon: ${errorText(error)}`);
  }
}

/** Carries our stamp: an account that runs already, in this Gateway, must not take it for a message. */
async function testPush(client: GotifyClient, stateDir: () => string): Promise<string> {
  try {
    const whole = { payload: 0, payloads: 1, part: 0, parts: 1 };
    await client.sendMessage(
      {
        title: "OpenClaw",
        message: "This is how your agents will reach you.",
        priority: DEFAULT_PRIORITY,
        extras: stampExtras({ by: installId(stateDir()), id: randomUUID(), ...whole }),
      },
      { timeoutMs: CALL_TIMEOUT_MS },
    );
    return "Sent a test push: it should be on your phone now.";
  } catch (error) {
    return `The test push did not get through: ${errorText(error)}`;
  }
}
