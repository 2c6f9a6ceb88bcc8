// Owns the Gotify side of a host test: an emulated server with the applications a conversation needs.
//
// Reads and writes over plain HTTP and not through `src/gotify`: what the plugin did is judged by other eyes.
import { z } from "zod";
import { startEmulator } from "../emulator/index.ts";
import type { JsonObject } from "./openclaw.ts";
import { waitFor, type WaitOptions } from "./wait.ts";

type Emulator = Awaited<ReturnType<typeof startEmulator>>;
type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

const Message = z.object({
  id: z.number(),
  appid: z.number(),
  message: z.string(),
  title: z.string(),
  priority: z.number(),
  extras: z.record(z.string(), z.unknown()).optional(),
  date: z.string(),
});
export type StoredMessage = z.infer<typeof Message>;
const Page = z.object({ messages: z.array(Message) });

/** An application or a client with its secret. */
export type Credential = { id: number; token: string };

export type GotifySide = {
  emulator: Emulator;
  url: string;
  /** The application that the agent answers in. */
  bot: Credential;
  /** An application that may talk to the agent. */
  person: Credential;
  /** An application that may not. */
  stranger: Credential;
  /** The client the plugin reads with. */
  reader: Credential;
  /** Posts as `from` (default: the person). */
  say: (message: string, from?: Credential, more?: JsonObject) => Promise<StoredMessage>;
  /** What the agent's application has posted, oldest first. */
  replies: () => Promise<StoredMessage[]>;
  /** Waits for an answer that contains `text`. */
  replyWith: (text: string, options?: WaitOptions) => Promise<StoredMessage>;
  /** An account in `channels.gotify` that uses this server and lets the person talk. */
  account: (changes?: JsonObject) => JsonObject;
  /** Gives an application another name, as its owner can at any time. */
  rename: (application: Credential, name: string) => Promise<void>;
  /**
   * Restarts the server on an empty database, in which somebody has made the applications and clients of
   * above again: created now, with the same ids and names. The tokens stay, so that nothing is configured anew.
   */
  startAnew: () => Promise<void>;
  /** Every secret of this server, to make sure that none of them shows up anywhere. */
  secrets: () => string[];
  stop: () => Promise<void>;
};

const APPLICATIONS = { bot: "OpenClaw", person: "Ada's phone", stranger: "Somebody else" };
/** The observer is the tests' own: revoking the plugin's must not blind them. */
const CLIENTS = { reader: "OpenClaw", observer: "Host tests" };

export async function startGotifySide(options: EmulatorOptions = {}): Promise<GotifySide> {
  const emulator = await startEmulator(options);
  const bot = emulator.createApplication(APPLICATIONS.bot);
  const person = emulator.createApplication(APPLICATIONS.person);
  const stranger = emulator.createApplication(APPLICATIONS.stranger);
  const reader = emulator.createClient(CLIENTS.reader);
  const observer = emulator.createClient(CLIENTS.observer);

  const replies = async (): Promise<StoredMessage[]> => {
    const path = `/application/${bot.id}/message?limit=200`;
    const page = Page.parse(await call(emulator.url, path, observer.token));
    return page.messages.toSorted((a, b) => a.id - b.id);
  };
  return {
    emulator,
    url: emulator.url,
    bot,
    person,
    stranger,
    reader,
    say: async (message, from = person, more = {}) =>
      Message.parse(await call(emulator.url, "/message", from.token, { message, ...more })),
    replies,
    replyWith: (text, waitOptions) =>
      waitFor(
        `an answer with "${text}"`,
        async () => (await replies()).find((reply) => reply.message.includes(text)),
        waitOptions,
      ),
    account: (changes = {}) => ({
      serverUrl: emulator.url,
      appToken: bot.token,
      clientToken: reader.token,
      dmPolicy: "allowlist",
      allowFrom: [String(person.id)],
      ...changes,
    }),
    rename: async (application, name) => {
      await call(emulator.url, `/application/${application.id}`, observer.token, { name }, "PUT");
    },
    startAnew: async () => {
      await emulator.goDown();
      emulator.store.resetAll();
      emulator.createApplication(APPLICATIONS.bot, bot);
      emulator.createApplication(APPLICATIONS.person, person);
      emulator.createApplication(APPLICATIONS.stranger, stranger);
      emulator.createClient(CLIENTS.reader, reader);
      emulator.createClient(CLIENTS.observer, observer);
      await emulator.comeBack();
    },
    secrets: () => [bot, person, stranger, reader, observer].map((credential) => credential.token),
    stop: () => emulator.stop(),
  };
}

async function call(
  serverUrl: string,
  path: string,
  token: string,
  body?: JsonObject,
  method = body ? "POST" : "GET",
): Promise<unknown> {
  const response = await fetch(`${serverUrl}${path}`, {
    method,
    headers: { "X-Gotify-Key": token, "Content-Type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The Gotify of the test answered ${response.status}: ${text}`);
  const answer: unknown = JSON.parse(text);
  return answer;
}
