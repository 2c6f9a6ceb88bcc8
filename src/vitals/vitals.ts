// Owns what a running account knows of itself from moment to moment: its stream, its posts, its queue, and what it has counted.

/**
 * `off`: the account only sends. `waiting`: for the next try. `unreadable`: open, but the lists do not answer.
 * `blocked`: only a person can help. The others say it themselves.
 */
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
 * What is counted, from the start of the account's run on:
 *
 * - `in`: messages on their way to the agent.
 * - `out`: messages that were posted.
 * - `duplicates`: brought a second time and left out: by the stream, or already written down; not what a reading of
 *   the lists merely sees again.
 * - `dropped`: frames that could not be taken.
 * - `retries`: messages that are tried again.
 * - `failed`: messages that were given up.
 * - `reconnects`: connections that ended.
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

/** A turn that the agent is at; one that waits in the host's own queue does not run yet. */
export interface RunningTurn {
  /** When the agent took it up, in ms since 1970. */
  readonly at: number;
  /** The conversation, as the journal names it. */
  readonly lane: string;
  /** How many of its messages the journal has ticked off: the host has them in writing long before they are answered. */
  readonly tickedOff: number;
}

/**
 * How long ago, in milliseconds of a clock that only goes forward and that stands still while the machine sleeps.
 * By the wall clock, a machine that slept for hours would call everything stale, and one whose clock was set back nothing.
 */
export interface Ages {
  /** Since the host asked the queue for work, or else since the first connection; `undefined`: there is no queue yet. */
  readonly queueAsked: number | undefined;
  /** Since posting was looked at, or since the connection was made, after which it is looked at anew; or else since the start. */
  readonly posting: number;
  /** Since the lists were read, or since the connection was made; or else since the start. */
  readonly reading: number;
}

/** All times in ms since 1970; what is left out is not known, or has not been. */
export interface Vitals {
  /** When this run of the account began. */
  readonly startedAt: number;
  readonly stream: Noted<StreamState>;
  /** Since when it is neither `open` nor `off`, however often it was tried again meanwhile; kept by {@link VitalsWriter.set}. */
  readonly downSince?: number | undefined;
  /** A connection ended before its first reading did, and none was `open` since; kept by {@link VitalsWriter.set}. */
  readonly hasDiedCatchingUp?: boolean | undefined;
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
  /** In no order. Only the process knows them: to the journal, a message is done when the host has it in writing. */
  readonly turns?: readonly RunningTurn[] | undefined;
  /** Why nothing can be received at all: the lease is another's, the disk is full, the journal is of no use. */
  readonly blocked?: Noted<string> | undefined;
  /** Something a person should know that stops nothing. */
  readonly notice?: Noted<string> | undefined;
  readonly lastError?: Noted<string> | undefined;
  /** What is judged by how old it is, is judged by these, and not by the times above. */
  readonly ages: Ages;
  readonly counted: Readonly<Record<Counter, number>>;
}

/** The vitals of one run of an account. Its writer is the account; everybody may look. */
export interface VitalsWriter {
  readonly set: (
    known: Partial<
      Omit<Vitals, "ages" | "counted" | "startedAt" | "downSince" | "hasDiedCatchingUp">
    >,
  ) => void;
  readonly count: (counter: Counter, times?: number) => void;
  /** Counts since the last call, and begins anew: for whoever keeps them beyond the process. */
  readonly takeUncounted: () => Readonly<Record<Counter, number>>;
  readonly look: () => Vitals;
  /** The account does not run any more, and nobody wished it to. */
  readonly endWith: (error: string) => void;
  /** The account does not run any more; nothing where that was said already. */
  readonly end: () => void;
}

const running = new Map<string, VitalsWriter>();
/** One for each account that ran and does not any more. */
const ended = new Map<string, Noted<string | undefined>>();

/**
 * Begins a run of the account: whatever was known of the run before is forgotten.
 *
 * @param now in ms since 1970.
 * @param elapsed milliseconds of a clock that only goes forward.
 */
export function beginVitals(
  accountId: string,
  now: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): VitalsWriter {
  const counted = noneCounted();
  let uncounted = noneCounted();
  const ages = createAges(elapsed);
  let vitals: Omit<Vitals, "ages" | "counted"> = {
    startedAt: now(),
    stream: { value: "connecting", at: now() },
    downSince: now(),
  };
  const end = (error: string | undefined): void => {
    if (running.get(accountId) !== writer) return;
    running.delete(accountId);
    ended.set(accountId, { value: error, at: now() });
  };
  const writer: VitalsWriter = {
    set(known) {
      ages.note(known);
      const before = vitals.stream.value;
      vitals = { ...vitals, ...known };
      const isDown = vitals.stream.value !== "open" && vitals.stream.value !== "off";
      vitals = {
        ...vitals,
        downSince: isDown ? (vitals.downSince ?? vitals.stream.at) : undefined,
        hasDiedCatchingUp:
          isDown &&
          (vitals.hasDiedCatchingUp === true ||
            (before === "catching-up" && vitals.stream.value !== before)),
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
    look: () => ({ ...vitals, ages: ages.look(), counted: { ...counted } }),
    endWith: end,
    end: () => end(undefined),
  };
  running.set(accountId, writer);
  ended.delete(accountId);
  return writer;
}

/** `undefined` for an account that does not run in this process. */
export function vitalsOf(accountId: string): Vitals | undefined {
  return running.get(accountId)?.look();
}

/** When the account's last run in this process ended, and with which error; `undefined` while it runs, or never did. */
export function endOf(accountId: string): Noted<string | undefined> | undefined {
  return ended.get(accountId);
}

/** Whether this process is one that runs accounts. */
export function hasRunAny(): boolean {
  return running.size > 0 || ended.size > 0;
}

const AGING = ["queueAskedAt", "posting", "newestStored", "connectedAt"] as const;

/** When, by the clock that only goes forward, each of them was noted last. */
function createAges(elapsed: () => number): {
  readonly note: (known: Partial<Vitals>) => void;
  readonly look: () => Ages;
} {
  const startedAt = elapsed();
  const notedAt: Partial<Record<(typeof AGING)[number], number>> = {};
  return {
    note(known) {
      for (const name of AGING) {
        if (!(name in known)) continue;
        if (known[name] === undefined) delete notedAt[name];
        else notedAt[name] = elapsed();
      }
    },
    look() {
      const { queueAskedAt, posting, newestStored, connectedAt } = notedAt;
      const newest = (noted: number | undefined): number =>
        elapsed() - Math.max(noted ?? startedAt, connectedAt ?? startedAt);
      const askedAt = queueAskedAt ?? connectedAt;
      return {
        queueAsked: askedAt === undefined ? undefined : elapsed() - askedAt,
        posting: newest(posting),
        reading: newest(newestStored),
      };
    },
  };
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
