// Owns the walk of the test client: one message out, in, listed and deleted, and nothing left behind.
import { randomUUID } from "node:crypto";
import { clientFor } from "../src/config/client.ts";
import { errorText } from "../src/config/error-text.ts";
import type { ResolvedAccount } from "../src/config/types.ts";
import type { GotifyClient } from "../src/gotify/client.ts";
import { stampExtras } from "../src/gotify/delivery-stamp.ts";
import type { GotifyMessage, GotifyMessageDraft } from "../src/gotify/message.ts";

/** How one step went, for one line. */
export interface Step {
  readonly name: string;
  readonly state: "ok" | "failed" | "skipped";
  /** What was found, or why it failed or was left out. */
  readonly detail: string;
}

export interface WalkOptions {
  /** Where to post without an application's token. */
  readonly appId: number | undefined;
  /** For each step, in milliseconds. */
  readonly timeoutMs: number;
  /** The installation whose Gateway is to take the message for its own; `undefined` where there is none. */
  readonly stampedBy: string | undefined;
  readonly signal: AbortSignal;
}

const TITLE = "OpenClaw test client";
/** Hidden and silent on a phone. */
const PRIORITY = 0;
/** How far back a message of unknown fate is looked for. */
const LAST_MESSAGES = 100;

/** Step by step, as they come. A step that builds on one that failed is skipped and says so. */
export async function* walk(account: ResolvedAccount, options: WalkOptions): AsyncGenerator<Step> {
  const { serverUrl = "" } = account;
  const client = clientFor({ ...account, serverUrl }, account);
  const server = await attempt("server", () => checkServer(client, options));
  yield server;
  if (server.state === "failed") return;
  if (account.appToken !== undefined) {
    yield await attempt("app token", () => checkAppToken(client, options));
  }
  if (account.clientToken === undefined) {
    yield skipped("client token", "the account has none: it only sends.");
    yield skipped("send", "without a client token the message could not be deleted again.");
    return;
  }
  const token = await attempt("client token", () => checkClientToken(client, options));
  yield token;
  if (token.state === "failed") return;
  if (account.appToken === undefined && options.appId === undefined) {
    yield skipped(
      "send",
      "the account has no application's token: name an application with --app.",
    );
    return;
  }
  yield* roundTrip(client, options);
}

async function* roundTrip(client: GotifyClient, options: WalkOptions): AsyncGenerator<Step> {
  const marker = randomUUID();
  const inbox = openInbox(marker);
  let sent: GotifyMessage | undefined;
  let isGone = false;
  // No step below throws, so that the message is looked after whatever happens.
  const stream = await client
    .openStream({
      onMessage: inbox.take,
      openTimeoutMs: options.timeoutMs,
      signal: options.signal,
    })
    .catch((error: unknown) => errorText(error));
  yield typeof stream === "string"
    ? { name: "stream", state: "failed", detail: stream }
    : { name: "stream", state: "ok", detail: "open, and proven by a pong" };
  try {
    const sending = await attempt("send", async () => {
      sent = await client.sendMessage(draft(marker, options), bounds(options));
      return `message ${sent.id} in application ${sent.appId}`;
    });
    yield sending;
    const message = sent;
    if (message === undefined) {
      for (const name of ["receive", "list", "delete"]) yield skipped(name, "nothing was sent.");
      return;
    }
    yield typeof stream === "string"
      ? skipped("receive", "the stream is not open.")
      : await attempt("receive", () => inbox.received(message.id, options));
    yield await attempt("list", async () => {
      if (!(await isListed(client, message, options))) {
        throw new Error(`Message ${message.id} is not among the newest of its application.`);
      }
      return `found as message ${message.id}`;
    });
    yield await attempt("delete", async () => {
      await client.deleteMessage(message.id, bounds(options));
      isGone = true;
      if (await isListed(client, message, options)) {
        isGone = false;
        throw new Error(`Message ${message.id} was deleted and is still listed.`);
      }
      return `message ${message.id} is gone`;
    });
  } finally {
    if (typeof stream !== "string") await stream.close();
    if (!isGone) yield* tidyUp(client, marker, options);
  }
}

/** What a failure or an interruption left behind: the message with the marker, and no other. */
async function* tidyUp(
  client: GotifyClient,
  marker: string,
  { timeoutMs }: WalkOptions,
): AsyncGenerator<Step> {
  try {
    // Without the signal: an interrupted run tidies up, too.
    const { messages } = await client.listMessages({ limit: LAST_MESSAGES }, { timeoutMs });
    for (const { id } of messages.filter((message) => isMarked(message, marker))) {
      await client.deleteMessage(id, { timeoutMs });
      yield { name: "tidy up", state: "ok", detail: `message ${id} is gone` };
    }
  } catch (error) {
    const detail = `A message titled "${TITLE}" may be left in Gotify: ${errorText(error)}`;
    yield { name: "tidy up", state: "failed", detail };
  }
}

async function checkServer(client: GotifyClient, options: WalkOptions): Promise<string> {
  const health = await client.health(bounds(options));
  if (!health.ok) throw new Error(`Its database is ${health.database}.`);
  const { version } = await client.version(bounds(options));
  return `Gotify ${version} is well`;
}

async function checkAppToken(client: GotifyClient, options: WalkOptions): Promise<string> {
  const probe = await client.probeAppToken(bounds(options));
  if (probe.status === "valid") return "belongs to an application";
  throw probe.status === "invalid" ? probe.error : new Error("It is the token of a client.");
}

async function checkClientToken(client: GotifyClient, options: WalkOptions): Promise<string> {
  const probe = await client.probeClientToken(bounds(options));
  if (probe.status === "wrong-kind") throw new Error("It is the token of an application.");
  if (probe.status === "invalid") throw probe.error;
  const { name } = await client.currentUser(bounds(options));
  return `belongs to the user ${name}`;
}

/** What comes over the stream, kept until somebody asks: it may be quicker than the answer to the post. */
function openInbox(marker: string) {
  const arrived = Promise.withResolvers<GotifyMessage>();
  return {
    take: (message: GotifyMessage): void => {
      if (isMarked(message, marker)) arrived.resolve(message);
    },
    received: async (id: number, { timeoutMs, signal }: WalkOptions): Promise<string> => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const late = Promise.withResolvers<never>();
      limit.addEventListener("abort", () => {
        const reason = signal.aborted
          ? "Stopped."
          : `It did not come within ${timeoutMs / 1000} s.`;
        late.reject(new Error(reason));
      });
      const message = await Promise.race([arrived.promise, late.promise]);
      if (message.id !== id) throw new Error(`It came as message ${message.id}.`);
      return `message ${id} came over the stream`;
    },
  };
}

async function isListed(
  client: GotifyClient,
  { id, appId }: GotifyMessage,
  options: WalkOptions,
): Promise<boolean> {
  const { messages } = await client.listMessages({ appId, limit: LAST_MESSAGES }, bounds(options));
  return messages.some((message) => message.id === id);
}

function draft(marker: string, { appId, stampedBy }: WalkOptions): GotifyMessageDraft {
  const whole = { payload: 0, payloads: 1, part: 0, parts: 1 };
  return {
    title: TITLE,
    message: `A test, deleted again at once (${marker}).`,
    priority: PRIORITY,
    ...(appId === undefined ? {} : { appId }),
    ...(stampedBy === undefined
      ? {}
      : { extras: stampExtras({ by: stampedBy, id: marker, ...whole }) }),
  };
}

function isMarked({ message }: GotifyMessage, marker: string): boolean {
  return message.includes(marker);
}

function bounds({ timeoutMs, signal }: WalkOptions): { timeoutMs: number; signal: AbortSignal } {
  return { timeoutMs, signal };
}

function skipped(name: string, why: string): Step {
  return { name, state: "skipped", detail: why };
}

async function attempt(name: string, work: () => Promise<string>): Promise<Step> {
  const startedAt = performance.now();
  try {
    const detail = await work();
    const elapsedMs = Math.round(performance.now() - startedAt);
    return { name, state: "ok", detail: `${detail} (${elapsedMs} ms)` };
  } catch (error) {
    return { name, state: "failed", detail: errorText(error) };
  }
}
