// Owns reading back: page after page of stored messages, from the newest to the oldest, with bounds.
import type { CallOptions } from "./call-options.ts";
import { GotifyAnswerError, GotifyConfigError, GotifyNetworkError } from "./errors.ts";
import type { GotifyMessagePage, MessageQuery } from "./messages.ts";

/** What Gotify gives at most. */
const MAX_PAGE_SIZE = 200;

export interface HistoryQuery {
  /** Only this application's messages. Left out: every application of the token's user. */
  readonly appId?: number;
  /** Start below this id: the `next` of the last page seen resumes an earlier reading. */
  readonly since?: number;
  /** Messages per call, 1 to 200. Default 200. Halved, and kept so, when an answer is too large or too slow. */
  readonly pageSize?: number;
  /** Stop after this many messages. Default: read to the end. */
  readonly maxMessages?: number;
}

type ReadPage = (query: MessageQuery, options: CallOptions) => Promise<GotifyMessagePage>;

/**
 * Yields pages, newest first, until the last one or the bound. Messages posted meanwhile do not shift
 * pages, because the cursor is an id. Deleted ones are skipped.
 *
 * @throws what a call throws; when a page of one message is still too large or too slow, that error.
 */
export async function* readPages(
  readPage: ReadPage,
  query: HistoryQuery,
  options: CallOptions,
): AsyncGenerator<GotifyMessagePage, void, undefined> {
  const { appId, maxMessages = Number.POSITIVE_INFINITY } = query;
  let size = query.pageSize ?? MAX_PAGE_SIZE;
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_PAGE_SIZE) {
    throw new GotifyConfigError(`A page holds 1 to ${MAX_PAGE_SIZE} messages, not ${size}.`);
  }
  if (!(maxMessages >= 0) || (maxMessages !== Infinity && !Number.isSafeInteger(maxMessages))) {
    throw new GotifyConfigError(
      `A number of messages is whole and not negative, not ${maxMessages}.`,
    );
  }
  let since = query.since;
  // Nothing is below the first id; Gotify itself would take 0 for no cursor at all.
  let left = since !== undefined && since < 1 ? 0 : maxMessages;

  while (left > 0) {
    const limit = Math.min(size, left);
    let page: GotifyMessagePage;
    try {
      page = await readPage(
        {
          limit,
          ...(appId === undefined ? {} : { appId }),
          ...(since === undefined ? {} : { since }),
        },
        options,
      );
    } catch (error) {
      if (!isTooMuch(error) || limit === 1) throw error;
      size = Math.ceil(limit / 2);
      continue;
    }
    const received = page.messages.length + page.unreadable;
    if (received > limit) {
      throw new GotifyAnswerError(
        `Asked for ${limit} messages, this Gotify gave ${received}. Something between here and it drops the query.`,
      );
    }
    left -= received;
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

/** Gotify sets no limit to the size of a message, so a page can be larger or slower than anyone expects. */
function isTooMuch(error: unknown): boolean {
  return (
    (error instanceof GotifyAnswerError && error.code === "GOTIFY_ANSWER_TOO_LARGE") ||
    (error instanceof GotifyNetworkError && error.code === "GOTIFY_TIMEOUT")
  );
}
