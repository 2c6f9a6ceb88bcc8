// Owns `openclaw gotify tail`: what is posted, as it is posted, over a stream of its own beside the Gateway's.
import { setTimeout } from "node:timers/promises";
import { CommandError, failureOf, failureText } from "../config/command-line.ts";
import { errorText } from "../config/error-text.ts";
import { readPriority } from "../config/priority.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { oneLine } from "../gotify/one-line.ts";
import type { GotifyStream } from "../gotify/stream-options.ts";
import { describedMessage, headline, namesOf } from "./message-list.ts";
import { pickNamed } from "./named.ts";
import { createRetries } from "./retries.ts";
import { openSession, type AdminOptions } from "./session.ts";
import { InterruptedError, type Surroundings } from "./surroundings.ts";
import { cutToWidth } from "./text.ts";

const NAME_COLUMNS = 20;
/** More than two streams can hold of each other's messages; of those, ids tell repetitions. */
const MAX_SEEN = 2_000;
/** What one interruption is made up for: whoever watches wants to go on, not to read a night's alerts. */
const MAX_MISSED = 200;

export interface TailOptions extends AdminOptions {
  readonly app?: string;
  readonly minPriority?: string;
}

/** Prints until it is stopped. @returns the exit code: 0 when a person has stopped it. */
export async function tail(options: TailOptions, at: Surroundings): Promise<number> {
  try {
    const minPriority = readMinPriority(options.minPriority);
    const { client, account } = await openSession(options, at);
    let applications = await client.listApplications();
    const only =
      options.app === undefined ? undefined : pickNamed("application", applications, options.app);
    const print = (message: GotifyMessage): void => {
      if (only !== undefined && message.appId !== only.id) return;
      if (message.priority < minPriority) return;
      const name = namesOf(applications)(message.appId);
      process.stdout.write(
        `${options.json === true ? JSON.stringify(describedMessage(message, name)) : lineOf(message, name, at.columns)}\n`,
      );
    };
    await at.interruptible(async (signal) => {
      const stop = new AbortController();
      const until = AbortSignal.any([signal, stop.signal]);
      const onUnwritable = (error: Error): void => stop.abort(reasonOf(error));
      process.stdout.on("error", onUnwritable);
      try {
        await follow({
          client,
          appId: only?.id,
          signal: until,
          onMessage: print,
          onConnected: (isAgain) => {
            at.note(
              isAgain
                ? "Connected again."
                : `Waiting for messages at ${account.serverUrl ?? ""}. Ctrl-C ends it.`,
            );
          },
          onLost: (error) => at.note(`${failureText(error)} Trying again.`),
          onTooMany: (since) => {
            const where =
              (options.account === undefined ? "" : ` --account ${account.accountId}`) +
              (only === undefined ? "" : ` --app app:${only.id}`);
            at.note(
              `Only the newest of what was missed is shown. For older ones: openclaw gotify messages list --all --since id:${since}${where}`,
            );
          },
          beforeMissed: async () => {
            applications = await client.listApplications({ signal: until });
          },
        });
      } finally {
        // What else was on its way fails, too, and is not to end the process with a stack.
        if (!stop.signal.aborted) process.stdout.off("error", onUnwritable);
      }
    });
    return 0;
  } catch (error) {
    if (error instanceof InterruptedError) return 0;
    if (options.json === true && !(error instanceof OutputError)) {
      process.stdout.write(`${JSON.stringify(failureOf(error))}\n`);
    } else {
      process.stderr.write(`${failureText(error)}\n`);
    }
    return 1;
  }
}

/** Standard output cannot be written to any more. */
class OutputError extends CommandError {}

/** Whoever reads the output may go away, as `head` does. A full disk is another matter. */
function reasonOf(error: Error): Error {
  if ("code" in error && error.code === "EPIPE") return new InterruptedError();
  return new OutputError(`What comes cannot be written: ${errorText(error)}.`, { cause: error });
}

interface Following {
  readonly client: GotifyClient;
  /** Only this application's messages are made up for. */
  readonly appId: number | undefined;
  readonly signal: AbortSignal;
  readonly onMessage: (message: GotifyMessage) => void;
  readonly onConnected: (isAgain: boolean) => void;
  readonly onLost: (error: unknown) => void;
  /** Called once a lost connection is back, before what was missed is told. */
  readonly beforeMissed: () => Promise<void>;
  /** More was missed than is made up for: all of it is above this id. */
  readonly onTooMany: (since: number) => void;
}

/**
 * Follows the stream over any number of connections. Rejects with the reason of the signal, with what the
 * first connection failed with, and when the server does not take the token any more.
 */
async function follow(options: Following): Promise<never> {
  const { client, appId, signal } = options;
  const seen = new Set<number>();
  let newest = (await client.listMessages({ limit: 1 }, { signal })).messages[0]?.id ?? 0;
  /** Up to here nothing is missed. */
  let complete = newest;
  /** What comes while it is read what was missed: older ones first. */
  let held: GotifyMessage[] | undefined;
  const take = (message: GotifyMessage): void => {
    if (held !== undefined) {
      held.push(message);
      return;
    }
    // Only a server plugin's message that could not be stored has no id; nothing tells it from another one.
    if (message.id !== 0 && seen.has(message.id)) return;
    seen.add(message.id);
    for (const oldest of seen) {
      if (seen.size <= MAX_SEEN) break;
      seen.delete(oldest);
    }
    newest = Math.max(newest, message.id);
    options.onMessage(message);
  };
  const catchUp = async (): Promise<void> => {
    await options.beforeMissed();
    const { missed, top, isCut } = await readMissed({ client, appId, signal }, complete);
    // A server that was reset gives its ids out again.
    if (top < complete) {
      seen.clear();
      newest = top;
    }
    const waiting = held ?? [];
    held = undefined;
    if (isCut) options.onTooMany(complete);
    for (const message of [...missed, ...waiting]) take(message);
  };

  const retries = createRetries();
  for (let isAgain = false; ;) {
    let stream: GotifyStream | undefined;
    try {
      held = isAgain ? [] : undefined;
      stream = await client.openStream({ onMessage: take, signal });
      options.onConnected(isAgain);
      if (isAgain) await catchUp();
      isAgain = true;
      const openedAtMs = performance.now();
      const { error } = await stream.closed;
      retries.lasted(performance.now() - openedAtMs);
      signal.throwIfAborted();
      complete = newest;
      options.onLost(error ?? new Error("The stream was closed."));
    } catch (error) {
      stream?.terminate();
      signal.throwIfAborted();
      if (!isAgain || isRefused(error)) throw error;
    }
    signal.throwIfAborted();
    // A deleted token and a server that restarts end a stream alike: the next handshake tells them apart.
    await rest(retries.nextMs(), signal);
  }
}

/** Rejects with the signal's reason. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

interface Missed {
  /** Oldest first, as they would have come. */
  readonly missed: readonly GotifyMessage[];
  /** The newest message that is stored, whatever its application; 0 when there is none. */
  readonly top: number;
  /** There are older ones that were missed. */
  readonly isCut: boolean;
}

async function readMissed(
  { client, appId, signal }: Pick<Following, "client" | "appId" | "signal">,
  since: number,
): Promise<Missed> {
  const [newest] = (await client.listMessages({ limit: 1 }, { signal })).messages;
  const missed: GotifyMessage[] = [];
  // One more tells whether there are others.
  const query = { ...(appId === undefined ? {} : { appId }), maxMessages: MAX_MISSED + 1 };
  let isCut = false;
  for await (const page of client.readPages(query, { signal })) {
    const newer = page.messages.filter(({ id }) => id > since);
    missed.push(...newer);
    isCut = newer.length === page.messages.length && page.next !== undefined;
    if (!isCut) break;
  }
  return { missed: missed.toReversed(), top: newest?.id ?? 0, isCut };
}

function isRefused(error: unknown): boolean {
  return error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED";
}

function readMinPriority(written: string | undefined): number {
  if (written === undefined) return Number.NEGATIVE_INFINITY;
  const priority = readPriority(written);
  if (priority !== undefined) return priority;
  throw new CommandError(
    `--min-priority is a whole number or one of min, low, normal, high, max, not "${written}".`,
    { code: "GOTIFY_CONFIG" },
  );
}

function lineOf(message: GotifyMessage, application: string, columns: number | undefined): string {
  const time = message.date?.toTimeString().slice(0, "00:00:00".length) ?? "";
  const name = cutToWidth(oneLine(application), NAME_COLUMNS);
  const line = `${time}  ${message.id}  ${name} [${message.priority}]  ${headline(message, application)}`;
  return columns === undefined ? line : cutToWidth(line, columns);
}
