// Owns the way from socket to disk: what arrives together is written together, so that a flood costs few commits.
import type { GotifyMessage } from "../../gotify/message.ts";
import { createPacer } from "./pacer.ts";

/** Frames that wait for the disk at most. Beyond it they are written at once. */
const MAX_WAITING = 2_000;
/** The same in characters of text. */
const MAX_WAITING_CHARS = 8_000_000;

export interface FrameBufferOptions {
  /** Writes a batch for good, or throws. */
  readonly commit: (messages: readonly GotifyMessage[]) => void;
  /** The batch was not written, and nothing more will be: the connection is to be dropped. It is still on the server. */
  readonly onFailure: (error: unknown) => void;
}

export interface FrameBuffer {
  readonly take: (message: GotifyMessage) => void;
  /** Writes what waits. */
  readonly flush: () => void;
  /** Forgets what waits, and takes nothing more. */
  readonly close: () => void;
}

export function createFrameBuffer(options: FrameBufferOptions): FrameBuffer {
  let waiting: GotifyMessage[] = [];
  let chars = 0;
  let isOpen = true;
  const pacer = createPacer({
    // The disk's time is real, whatever clock the feed goes by.
    elapsed: () => performance.now(),
    work() {
      if (!isOpen || waiting.length === 0) return;
      const batch = waiting;
      waiting = [];
      chars = 0;
      try {
        options.commit(batch);
      } catch (error) {
        isOpen = false;
        options.onFailure(error);
      }
    },
  });

  return {
    take(message) {
      if (!isOpen) return;
      waiting.push(message);
      chars += message.message.length;
      if (waiting.length >= MAX_WAITING || chars >= MAX_WAITING_CHARS) pacer.now();
      else pacer.request();
    },
    flush: pacer.now,
    close() {
      pacer.cancel();
      isOpen = false;
      waiting = [];
    },
  };
}
