// Owns reading back: page after page of stored messages, from the newest to the oldest, with bounds.
import { withDeadline, type Deadline } from "./deadline.ts";
import { GotifyAnswerError, GotifyConfigError, GotifyNetworkError } from "./errors.ts";
import type { GotifyMessagePage, MessageQuery } from "./messages.ts";
import { asId } from "./parse.ts";

/** What Gotify gives at most. */
const MAX_PAGE_SIZE = 200;
/** By how much a page shrinks that was too large to be held. */
const TOO_LARGE_DIVISOR = 2;
/** Much more than the time shrinks in which the next one must come, or a slow link would never do it. */
const TOO_SLOW_DIVISOR = 8;

/** What to read of the stored messages, and in what portions. */
export interface HistoryQuery {
  /** Only this application's messages. Left out: every application of the token's user. */
  readonly appId?: number;
  /** Start below this id, a whole number: the `next` of the last page seen resumes an earlier reading. */
  readonly since?: number;
  /**
   * Messages per page, 1 to 200. Default 200. Made smaller, and kept so, when an answer is too large
   * (half as many) or takes more than half of the time that is left for its page (an eighth).
   */
  readonly pageSize?: number;
  /** Stop after this many messages, a whole number. Default: read to the end. */
  readonly maxMessages?: number;
}

type ReadPage = (query: MessageQuery, deadline: Deadline) => Promise<GotifyMessagePage>;

/**
 * Yields pages, newest first, until the last one or the bound. Messages posted meanwhile do not shift
 * pages, because the cursor is an id. Deleted ones are skipped. Each page has the time limit to itself,
 * smaller tries included; what the caller does between two pages does not count.
 *
 * @throws {GotifyConfigError} with the first page, for a query that cannot work; otherwise what a call
 * throws. When a page of one message is still too large or too slow, that error.
 */
export async function* readPages(
  readPage: ReadPage,
  query: HistoryQuery,
  bounds: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
): AsyncGenerator<GotifyMessagePage, void, undefined> {
  const { appId, maxMessages = Number.POSITIVE_INFINITY } = query;
  let size = query.pageSize ?? MAX_PAGE_SIZE;
  let { since } = query;
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_PAGE_SIZE) {
    throw new GotifyConfigError(`A page holds 1 to ${MAX_PAGE_SIZE} messages, not ${size}.`);
  }
  if (maxMessages !== Infinity && asId(maxMessages) === undefined) {
    throw new GotifyConfigError(
      `A number of messages is whole and not negative, not ${maxMessages}.`,
    );
  }
  if (since !== undefined && asId(since) === undefined) {
    throw new GotifyConfigError(`since is an id, a whole number, not ${since}.`);
  }
  // Nothing is below the first id; Gotify itself would take 0 for no cursor at all.
  let left = since === 0 ? 0 : maxMessages;

  while (left > 0) {
    const wanted = Math.min(size, left);
    const cursor = {
      ...(appId === undefined ? {} : { appId }),
      ...(since === undefined ? {} : { since }),
    };
    const { page, limit } = await withDeadline(bounds, (deadline) =>
      readOne(readPage, cursor, wanted, deadline),
    );
    if (limit < wanted) size = limit;
    checkAgainst({ ...cursor, limit }, page);
    left -= page.messages.length + page.unreadable;
    yield page;
    if (page.next === undefined) return;
    if (since !== undefined && page.next >= since) {
      throw new GotifyAnswerError(
        "The pages of this Gotify do not lead backwards. Something between here and it repeats answers.",
      );
    }
    since = page.next;
  }
}

/**
 * Whether the page is an answer to the question. Taken on trust, a page of somebody else's, or the same
 * page again and again, would pass for the history; each page must bring the reading closer to its end.
 */
function checkAgainst(
  { appId, since, limit = MAX_PAGE_SIZE }: MessageQuery,
  page: GotifyMessagePage,
) {
  const received = page.messages.length + page.unreadable;
  if (received > limit)
    throw dropsQuery(`Asked for ${limit} messages, this Gotify gave ${received}`);
  if (received === 0 && page.next !== undefined) {
    throw new GotifyAnswerError(
      "This Gotify gave a page without messages, and said that more follow. Look at what is between here and it.",
    );
  }
  for (const message of page.messages) {
    if (since !== undefined && message.id >= since) {
      throw dropsQuery(`Asked for messages below ${since}, this Gotify gave ${message.id}`);
    }
    if (appId !== undefined && message.appId !== appId) {
      throw dropsQuery(
        `Asked for messages of application ${appId}, this Gotify gave one of ${message.appId}`,
      );
    }
  }
}

function dropsQuery(what: string): GotifyAnswerError {
  return new GotifyAnswerError(`${what}. Something between here and it drops the query.`);
}

/** One page, and how many messages it was asked for in the end. */
async function readOne(
  readPage: ReadPage,
  cursor: MessageQuery,
  wanted: number,
  deadline: Deadline,
): Promise<{ page: GotifyMessagePage; limit: number }> {
  let limit = wanted;
  for (;;) {
    const query = { ...cursor, limit };
    // A page that cannot shrink may use up what time there is; with none left, this says so.
    const isLastTry = limit === 1 || deadline.signal.aborted;
    try {
      const page = isLastTry
        ? await readPage(query, deadline)
        : await withDeadline(
            { signal: deadline.signal, timeoutMs: deadline.leftMs() / 2 },
            (half) => readPage(query, half),
          );
      return { page, limit };
    } catch (error) {
      const divisor = shrinkBy(error);
      if (divisor === undefined || isLastTry) throw error;
      limit = Math.ceil(limit / divisor);
    }
  }
}

/** Gotify sets no limit to the size of a message, so a page can be larger or slower than anyone expects. */
function shrinkBy(error: unknown): number | undefined {
  if (error instanceof GotifyAnswerError && error.code === "GOTIFY_ANSWER_TOO_LARGE") {
    return TOO_LARGE_DIVISOR;
  }
  if (error instanceof GotifyNetworkError && error.code === "GOTIFY_TIMEOUT") {
    return TOO_SLOW_DIVISOR;
  }
  return undefined;
}
