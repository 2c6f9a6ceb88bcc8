// Owns what a running account knows of itself from moment to moment: its stream, its posts, its queue, and what it has counted.

/** - `off`: the account only sends. - `connecting`, `waiting` (for the next try), `unreadable` (open, but the lists
 *  do not answer), `blocked` (only a person can help), `gave-up`, `catching-up`, `open`. */
export type StreamState =
  | "off"
  | "connecting"
  | "catching-up"
  | "open"
  | "unreadable"
  | "waiting"
  | "blocked"
  | "gave-up";

/**
 * What is counted, from the start of the process on:
 *
 * - `in`: messages on their way to the agent. - `out`: messages that were posted. - `duplicates`: brought a second
 *   time and left out: by the stream, or already written down; not what a reading of the lists merely sees again. - `dropped`: frames that could not be taken. - `retries`: messages that are tried again.
 * - `failed`: messages that were given up. - `reconnects`: connections that ended.
 */
export const COUNTERS = [
  "in",
  "out",
  "duplicates",
  "dropped",
  "retries",
  "failed",
  "reconnects",
] as const;
export type Counter = (typeof COUNTERS)[number];

/** A fact with the time it is from, in ms since 1970. */
export interface Noted<T> {
  readonly value: T;
  readonly at: number;
}

/** All times in ms since 1970; what is left out is not known, or has not been. */
export interface Vitals {
  /** When this run of the account began. */
  readonly startedAt: number;
  readonly stream: Noted<StreamState>;
  /** Since when it is neither `open` nor `off`, however often it was tried again meanwhile; kept by {@link VitalsWriter.set}. */
  readonly downSince?: number | undefined;
  /** Why it is not `open`, in one line; stays while the next try is on its way. */
  readonly streamProblem?: string | undefined;
  /** Of the connection that is open now. */
  readonly connectedAt?: number | undefined;
  /** Milliseconds from the stream's first ping to its pong. */
  readonly roundTripMs?: number | undefined;
  /** The version that the server says it has. */
  readonly version?: string | undefined;
  /** When the newest frame or reading brought a message for the agent. */
  readonly lastInAt?: number | undefined;
  readonly lastOutAt?: number | undefined;
  /**
   * The last look at whether an answer could be posted, or the last post that told: with what is wrong, or `undefined`
   * when nothing is. While the stream is open, less than a minute old; while it is not, as old as its end.
   */
  readonly posting?: Noted<string | undefined> | undefined;
  /**
   * The newest message stored on the server that the last reading of the lists has seen; `undefined`: there is none.
   * While the stream is open, less than a minute old; up to eleven where a page of messages takes the server a second.
   */
  readonly newestStored?: Noted<number | undefined> | undefined;
  /** When the host last asked the queue for work: it does so twice a second. */
  readonly queueAskedAt?: number | undefined;
  /** Why nothing can be received at all: the lease is another's, the disk is full, the journal is of no use. */
  readonly blocked?: Noted<string> | undefined;
  /** Something a person should know that stops nothing. */
  readonly notice?: Noted<string> | undefined;
  readonly lastError?: Noted<string> | undefined;
  readonly counted: Readonly<Record<Counter, number>>;
}

/** The vitals of one run of an account. Its writer is the account; everybody may look. */
export interface VitalsWriter {
  readonly set: (known: Partial<Omit<Vitals, "counted" | "startedAt" | "downSince">>) => void;
  readonly count: (counter: Counter, times?: number) => void;
  /** Counts since the last call, and begins anew: for whoever keeps them beyond the process. */
  readonly takeUncounted: () => Readonly<Record<Counter, number>>;
  readonly look: () => Vitals;
  /** The account does not run any more. */
  readonly end: () => void;
}

const running = new Map<string, VitalsWriter>();

/** Begins a run of the account: whatever was known of the run before is forgotten. */
export function beginVitals(accountId: string, now: () => number = Date.now): VitalsWriter {
  const counted = noneCounted();
  let uncounted = noneCounted();
  let vitals: Omit<Vitals, "counted"> = {
    startedAt: now(),
    stream: { value: "connecting", at: now() },
    downSince: now(),
  };
  const writer: VitalsWriter = {
    set(known) {
      vitals = { ...vitals, ...known };
      const isDown = vitals.stream.value !== "open" && vitals.stream.value !== "off";
      vitals = {
        ...vitals,
        downSince: isDown ? (vitals.downSince ?? vitals.stream.at) : undefined,
      };
    },
    count(counter, times = 1) {
      counted[counter] += times;
      uncounted[counter] += times;
    },
    takeUncounted() {
      const taken = uncounted;
      uncounted = noneCounted();
      return taken;
    },
    look: () => ({ ...vitals, counted: { ...counted } }),
    end() {
      if (running.get(accountId) === writer) running.delete(accountId);
    },
  };
  running.set(accountId, writer);
  return writer;
}

/** `undefined` for an account that does not run in this process. */
export function vitalsOf(accountId: string): Vitals | undefined {
  return running.get(accountId)?.look();
}

export function noneCounted(): Record<Counter, number> {
  return {
    in: 0,
    out: 0,
    duplicates: 0,
    dropped: 0,
    retries: 0,
    failed: 0,
    reconnects: 0,
  };
}
