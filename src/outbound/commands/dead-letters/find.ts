// Owns finding dead letters: both kinds in one list, the shortest id that names each, and the one that somebody meant.
import { CommandError } from "../../../config/command-line.ts";
import { otherStateOf } from "../../../journal/dead-messages.ts";
import { nameOf, type Found, type LetterKind } from "./letter.ts";
import { messagesOf, messageWithText } from "./messages.ts";
import { accountsFor, type Office } from "./office.ts";
import { repliesOf, replyWithText } from "./replies.ts";

/** Shorter beginnings of a long id are soon those of several. */
const MIN_PREFIX = 4;
/** What is shown of a reply's id, if that is enough. Shorter digits are a message's number, and never a reply's beginning. */
const REPLY_PREFIX = 8;
const MAX_NAMED = 5;

export interface Where {
  readonly account?: string | undefined;
  readonly kind?: LetterKind | undefined;
}

/**
 * Everything that can be named, oldest first: the dead letters, and the replies that OpenClaw still tries.
 *
 * @param texts `shown` reads every text for what a list shows of it; with `unread`, `from` and `preview` are empty.
 */
export function findAll(
  office: Office,
  { account, kind }: Where,
  texts: "shown" | "unread",
): readonly Found[] {
  return accountsFor(office, account)
    .flatMap((id) =>
      withShortIds([...messagesOf(office, id, texts), ...repliesOf(office, id, texts)]),
    )
    .filter((found) => kind === undefined || found.kind === kind)
    .toSorted((a, b) => compare(a.letter.since, b.letter.since));
}

/** ISO times: what a locale makes of them costs a thousand times as much. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isDead(found: Found): boolean {
  return found.kind === "message" || found.isGivenUp;
}

/**
 * The one that somebody meant: by its whole id, by the message's own number, or by a beginning that only one has.
 *
 * @throws {CommandError} when there is none, or more than one.
 */
export function findOne(office: Office, written: string, where: Where): Found {
  return withText(office, createFinder(office, where)(written));
}

/** One that was found with its text unread, with what is shown of it. */
export function withText(office: Office, found: Found): Found {
  return found.kind === "message" ? messageWithText(office, found) : replyWithText(found);
}

/**
 * Finds as {@link findOne} does, one after the other, in what was there at the beginning: reading the journal anew
 * for each of a thousand would stop the whole process for minutes. Texts stay unread.
 */
export function createFinder(office: Office, where: Where): (written: string) => Found {
  const all = findAll(office, where, "unread");
  const byFullId = Map.groupBy(all, ({ letter }) => letter.fullId);
  return (given) => {
    const written = given.trim();
    const matches = byFullId.get(written) ?? matching(all, written);
    const [found] = matches;
    if (found === undefined) throw notFound(office, written, where);
    if (matches.length === 1) return found;
    const named = matches
      .slice(0, MAX_NAMED)
      .map(({ letter }) => `${nameOf(letter)} of account ${letter.account}`);
    const more = matches.length > MAX_NAMED ? ` and ${matches.length - MAX_NAMED} more` : "";
    throw new CommandError(
      `"${given}" can mean ${named.join(", ")}${more}. Write more of the id, or add --account or --kind.`,
      { code: "GOTIFY_AMBIGUOUS" },
    );
  };
}

/** By less than the whole id, in the order in which they count. */
function matching(all: readonly Found[], written: string): readonly Found[] {
  const shortest = /^\d+$/.test(written) ? REPLY_PREFIX : MIN_PREFIX;
  const ways: readonly ((found: Found) => boolean)[] = [
    (found) => found.kind === "message" && String(found.row.messageId) === written,
    ({ kind, letter }) => kind === "message" && letter.fullId.endsWith(`:${written}`),
    ({ letter }) => written.length >= shortest && letter.fullId.startsWith(written),
  ];
  for (const way of ways) {
    const found = all.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}

/** @param all of one account. */
function withShortIds(all: readonly Found[]): readonly Found[] {
  const meanings = new Map<string, number>();
  for (const found of all) {
    const { fullId } = found.letter;
    for (const name of new Set([fullId, ...candidates(found), ...beginnings(fullId)])) {
      meanings.set(name, (meanings.get(name) ?? 0) + 1);
    }
  }
  return all.map((found) => {
    const id = candidates(found).find((name) => meanings.get(name) === 1);
    const letter = { ...found.letter, id: id ?? found.letter.fullId };
    return found.kind === "message" ? { ...found, letter } : { ...found, letter };
  });
}

/** Shortest first. */
function candidates(found: Found): readonly string[] {
  const { fullId } = found.letter;
  if (found.kind === "message") {
    const { messageId, epoch } = found.row;
    // A server that counts anew gives its numbers out again.
    return messageId === undefined ? [] : [`${messageId}`, `${epoch}:${messageId}`];
  }
  return beginnings(fullId);
}

function beginnings(fullId: string): readonly string[] {
  return Array.from({ length: Math.max(0, fullId.length - REPLY_PREFIX) }, (_, more) =>
    fullId.slice(0, REPLY_PREFIX + more),
  );
}

function notFound(office: Office, written: string, { account, kind }: Where): CommandError {
  const accounts = accountsFor(office, account);
  for (const id of kind === "reply" ? [] : accounts) {
    const state = office.withJournal(id, "read", (journal) => otherStateOf(journal, written));
    if (state !== undefined) {
      return new CommandError(
        state === "completed"
          ? `Message ${written} of account ${id} was dealt with: it was answered, dropped, or not for the agent.`
          : `Message ${written} of account ${id} is on its way to the agent already.`,
        { code: "GOTIFY_NOT_FOUND" },
      );
    }
  }
  const where = accounts.length === 1 ? `account ${accounts[0]}` : "any account";
  return new CommandError(
    `There is no dead ${kind ?? "letter"} "${written}" in ${where}. See openclaw gotify dead-letters list.`,
    { code: "GOTIFY_NOT_FOUND" },
  );
}
