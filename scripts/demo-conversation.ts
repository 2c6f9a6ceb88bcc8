// Owns the demo's view of the conversation: prints every message of its application as it passes.
import { setTimeout as pause } from "node:timers/promises";
import { readStamp, type GotifyMessage } from "../src/gotify/index.ts";
import type { DemoGotify } from "./demo-gotify.ts";
import { message, note, seconds } from "./demo-terminal.ts";

const RETRY_MS = 2000;

export type Conversation = {
  /** Resolves when nothing that is posted from now on is missed; rejects when the stream cannot be opened. */
  started: Promise<void>;
  /** Resolves with the first answer. */
  answered: Promise<void>;
  /** The demo is about to push: how long that takes to arrive is worth showing. */
  pushing: () => void;
  stop: () => void;
};

/** Reads the same stream as the plugin does, with a socket of its own. */
export function watchConversation(gotify: DemoGotify): Conversation {
  const started = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const stopped = new AbortController();
  let pushedAt: number | undefined;
  let askedAt: number | undefined;

  const onMessage = (received: GotifyMessage): void => {
    if (received.appId !== gotify.appId) return;
    const now = performance.now();
    // Both sides post to one application; only the agent's posts carry a stamp.
    if (readStamp(received.extras) === undefined) {
      message(
        "you",
        received.message,
        pushedAt === undefined ? "" : `arrived after ${seconds(now - pushedAt)}`,
      );
      askedAt = pushedAt ?? now;
      pushedAt = undefined;
    } else {
      message(
        "agent",
        received.message,
        askedAt === undefined ? "" : `after ${seconds(now - askedAt)}`,
      );
      answered.resolve();
    }
  };

  const follow = async (): Promise<void> => {
    const { signal } = stopped;
    while (!signal.aborted) {
      try {
        const stream = await gotify.client.openStream({ onMessage, signal });
        started.resolve();
        const { error } = await stream.closed;
        if (error !== undefined) note(`${error.message} Looking again.`);
      } catch (error) {
        // Counts for the first attempt only: once started, a server may come and go.
        started.reject(error);
      }
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  void follow();

  return {
    started: started.promise,
    answered: answered.promise,
    pushing: () => {
      pushedAt = performance.now();
    },
    stop: () => stopped.abort(),
  };
}
