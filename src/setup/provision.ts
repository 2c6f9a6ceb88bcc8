// Owns making what a set-up needs on the server, after the last question: all of it, or nothing that stays.
import { readFile } from "node:fs/promises";
import { errorText } from "../config/error-text.ts";
import type { ElevatedCallOptions } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import type { Access, Answers, ApplicationChoice, Outcome } from "./answers.ts";
import type { Connect } from "./server-facts.ts";

export const CLIENT_NAME = "OpenClaw";
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
}

type Undo = () => Promise<void>;

/**
 * Makes the client and the applications that the answers ask for, and removes them again when one of them
 * cannot be made.
 *
 * @throws what the calls throw, with a line for whatever could not be removed.
 */
export async function provision(answers: Answers, connect: Connect): Promise<Provisioned> {
  const undos: { readonly what: string; readonly undo: Undo }[] = [];
  const notes: string[] = [];
  const made = (what: string, undo: Undo): void => void undos.unshift({ what, undo });
  try {
    const tokens = await tokensOf(answers, connect, made, notes);
    const chat = await chatOf(answers, tokens, connect, made, notes);
    const { serverUrl, keepApart } = answers;
    if (answers.testPush) notes.push(await testPush(connect({ serverUrl, ...tokens })));
    const isWritten = answers.access.kind !== "tokens" || !answers.access.isEnvironment;
    return {
      outcome: {
        serverUrl,
        appToken: isWritten ? tokens.appToken : undefined,
        clientToken: isWritten ? tokens.clientToken : undefined,
        chatAppId: chat.id,
        keepApart,
      },
      chatToken: chat.token,
      notes,
    };
  } catch (error) {
    const left: string[] = [];
    for (const { what, undo } of undos) await undo().catch(() => left.push(what));
    if (left.length === 0) throw error;
    throw new Error(`${errorText(error)} Delete by hand in Gotify: ${left.join(", ")}.`, {
      cause: error,
    });
  }
}

interface Tokens {
  readonly appToken: string;
  readonly clientToken: string | undefined;
}

type Made = (what: string, undo: Undo) => void;

async function tokensOf(
  { serverUrl, access }: Answers,
  connect: Connect,
  made: Made,
  notes: string[],
): Promise<Tokens> {
  if (access.kind === "tokens") return access;
  const elevated = elevatedBy(access);
  const clientToken = await clientTokenOf(serverUrl, access, connect, made, notes);
  const client = connect({ serverUrl, clientToken });
  const appToken = await appTokenOf(client, access.application, elevated, made, notes);
  return { clientToken, appToken };
}

async function clientTokenOf(
  serverUrl: string,
  access: Exclude<Access, { kind: "tokens" }>,
  connect: Connect,
  made: Made,
  notes: string[],
): Promise<string> {
  if (access.kind === "client-token") return access.clientToken;
  const nobody = connect({ serverUrl });
  const { login } = access;
  const { client, token } = await nobody.createClient(
    { name: CLIENT_NAME },
    { login, timeoutMs: CALL_TIMEOUT_MS },
  );
  made(`client "${client.name}" (${client.id})`, () =>
    nobody.deleteClient(client.id, { login, timeoutMs: CLEAN_UP_MS }),
  );
  notes.push(`Created the client "${client.name}", which receives messages.`);
  return token;
}

async function appTokenOf(
  client: GotifyClient,
  choice: ApplicationChoice,
  elevated: ElevatedCallOptions,
  made: Made,
  notes: string[],
): Promise<string> {
  if (choice.kind === "new") {
    const description = APPLICATION_DESCRIPTION;
    const { token, id } = await create(client, { name: choice.name, description }, elevated, made);
    notes.push(`Created the application "${choice.name}", which posts the answers.`);
    await setIcon(client, id, notes);
    return token;
  }
  const bounded = { timeoutMs: CALL_TIMEOUT_MS };
  const known = await client.findApplicationToken(choice.id, bounded);
  if (known !== undefined) return known;
  if (elevated.login === undefined) {
    throw new GotifyConfigError(
      `Gotify 3 does not show the token of "${choice.name}" again. Take another name, or paste its token.`,
    );
  }
  notes.push(`"${choice.name}" has a new token: what posted with the old one has to be told.`);
  return client.rotateApplicationToken(choice.id, { ...elevated, ...bounded });
}

async function chatOf(
  { serverUrl, access, chat }: Answers,
  tokens: Tokens,
  connect: Connect,
  made: Made,
  notes: string[],
): Promise<{ readonly id: number | undefined; readonly token: string | undefined }> {
  if (chat.kind === "later") return { id: undefined, token: undefined };
  if (chat.kind === "existing") return { id: chat.id, token: undefined };
  const client = connect({ serverUrl, clientToken: tokens.clientToken });
  const settings = { name: chat.name, description: CHAT_DESCRIPTION };
  const { id, token } = await create(client, settings, elevatedBy(access), made);
  notes.push(`Created the application "${chat.name}" (${id}), which you write with.`);
  return { id, token: chat.showToken ? token : undefined };
}

async function create(
  client: GotifyClient,
  settings: { readonly name: string; readonly description: string },
  elevated: ElevatedCallOptions,
  made: Made,
): Promise<{ readonly id: number; readonly token: string }> {
  const { application, token } = await client.createApplication(
    { ...settings, defaultPriority: DEFAULT_PRIORITY },
    { timeoutMs: CALL_TIMEOUT_MS },
  );
  made(`application "${application.name}" (${application.id})`, () =>
    client.deleteApplication(application.id, { ...elevated, timeoutMs: CLEAN_UP_MS }),
  );
  return { id: application.id, token };
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

async function testPush(client: GotifyClient): Promise<string> {
  try {
    await client.sendMessage(
      {
        title: "OpenClaw",
        message: "This is how your agents will reach you.",
        priority: DEFAULT_PRIORITY,
      },
      { timeoutMs: CALL_TIMEOUT_MS },
    );
    return "Sent a test push: it should be on your phone now.";
  } catch (error) {
    return `The test push did not get through: ${errorText(error)}`;
  }
}
