// Owns fetching the pages of one reading: a small one first, then large ones, and the next one already while the last is written down.
import { setImmediate as immediate } from "node:timers/promises";
import type { GotifyClient } from "../../gotify/client.ts";
import type { GotifyMessagePage } from "../../gotify/messages.ts";

export const PAGE_SIZE = 200;

export interface PageReaderOptions {
  readonly client: Pick<GotifyClient, "readPages">;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
}

export interface PageReader {
  /** The next page; `undefined` after the last one. @throws what fetching it throws. */
  readonly next: () => Promise<GotifyMessagePage | undefined>;
  /** Asks for the next page now. Resolves when the question is on its way; what becomes of it, `next` says. */
  readonly ahead: () => Promise<void>;
  /** Milliseconds that the slowest page took. */
  readonly costMs: () => number;
  /** Breaks off what is on its way. Resolves when nothing is. */
  readonly close: () => Promise<void>;
}

type Fetched = IteratorResult<GotifyMessagePage, void>;

/** @param firstSize of the first page: small while nothing is expected. */
export function createPageReader(
  { client, elapsed }: PageReaderOptions,
  firstSize: number,
  signal: AbortSignal,
): PageReader {
  const closing = new AbortController();
  const pages = pagesOf(client, firstSize, AbortSignal.any([signal, closing.signal]));
  let costMs = 0;
  let coming: Promise<Fetched> | undefined;

  const fetch = async (): Promise<Fetched> => {
    const askedAt = elapsed();
    const fetched = await pages.next();
    if (fetched.done !== true) costMs = Math.max(costMs, elapsed() - askedAt);
    return fetched;
  };
  return {
    async next() {
      const fetched = await (coming ?? fetch());
      coming = undefined;
      return fetched.done === true ? undefined : fetched.value;
    },
    async ahead() {
      coming = fetch();
      // Told by `next`, or by nobody when the reading ends here.
      coming.catch(() => {});
      // The request leaves with the turns of the event loop, which the writing will hold up.
      await immediate();
    },
    costMs: () => costMs,
    async close() {
      closing.abort();
      await Promise.allSettled([coming, pages.return()]);
    },
  };
}

async function* pagesOf(
  client: PageReaderOptions["client"],
  firstSize: number,
  signal: AbortSignal,
): AsyncGenerator<GotifyMessagePage, void, undefined> {
  let next: number | undefined;
  for await (const page of client.readPages({ pageSize: firstSize }, { signal })) {
    next = page.next;
    yield page;
    break;
  }
  if (next !== undefined) {
    yield* client.readPages({ since: next, pageSize: PAGE_SIZE }, { signal });
  }
}
