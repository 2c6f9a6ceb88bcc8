// Owns reading a conversation back: its application and the agent's replies in one order, newest first, within bounds.
import { GotifyHttpError } from "../../gotify/errors.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { GotifyMessagePage } from "../../gotify/messages.ts";
import { ActionRefusedError, nameOf, type Author, type OpenConversation } from "./conversation.ts";

/** Bounds of one reading: a server with a large database takes 300 ms for a page. */
export interface Bounds {
  readonly pages: number;
  readonly pageSize: number;
  readonly timeMs: number;
}

export interface Wanted {
  /** Only messages below this id. */
  readonly before?: number | undefined;
  /** Only messages above this id. */
  readonly after?: number | undefined;
  readonly limit: number;
  readonly matches: (message: GotifyMessage) => boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Found {
  /** Newest first. */
  readonly entries: readonly { readonly message: GotifyMessage; readonly author: Author }[];
  /** True when there is nothing more to find; false when the reading stopped before that. */
  readonly complete: boolean;
  /** The last message that was looked at; the reading goes on before it. `undefined`: none was. */
  readonly stoppedAt: GotifyMessage | undefined;
}

/**
 * Reads until enough is found, all is read, or the bounds are reached.
 *
 * @throws {ActionRefusedError} when the server does not have the application; otherwise what reading throws.
 */
export async function readConversation(
  conversation: OpenConversation,
  wanted: Wanted,
  bounds: Bounds,
): Promise<Found> {
  const deadline = AbortSignal.timeout(bounds.timeMs);
  const signal =
    wanted.signal === undefined ? deadline : AbortSignal.any([wanted.signal, deadline]);
  const sources = sourcesOf(conversation, wanted.before, bounds.pageSize, signal);
  const entries: { message: GotifyMessage; author: Author }[] = [];
  let stoppedAt: GotifyMessage | undefined;
  let pages = 0;
  const end = (complete: boolean): Found => ({ entries, complete, stoppedAt });

  try {
    for (;;) {
      for (const source of sources) {
        while (!source.isDone && source.waiting.length === 0) {
          if (pages >= bounds.pages) return end(false);
          pages += 1;
          await source.fill();
        }
      }
      const message = takeNewest(sources);
      if (message === undefined) return end(true);
      if (wanted.after !== undefined && message.id <= wanted.after) return end(true);
      // Found one too many: only then is it known that there are more.
      if (entries.length >= wanted.limit && conversation.authorOf(message) !== undefined) {
        return end(false);
      }
      stoppedAt = message;
      const author = conversation.authorOf(message);
      if (author !== undefined && wanted.matches(message)) entries.push({ message, author });
    }
  } catch (error) {
    wanted.signal?.throwIfAborted();
    if (deadline.aborted) return end(false);
    throw error;
  } finally {
    await Promise.allSettled(sources.map((source) => source.close()));
  }
}

interface Source {
  /** Fetched and not taken yet, newest first. */
  readonly waiting: GotifyMessage[];
  isDone: boolean;
  fill(): Promise<void>;
  close(): Promise<unknown>;
}

/** The lists that hold the conversation. One that its sender named has parts everywhere. */
function sourcesOf(
  conversation: OpenConversation,
  since: number | undefined,
  pageSize: number,
  signal: AbortSignal,
): readonly Source[] {
  const { client, appId, ownAppId } = conversation;
  const from = since === undefined ? {} : { since };
  const pagesOf = (application: { readonly appId?: number }) =>
    client.readPages({ ...application, ...from, pageSize }, { signal });
  if (appId === undefined) return [sourceOf(pagesOf({}))];
  const own = ownAppId === undefined || ownAppId === appId ? [] : [ownAppId];
  return [
    sourceOf(pagesOf({ appId }), (error) => {
      if (!isUnknown(error)) throw error;
      throw new ActionRefusedError(
        `Gotify has no application ${nameOf(conversation)} for this user. Check its id on Gotify's Apps page.`,
      );
    }),
    ...own.map((id) =>
      sourceOf(pagesOf({ appId: id }), (error) => {
        // The application of the replies was deleted, and they with it.
        if (!isUnknown(error)) throw error;
      }),
    ),
  ];
}

function sourceOf(
  pages: AsyncGenerator<GotifyMessagePage, void, undefined>,
  onError: (error: unknown) => void = (error) => {
    throw error;
  },
): Source {
  return {
    waiting: [],
    isDone: false,
    async fill() {
      try {
        const page = await pages.next();
        this.isDone = page.done === true || page.value.next === undefined;
        if (page.done !== true) this.waiting.push(...page.value.messages);
      } catch (error) {
        this.isDone = true;
        onError(error);
      }
    },
    close: () => pages.return(),
  };
}

function takeNewest(sources: readonly Source[]): GotifyMessage | undefined {
  let newest: Source | undefined;
  for (const source of sources) {
    const id = source.waiting[0]?.id ?? 0;
    if (id > (newest?.waiting[0]?.id ?? 0)) newest = source;
  }
  return newest?.waiting.shift();
}

function isUnknown(error: unknown): boolean {
  return error instanceof GotifyHttpError && error.code === "GOTIFY_NOT_FOUND";
}
