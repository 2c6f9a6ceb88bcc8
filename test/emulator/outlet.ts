// Owns the way of frames into one socket: one being written, one waiting, and what becomes of a socket that does not read.
import type { WebSocket } from "ws";

/**
 * What the real server dies of inside a post: somebody's socket went away while a frame was to be put before it.
 * The message is stored by then, and the sockets after this one have not been served.
 */
export class OutletGoneError extends Error {}

export interface Outlet {
  /**
   * Undefined when the frame was taken at once. A promise when the socket has no room: it holds up the sender and
   * everybody after this socket.
   *
   * @throws {OutletGoneError} by that promise.
   */
  offer(text: string): Promise<void> | undefined;
}

interface Waiting {
  readonly text: string;
  readonly taken: PromiseWithResolvers<void>;
}

/** The deadline is counted in these, so that a process that was busy elsewhere for long does not miss it. */
const TICKS = 4;

/** Frames go into a socket as its client reads them; one that reads nothing for the deadline is dropped. */
export class SocketOutlet implements Outlet {
  readonly #socket: WebSocket;
  readonly #writeDeadlineMs: number;
  /** Told when the frame that the system has not taken yet is out. */
  #writing: (() => void) | undefined;
  #queued: string | undefined;
  readonly #waiting: Waiting[] = [];
  #deadline: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(socket: WebSocket, writeDeadlineMs: number) {
    this.#socket = socket;
    this.#writeDeadlineMs = writeDeadlineMs;
  }

  offer(text: string): Promise<void> | undefined {
    if (this.#isClosed) return Promise.reject(new OutletGoneError());
    // What is sent into a half-open connection is taken, and lost.
    if (this.#socket.isPaused) return undefined;
    if (this.#writing === undefined) {
      this.#write(text);
      return undefined;
    }
    if (this.#queued === undefined) {
      this.#queued = text;
      return undefined;
    }
    const taken = Promise.withResolvers<void>();
    this.#waiting.push({ text, taken });
    return taken.promise;
  }

  #write(text: string): void {
    const written = (error?: Error | null): void => {
      // With an error the socket is gone, and its close follows.
      if (this.#writing === written && !(error instanceof Error)) this.#goOn();
    };
    this.#socket.send(text, written);
    // What the system took is out of our hands, whether the client reads it or not.
    if (this.#socket.bufferedAmount === 0) return;
    this.#writing = written;
    let ticks = 0;
    this.#deadline = setInterval(() => {
      ticks += 1;
      if (ticks >= TICKS) this.#socket.terminate();
    }, this.#writeDeadlineMs / TICKS);
  }

  #goOn(): void {
    this.#stopWaiting();
    const next = this.#queued;
    const waiting = this.#waiting.shift();
    this.#queued = waiting?.text;
    waiting?.taken.resolve();
    if (next !== undefined) this.#write(next);
  }

  #stopWaiting(): void {
    clearInterval(this.#deadline);
    this.#writing = undefined;
  }

  /** The socket is gone: whoever waits for room in it fails. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    for (const { taken } of this.#waiting.splice(0)) taken.reject(new OutletGoneError());
  }
}

/** A socket of somebody else that is only thought of: it takes no frame, and after a while it is gone. */
export class NeighbourOutlet implements Outlet {
  readonly #delayMs: number;
  readonly #onGone: () => void;
  readonly #gone = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number, onGone: () => void) {
    this.#delayMs = delayMs;
    this.#onGone = onGone;
  }

  /** Everybody who is held up by it fails together. */
  offer(): Promise<void> {
    this.#timer ??= setTimeout(() => this.leave(), this.#delayMs);
    return this.#gone.promise;
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#onGone();
    // Nobody may be held up by it now.
    this.#gone.promise.catch(() => {});
    this.#gone.reject(new OutletGoneError());
  }
}
