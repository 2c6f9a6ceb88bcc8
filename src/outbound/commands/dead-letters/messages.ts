// Owns the messages among the dead letters: how one is told, giving it to the agent again, and forgetting it.
import { resolveAccount } from "../../../config/accounts.ts";
import { CommandError } from "../../../config/command-line.ts";
import { targetOf } from "../../../config/conversation-target.ts";
import { errorText } from "../../../config/error-text.ts";
import { oneLine } from "../../../gotify/one-line.ts";
import { parseServerUrl } from "../../../gotify/url.ts";
import {
  dropMessage,
  listDeadMessages,
  readDeadMessage,
  resubmitMessage,
  usersOf,
  type DeadMessage,
} from "../../../journal/dead-messages.ts";
import { listGrants } from "../../../journal/grants.ts";
import type { Journal } from "../../../journal/journal.ts";
import { feedKeyOf, serverKey } from "../../../journal/wire.ts";
import { isoTime, nameOf, previewOf, type FoundMessage, type Letter } from "./letter.ts";
import { whenFree, type Office } from "./office.ts";

const UNREADABLE = "(it cannot be read)";

/** The dead messages of an account. Each still bears its long id. */
export function messagesOf(
  office: Office,
  account: string,
  texts: "shown" | "unread",
): readonly FoundMessage[] {
  return (
    office.withJournal(account, "read", (journal) => {
      const textOf = texts === "shown" ? textReader(journal) : () => UNREAD;
      return listDeadMessages(journal).map((row): FoundMessage => ({
        kind: "message",
        letter: { ...letterOf(account, row), ...textOf(row) },
        row,
      }));
    }) ?? []
  );
}

/** One that was found with its text unread, with what is shown of it. */
export function messageWithText(office: Office, found: FoundMessage): FoundMessage {
  const { letter, row } = found;
  const text = office.withJournal(letter.account, "read", (journal) => textReader(journal)(row));
  return { ...found, letter: { ...letter, ...text } };
}

const UNREAD: Pick<Letter, "from" | "preview"> = { from: "", preview: "" };

/** What is shown of a message's text and of who wrote it. */
function textReader(journal: Journal): (row: DeadMessage) => typeof UNREAD {
  const nameOfApp = applicationNames(journal);
  return ({ rowId }) => {
    const message = readDeadMessage(journal, rowId);
    if (message === undefined) return { from: "nobody knows whom", preview: UNREADABLE };
    const text = message.message.trim() === "" ? message.title : message.message;
    return { from: nameOfApp(message.appId), preview: previewOf(text) };
  };
}

function letterOf(account: string, row: DeadMessage): Letter {
  return {
    ...UNREAD,
    kind: "message",
    id: row.rowId,
    fullId: row.rowId,
    account,
    to: targetOf(conversationOf(row.lane)),
    since: isoTime(row.failedAt),
    state: row.reason,
    reason: oneLine(row.reasonText ?? row.lastError ?? "nothing more is known."),
    attempts: row.attempts,
  };
}

/** Everything that is known of one, for programs. */
export function messageDetails(office: Office, { letter, row }: FoundMessage) {
  const message = office.withJournal(letter.account, "read", (journal) =>
    readDeadMessage(journal, row.rowId),
  );
  return {
    ...letter,
    messageId: row.messageId ?? null,
    takenInAt: isoTime(row.takenInAt),
    lastTriedAt: row.attemptedAt === undefined ? null : isoTime(row.attemptedAt),
    lastError: row.lastError ?? null,
    message:
      message === undefined
        ? null
        : {
            application: message.appId,
            title: message.title,
            text: message.message,
            priority: message.priority,
            date: message.date?.toISOString() ?? null,
            extras: message.extras,
          },
  };
}

/**
 * Gives it to the agent again: in its turn, with a fresh count, by the rights its sender has then. Whatever
 * the agent's session has of it already is not handed over a second time.
 *
 * @throws {CommandError} when that would be wrong or of no use.
 */
export async function resubmitFoundMessage(
  office: Office,
  { letter, row }: FoundMessage,
): Promise<void> {
  const { account } = letter;
  const isReadable = office.withJournal(account, "read", (journal) =>
    readDeadMessage(journal, row.rowId),
  );
  if (isReadable === undefined) {
    throw new CommandError(
      `The text of ${nameOf(letter)} is damaged, so it cannot be given to the agent. Look for it in Gotify, and drop it here.`,
    );
  }
  await assertOwnServer(office, letter, row);
  const isDone = await whenFree(account, () =>
    office.withJournal(account, "write", (journal) =>
      resubmitMessage(journal, row.rowId, office.posting.host.now()),
    ),
  );
  if (isDone !== true) throw gone(letter);
}

/** Forgets it for good: it is not answered, not even when the server's messages are read anew. */
export async function dropFoundMessage(
  office: Office,
  { letter, row }: FoundMessage,
): Promise<void> {
  const { account } = letter;
  const isDone = await whenFree(account, () =>
    office.withJournal(account, "write", (journal) =>
      dropMessage(journal, row.rowId, office.posting.host.now()),
    ),
  );
  if (isDone !== true) throw gone(letter);
}

/** An answer would go to a server, or a user, that has never heard the question. */
async function assertOwnServer(office: Office, letter: Letter, row: DeadMessage): Promise<void> {
  const account = resolveAccount(office.cfg, letter.account);
  const { serverUrl } = account;
  const server = serverUrl === undefined ? undefined : serverKey(parseServerUrl(serverUrl).href);
  const others = new CommandError(
    `${capital(nameOf(letter))} came from another server or user than account ${letter.account} has now, where nobody waits for the answer. Drop it, or give the account its server back first.`,
  );
  if (row.feedKey === undefined || server === undefined) throw others;
  if (!row.feedKey.startsWith(`${server}:`)) throw others;
  const users = office.withJournal(letter.account, "read", (journal) => usersOf(journal, server));
  // With one user there is nothing to mix up; with several, only the server knows whose the token is.
  if (users?.length === 1 && row.feedKey === feedKeyOf(server, users[0] ?? 0)) return;
  let user: number;
  try {
    user = await office.currentUser(account);
  } catch (error) {
    throw new CommandError(
      `Account ${letter.account} has read as several users, and the server does not say which one it is now: ${errorText(error)} Try again when the server answers.`,
      { cause: error },
    );
  }
  if (row.feedKey !== feedKeyOf(server, user)) throw others;
}

function gone(letter: Letter): CommandError {
  return new CommandError(
    `${capital(nameOf(letter))} is no dead letter of account ${letter.account} any more: somebody else was faster.`,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `5` of `5`, and `ops` of `5/ops`. What stands behind a further mark belongs to the queue. */
function conversationOf(lane: string): string {
  const [application = "", conversation = application] = lane.split("/");
  return /^[!~]/.test(conversation) ? application : conversation;
}

function applicationNames(journal: Journal): (appId: number) => string {
  const names = new Map(listGrants(journal).map(({ appId, look }) => [appId, look.name]));
  return (appId) => {
    const name = names.get(appId);
    return `application ${appId}${name === undefined ? "" : ` (${oneLine(name)})`}`;
  };
}
