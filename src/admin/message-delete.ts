// Owns `openclaw gotify messages delete` and `clear`: a few messages by their ids, or all of an application or of the user.
import { answerCommand, CommandError } from "../config/command-line.ts";
import { findMessage } from "../gotify/find-message.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { oneLine } from "../gotify/one-line.ts";
import { confirmDeletion, type ConfirmOptions } from "./ask.ts";
import { deleteEach } from "./delete-each.ts";
import { headline, namesOf } from "./message-list.ts";
import { pickNamed, shown } from "./named.ts";
import { openSession, type AdminOptions, type Session } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";
import { cutToWidth } from "./text.ts";

/** So that the question is one line of a terminal. */
const NAME_COLUMNS = 16;
const HEADLINE_COLUMNS = 28;
/** What Gotify gives at most; more are told as "more than". */
const COUNTED = 200;

export interface MessageDeleteOptions extends AdminOptions, ConfirmOptions {}

export interface ClearOptions extends AdminOptions, ConfirmOptions {
  readonly app?: string;
  readonly allApps?: boolean;
}

export function deleteMessages(
  written: readonly string[],
  options: MessageDeleteOptions,
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const ids = [...new Set(written.map(readId))];
    const session = await openSession(options, at);
    const messages = await findAll(session, ids, at);
    await confirmDeletion(await questionFor(session, messages), options, at);
    await deleteEach(
      { what: "messages", ids, remove: (id) => session.client.deleteMessage(id) },
      at,
    );
    return {
      result: { account: session.account.accountId, deleted: ids },
      lines: [`Deleted ${ids.length === 1 ? `message ${ids[0]}` : `${ids.length} messages`}.`],
    };
  });
}

export function clearMessages(options: ClearOptions, at: Surroundings): Promise<number> {
  return answerCommand(options, async () => {
    const { app, allApps } = options;
    if ((app === undefined) === (allApps !== true)) {
      throw new CommandError("Give --app with an application, or --all-apps.", {
        code: "GOTIFY_CONFIG",
      });
    }
    const session = await openSession(options, at);
    const { client, account } = session;
    const found =
      app === undefined
        ? undefined
        : pickNamed("application", await client.listApplications(), app, { numbersAreIds: true });
    const where = found === undefined ? "every application" : shown("application", found);
    const page = await client.listMessages({
      limit: COUNTED,
      ...(found === undefined ? {} : { appId: found.id }),
    });
    const count = `${page.next === undefined ? "" : "more than "}${page.messages.length}`;
    const result = { account: account.accountId, application: found?.id ?? null };
    if (page.messages.length === 0 && page.next === undefined) {
      return { result, lines: [`There are no messages in ${where}.`] };
    }
    await confirmDeletion(`Delete all messages of ${where} (${count})?`, options, at);
    // Each is one call that does it all or nothing.
    await (found === undefined
      ? client.deleteAllMessages()
      : client.deleteApplicationMessages(found.id));
    return { result, lines: [`Deleted all messages of ${where} (${count}).`] };
  });
}

/** Before anything is deleted: an id that was mistyped is to cost nothing. */
async function findAll(
  { client }: Session,
  ids: readonly number[],
  at: Surroundings,
): Promise<readonly GotifyMessage[]> {
  const found: GotifyMessage[] = [];
  const progress = at.progress("Looking messages up", ids.length);
  try {
    for (const id of ids) {
      const message = await findMessage(client, id);
      if (message !== undefined) found.push(message);
      progress.at(found.length);
    }
  } finally {
    progress.end();
  }
  const missing = ids.filter((id) => !found.some((message) => message.id === id));
  if (missing.length === 0) return found;
  throw new CommandError(
    `Nothing was deleted: there is no message ${missing.join(", ")} for this user. See openclaw gotify messages list.`,
    { code: "GOTIFY_NOT_FOUND", result: { deleted: [], missing } },
  );
}

async function questionFor(
  { client }: Session,
  messages: readonly GotifyMessage[],
): Promise<string> {
  const [first] = messages;
  if (first === undefined || messages.length > 1) return `Delete ${messages.length} messages?`;
  const name = namesOf(await client.listApplications())(first.appId);
  const text = cutToWidth(headline(first, name), HEADLINE_COLUMNS);
  return `Delete message ${first.id} of ${cutToWidth(oneLine(name), NAME_COLUMNS)} (${text})?`;
}

function readId(written: string): number {
  if (/^\s*\d{1,15}\s*$/.test(written) && Number(written) > 0) return Number(written);
  throw new CommandError(
    `"${written}" is no message's id, which is a number. See openclaw gotify messages list.`,
    { code: "GOTIFY_CONFIG" },
  );
}
