// Owns `openclaw gotify messages list`: stored messages, newest first, filtered while they are read.
import { answerCommand, CommandError } from "../config/command-line.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { oneLine } from "../gotify/one-line.ts";
import { createGrep, type Grep } from "./grep.ts";
import { pickNamed } from "./named.ts";
import { openSession, type AdminOptions, type Session } from "./session.ts";
import { readSince, type Since } from "./since.ts";
import type { Surroundings } from "./surroundings.ts";
import { shownTime, table, type Column } from "./table.ts";
import { cutToWidth } from "./text.ts";

const DEFAULT_LIMIT = 20;
/** What Gotify gives at most. */
const PAGE_SIZE = 200;
const APP_COLUMNS = 16;

/** As the command line was written. */
export interface MessageListOptions extends AdminOptions {
  readonly app?: string;
  readonly limit?: string;
  readonly all?: boolean;
  readonly before?: string;
  readonly since?: string;
  readonly grep?: string;
}

interface Wanted {
  readonly limit: number;
  readonly before: number | undefined;
  readonly since: Since | undefined;
  readonly grep: Grep | undefined;
}

interface Found {
  readonly messages: readonly GotifyMessage[];
  /** How many were looked at. */
  readonly read: number;
  /** Go on below this id; `undefined` when there is nothing more. */
  readonly next: number | undefined;
  /** False when nothing of what comes then need match. */
  readonly isMoreSure: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "WHEN" },
  { title: "APP", minWidth: 10 },
  { title: "PRIO", align: "right" },
  { title: "MESSAGE", minWidth: 20 },
];

export function listMessages(options: MessageListOptions, at: Surroundings): Promise<number> {
  return answerCommand(options, async () => {
    const wanted = readOptions(options);
    const session = await openSession(options, at);
    const applications = await session.client.listApplications();
    const only =
      options.app === undefined ? undefined : pickNamed("application", applications, options.app);
    const { messages, next, read, isMoreSure } = await find(session, only?.id, wanted, at);
    const name = namesOf(applications);
    const rows = messages.map((message) => [
      String(message.id),
      shownTime(message.date),
      // Names are for telling applications apart; the room is for what they say.
      at.columns === undefined
        ? name(message.appId)
        : cutToWidth(oneLine(name(message.appId)), APP_COLUMNS),
      String(message.priority),
      headline(message, name(message.appId)),
    ]);
    const isAll = messages.length === read;
    const more =
      next === undefined
        ? []
        : [`There ${isMoreSure ? "are" : "may be"} more: add --before ${next}, --limit or --all.`];
    return {
      result: {
        account: session.account.accountId,
        messages: messages.map((message) => describedMessage(message, name(message.appId))),
        next: next ?? null,
      },
      lines:
        rows.length > 0
          ? [...table(COLUMNS, rows, at.columns), ...more]
          : [isAll ? "There are no messages." : `None of ${read} messages matches.`, ...more],
    };
  });
}

async function find(
  { client }: Session,
  appId: number | undefined,
  wanted: Wanted,
  at: Surroundings,
): Promise<Found> {
  const { limit, before, since, grep } = wanted;
  const messages: GotifyMessage[] = [];
  let read = 0;
  const isFiltered = grep !== undefined || since !== undefined;
  const query = {
    ...(appId === undefined ? {} : { appId }),
    ...(before === undefined ? {} : { since: before }),
    pageSize: isFiltered ? PAGE_SIZE : Math.min(PAGE_SIZE, limit),
  };
  const progress = at.progress("Reading messages");
  return at
    .interruptible(async (signal) => {
      for await (const page of client.readPages(query, { signal })) {
        const matching = matchingOf(page.messages, wanted);
        const room = limit - messages.length;
        messages.push(...matching.slice(0, room));
        read += page.messages.length;
        if (matching.length > room) {
          return { messages, read, next: messages.at(-1)?.id, isMoreSure: true };
        }
        progress.at(read);
        if (isPast(page.messages, since)) break;
        // With a beginning alone the next page tells whether more matches; an expression may need them all.
        const isEnough = messages.length === limit && (grep !== undefined || since === undefined);
        if (isEnough && page.next !== undefined) {
          return { messages, read, next: page.next, isMoreSure: grep === undefined };
        }
      }
      return { messages, read, next: undefined, isMoreSure: true };
    })
    .finally(progress.end);
}

function matchingOf(
  messages: readonly GotifyMessage[],
  { since, grep }: Wanted,
): readonly GotifyMessage[] {
  const inTime = messages.filter((message) => isSince(message, since));
  if (grep === undefined) return inTime;
  const titles = grep(inTime.map(({ title }) => title));
  const texts = grep(inTime.map(({ message }) => message));
  return inTime.filter((_, place) => titles[place] === true || texts[place] === true);
}

function isSince({ id, date }: GotifyMessage, since: Since | undefined): boolean {
  if (since === undefined) return true;
  return since.kind === "id" ? id > since.id : date !== undefined && date.getTime() >= since.ms;
}

/** Whether nothing further back can be wanted. */
function isPast(messages: readonly GotifyMessage[], since: Since | undefined): boolean {
  const oldest = messages.at(-1);
  if (oldest === undefined || since === undefined) return false;
  if (since.kind === "id") return oldest.id <= since.id + 1;
  // Dates and ids need not be in the same order to the second, but to a page they are.
  return !messages.some((one) => isSince(one, since));
}

function readOptions(options: MessageListOptions): Wanted {
  if (options.all === true && options.limit !== undefined) {
    throw new CommandError("Give --limit or --all, not both.", { code: "GOTIFY_CONFIG" });
  }
  const limit = options.all === true ? Infinity : readCount("--limit", options.limit);
  return {
    limit: limit ?? DEFAULT_LIMIT,
    before: readCount("--before", options.before),
    since: options.since === undefined ? undefined : readSince(options.since, Date.now()),
    grep: options.grep === undefined ? undefined : createGrep(options.grep),
  };
}

function readCount(option: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (/^\s*\d{1,15}\s*$/.test(written) && Number(written) > 0) return Number(written);
  throw new CommandError(`${option} is a whole number above 0, not "${written}".`, {
    code: "GOTIFY_CONFIG",
  });
}

/** An application that was deleted meanwhile is called by its id. */
export function namesOf(applications: readonly GotifyApplication[]): (appId: number) => string {
  const names = new Map(applications.map(({ id, name }) => [id, name]));
  return (appId) => names.get(appId) ?? String(appId);
}

/** Without a title of its own, a message carries its application's name, which stands there already. */
export function headline({ title, message }: GotifyMessage, application: string): string {
  const text = oneLine(message);
  return title === "" || title === application ? text : `${oneLine(title)}: ${text}`;
}

/** For programs. */
export function describedMessage(message: GotifyMessage, application: string) {
  const { id, appId, date, priority, title, extras } = message;
  return {
    id,
    application: appId,
    applicationName: application,
    date: date?.toISOString() ?? null,
    priority,
    title,
    message: message.message,
    extras,
  };
}
