// Owns deleting handled messages on the server, where the operator wants that: beside the lanes, never before the message is ticked off.
import { errorText } from "../config/error-text.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import { findMessage } from "../gotify/find-message.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import type { Deletions, DueDeletion } from "../journal/deletions.ts";
import type { AccountLog } from "./account-log.ts";
import type { Progress } from "./feed/progress.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Between two looks at what is due. */
const LOOK_EVERY_MS = 2 * SECOND_MS;
const BATCH = 50;
/** When a failed deletion is tried again; after the last one the message stays. */
const RETRY_AFTER_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS];

/** The feed whose messages are deleted. */
export interface FeedRef {
  readonly feedKey: string;
  readonly progress: Pick<Progress, "state" | "remembers">;
}

export interface AfterHandledOptions {
  readonly client: Pick<GotifyClient, "listMessages" | "deleteMessage">;
  readonly deletions: Deletions;
  /** `undefined` while the server is not connected: then nothing is tried, and nothing counts as failed. */
  readonly feed: () => FeedRef | undefined;
  /** True for what this installation posted itself, which stays. */
  readonly isEcho: (message: GotifyMessage) => boolean;
  readonly log: AccountLog;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts, and rejects never. */
export async function deleteHandled(options: AfterHandledOptions): Promise<void> {
  const { client, deletions, log, signal } = options;
  /** One line for each trouble, however many messages it concerns. */
  let hasComplained = false;
  const complain = (text: string): void => {
    if (!hasComplained) log.warn(text);
    hasComplained = true;
  };

  while (!signal.aborted) {
    try {
      await options.sleep(LOOK_EVERY_MS, signal);
      await sweep();
    } catch (error) {
      // The journal's trouble, or the end. What is noted is still there.
      if (!signal.aborted) complain(`Handled messages wait to be deleted: ${errorText(error)}`);
    }
  }

  async function sweep(): Promise<void> {
    for (;;) {
      const feed = options.feed();
      if (feed === undefined) return;
      const prefix = `${feed.feedKey}:${feed.progress.state().epoch}:`;
      const left = deletions.forget(prefix);
      if (left > 0) {
        log.info(
          `${left} handled messages stay: the server has begun to count anew, and their ids mean other messages now.`,
        );
      }
      const due = deletions.due(prefix, options.now(), BATCH);
      if (due.length === 0) return;
      for (const deletion of due) {
        signal.throwIfAborted();
        if (options.feed() === undefined) return;
        await attempt(deletion, feed);
      }
    }
  }

  async function attempt(deletion: DueDeletion, feed: FeedRef): Promise<void> {
    const { rowId, messageId, tries } = deletion;
    try {
      if (await isStillIt(messageId, feed)) await remove(messageId);
      deletions.done(rowId);
      hasComplained = false;
    } catch (error) {
      signal.throwIfAborted();
      const delayMs = RETRY_AFTER_MS[tries];
      if (delayMs === undefined) deletions.done(rowId);
      else deletions.postpone(rowId, options.now() + delayMs);
      complain(
        `Handled message ${messageId} could not be deleted: ${errorText(error)} It is tried ${RETRY_AFTER_MS.length} more times within 40 minutes and stays then; so do others with the same trouble.`,
      );
    }
  }

  /**
   * Whether the id still means the message that was handled. A server that was reset gives its ids out
   * again, and deleting the wrong message cannot be undone.
   */
  async function isStillIt(id: number, { progress }: FeedRef): Promise<boolean> {
    const { epoch } = progress.state();
    const message = await findMessage(client, id, { signal });
    // A new counting that was noticed meanwhile remembers another message under this id.
    if (progress.state().epoch !== epoch) return false;
    return message !== undefined && progress.remembers(message) && !options.isEcho(message);
  }

  async function remove(id: number): Promise<void> {
    try {
      await client.deleteMessage(id, { signal });
    } catch (error) {
      // Somebody else was faster.
      const isGone = error instanceof GotifyHttpError && error.code === "GOTIFY_NOT_FOUND";
      if (!isGone) throw error;
    }
  }
}
