// Owns finding dead letters: both kinds in one list, the shortest id that names each, and the one that somebody meant.
import { CommandError } from "../../../config/command-line.ts";
import { otherStateOf } from "../../../journal/dead-messages.ts";
import { nameOf, type Found, type LetterKind } from "./letter.ts";
import { messagesOf } from "./messages.ts";
import { accountsFor, type Office } from "./office.ts";
import { repliesOf } from "./replies.ts";

/** Shorter beginnings of a long id are soon those of several. */
const MIN_PREFIX = 4;
/** What is shown of a reply's id, if that is enough. */
const REPLY_PREFIX = 8;
const MAX_NAMED = 5;

export interface Where {
  readonly account?: string | undefined;
  readonly kind?: LetterKind | undefined;
}

/** Everything that can be named, oldest first: the dead letters, and the replies that OpenClaw still tries. */
export function findAll(office: Office, { account, kind }: Where): readonly Found[] {
  return accountsFor(office, account)
    .flatMap((id) => {
      const all: readonly Found[] = [...messagesOf(office, id), ...repliesOf(office, id)];
      return all.map((found) => withShortId(found, all));
    })
    .filter((found) => kind === undefined || found.kind === kind)
    .toSorted((a, b) => a.letter.since.localeCompare(b.letter.since));
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
  const matches = matching(findAll(office, where), written.trim());
  const [found] = matches;
  if (found === undefined) throw notFound(office, written.trim(), where);
  if (matches.length === 1) return found;
  const named = matches
    .slice(0, MAX_NAMED)
    .map(({ letter }) => `${nameOf(letter)} of account ${letter.account}`);
  const more = matches.length > MAX_NAMED ? ` and ${matches.length - MAX_NAMED} more` : "";
  throw new CommandError(
    `"${written}" can mean ${named.join(", ")}${more}. Write more of the id, or add --account or --kind.`,
    { code: "GOTIFY_AMBIGUOUS" },
  );
}

/** What is written in full is not doubted because it is the beginning of something else. */
function matching(all: readonly Found[], written: string): readonly Found[] {
  const ways: readonly ((found: Found) => boolean)[] = [
    ({ letter }) => letter.fullId === written,
    (found) => found.kind === "message" && String(found.row.messageId) === written,
    ({ kind, letter }) => kind === "message" && letter.fullId.endsWith(`:${written}`),
    ({ letter }) => written.length >= MIN_PREFIX && letter.fullId.startsWith(written),
  ];
  for (const way of ways) {
    const found = all.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}

function withShortId(found: Found, all: readonly Found[]): Found {
  const id = candidates(found).find((written) => matching(all, written).length === 1);
  const letter = { ...found.letter, id: id ?? found.letter.fullId };
  return found.kind === "message" ? { ...found, letter } : { ...found, letter };
}

/** Shortest first. */
function candidates(found: Found): readonly string[] {
  const { fullId } = found.letter;
  if (found.kind === "message") {
    const { messageId, epoch } = found.row;
    // A server that counts anew gives its numbers out again.
    return messageId === undefined ? [] : [`${messageId}`, `${epoch}:${messageId}`];
  }
  const lengths = Array.from({ length: fullId.length }, (_, length) => length);
  return lengths
    .filter((length) => length >= REPLY_PREFIX)
    .map((length) => fullId.slice(0, length));
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
