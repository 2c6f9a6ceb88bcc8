// Owns which messages share a turn: one at a time where it is quiet, many in one where they pour in, and none left open.
import { createInboundDebouncer } from "openclaw/plugin-sdk/channel-inbound";
import type { ChannelIngressMonitorLifecycle } from "openclaw/plugin-sdk/channel-outbound";
import { errorText } from "../../config/error-text.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { AccountLog } from "../account-log.ts";
import type { TurnMark } from "./turn-mark.ts";
import { textBytes } from "./agent-text.ts";
import { createHandover, type TurnLifecycle } from "./handover.ts";
import { imagesOf } from "./images.ts";
import {
  apartLane,
  applicationOfLane,
  isControlLane,
  type CommandTest,
  type LaneOf,
} from "./lane.ts";
import {
  adaptiveWindowMs,
  add,
  fits,
  mostMessages,
  QUIET_WINDOW_MS,
  type TurnSize,
} from "./merge-window.ts";

/** Lanes that are remembered for nothing but the time of their last message. */
const MAX_IDLE_LANES = 1_000;
/** Messages of one lane that wait here: two full turns. Those behind them wait in the journal, where they cost nothing. */
const MAX_WAITING_IN_LANE = 200;
/** From so many on, in all lanes together, a lane may have one message waiting. */
const MANY_WAITING = 500;
/** The same for lanes that have none: with so many, in number or in characters of text, all wait. */
const MAX_WAITING = 2_000;
const MAX_WAITING_CHARS = 32_000_000;

/** Turns that are being handed over at once, for one application and in all: names cost their sender nothing. */
const MAX_HANDING_OF_APPLICATION = 8;
const MAX_HANDING = 32;

type Lifecycle = ChannelIngressMonitorLifecycle;

const UNCOUNTED: TurnMark = { tickedOff() {}, ended() {} };

/** A message of a turn. */
export interface TurnMessage {
  readonly message: GotifyMessage;
  /** What it is known by in the journal, in every counting of every server. */
  readonly id: string;
  /** The newest message of the turn that it was handed over in before, by its id in the journal. */
  readonly handedIn: string | undefined;
}

export interface MergerOptions {
  readonly isCommand: CommandTest;
  readonly laneOf: LaneOf;
  /** Messages that never share a turn: each counts for itself against a loop. */
  readonly standsAlone: (message: GotifyMessage) => boolean;
  /** The wait the operator set, in milliseconds; `undefined` for the adaptive one. */
  readonly windowMs: () => number | undefined;
  /** Rejects when the messages shall be tried again. */
  readonly runTurn: (turn: {
    readonly messages: readonly TurnMessage[];
    readonly isCommand: boolean;
    readonly lifecycle: TurnLifecycle;
    /** To be called with what is about to be handed over, so that a later process can look for it. */
    readonly noteHandedIn: (messages: readonly TurnMessage[]) => void;
  }) => Promise<void>;
  /** Writes down that claimed rows are being handed over, as one turn: completing the first completes all. */
  readonly joinTurn?: (ids: readonly string[]) => void;
  /** Writes down that the host knows these rows under the last of them. */
  readonly noteHandedIn?: (ids: readonly string[]) => void;
  /** Tells under which row the host knows what this one was handed over in before. */
  readonly handedIn?: (id: string) => string | undefined;
  /** Called when the agent takes a turn of this conversation up. */
  readonly onTurn?: (lane: string) => TurnMark;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/** What of a claimed row the merger needs to know. */
export interface ClaimedRow {
  readonly id: string;
  readonly laneKey?: string;
  readonly attempts: number;
}

/** What the monitor hands its messages to. */
export interface Turns {
  /** Takes a message over; its row is settled by the turn it ends up in. */
  deliver(message: GotifyMessage, lifecycle: Lifecycle, row: ClaimedRow): { kind: "deferred" };
  /** True while no more messages of this lane should be handed over. */
  readonly isFull: (lane: string) => boolean;
  /** Gives back what no turn has taken over yet, without counting that as an attempt. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly message: GotifyMessage;
  readonly id: string;
  readonly lifecycle: Lifecycle;
  readonly lane: Lane;
  readonly windowMs: number;
}

interface Lane {
  readonly key: string;
  readonly waiting: Set<Waiting>;
  /** Turns that are being handed over and that nobody has answered for yet. */
  handing: number;
  lastAt: number;
  /** The turn that is being collected. */
  open: { size: TurnSize; room: number; readonly first: Waiting } | undefined;
}

export function createMerger(options: MergerOptions): Turns {
  const { log, signal } = options;
  const now = options.now ?? (() => performance.now());
  const lanes = new Map<string, Lane>();
  const noteHandedIn = (messages: readonly TurnMessage[]): void =>
    options.noteHandedIn?.(messages.map(({ id }) => id));

  const debouncer = createInboundDebouncer<Waiting>({
    debounceMs: QUIET_WINDOW_MS,
    serializeImmediate: true,
    buildKey: ({ lane }) => lane.key,
    resolveDebounceMs: ({ windowMs }) => windowMs,
    onFlush: (items) => {
      const taken = handOver(items, false);
      return { admission: taken, completion: taken };
    },
    onError: (error) => log.error(`Messages could not be put together: ${errorText(error)}`),
  });

  function laneFor(key: string): Lane {
    const known = lanes.get(key);
    if (known !== undefined) return known;
    if (lanes.size >= MAX_IDLE_LANES) {
      for (const lane of lanes.values()) if (!isBusy(lane)) lanes.delete(lane.key);
    }
    const lane: Lane = {
      key,
      waiting: new Set(),
      handing: 0,
      lastAt: Number.NEGATIVE_INFINITY,
      open: undefined,
    };
    lanes.set(key, lane);
    return lane;
  }

  /**
   * Hands messages over as one turn. Resolves when somebody has answered for them: the next turn of the
   * conversation waits for that, so that order holds and the host's own queue never overflows.
   */
  async function handOver(items: readonly Waiting[], isCommand: boolean): Promise<void> {
    // What was given back meanwhile belongs to the journal again.
    const batch = items.filter((item) => item.lane.waiting.delete(item));
    const [first] = batch;
    if (first === undefined) return;
    const { lane } = first;
    const handover = createHandover({
      lifecycles: batch.map(({ lifecycle }) => lifecycle),
      // They must not overtake what was given back.
      onGivenBack: () => release(lane),
      onHeartbeat() {
        // They wait behind this one, and are no more stuck than it is.
        for (const item of lane.waiting) item.lifecycle.onDeferredHeartbeat?.();
      },
      onTurn: () => options.onTurn?.(lane.key) ?? UNCOUNTED,
      what: `message ${first.message.id}`,
      log,
    });
    if (handover === undefined) return;
    if (lane.open?.first === first) lane.open = undefined;

    const turn = async (): Promise<void> => {
      try {
        const { lifecycle } = handover;
        if (!lifecycle.abortSignal.aborted) {
          options.joinTurn?.(batch.map(({ id }) => id));
          const messages = batch.map(({ message, id }) => {
            return { message, id, handedIn: options.handedIn?.(id) };
          });
          await options.runTurn({ messages, isCommand, lifecycle, noteHandedIn });
        }
        await handover.ended();
      } catch (error) {
        await handover.failed(error, signal.aborted);
      }
    };
    lane.handing += 1;
    void turn().catch((error: unknown) =>
      log.error(`Message ${first.message.id} could not be settled: ${errorText(error)}`),
    );
    await handover.answered;
    lane.handing -= 1;
  }

  /** Gives a lane's waiting messages back to the journal; they come again, in their order. */
  async function release(lane: Lane): Promise<void> {
    const items = [...lane.waiting];
    lane.waiting.clear();
    lane.open = undefined;
    debouncer.cancelKey(lane.key);
    await Promise.all(items.map(({ lifecycle }) => giveUp(lifecycle)));
  }

  async function giveUp(lifecycle: Lifecycle): Promise<void> {
    try {
      await (lifecycle.onCancelled ?? lifecycle.onAbandoned)();
    } catch (error) {
      log.warn(`A message could not be given back to the journal: ${errorText(error)}`);
    }
  }

  function collect(item: Waiting, failures: number): void {
    const { lane, message } = item;
    const size = { messages: 1, textBytes: textBytes(message), images: imagesOf(message).length };
    const room = Math.min(mostMessages(failures), lane.open?.room ?? Infinity);
    if (lane.open !== undefined && !fits(lane.open.size, size, room)) {
      lane.open = undefined;
      void debouncer.flushKey(lane.key);
    }
    if (item.windowMs === 0) lane.open = undefined;
    else if (lane.open === undefined) lane.open = { first: item, size, room };
    else lane.open = { first: lane.open.first, size: add(lane.open.size, size), room };
    void debouncer.enqueue(item);
  }

  function windowOf(lane: Lane, message: GotifyMessage, failures: number): number {
    if (options.standsAlone(message) || mostMessages(failures) === 1) return 0;
    return options.windowMs() ?? adaptiveWindowMs(now() - lane.lastAt);
  }

  async function stop(): Promise<void> {
    await Promise.all([...lanes.values()].map(release));
  }
  signal.addEventListener("abort", () => void stop(), { once: true });

  return {
    isFull(key) {
      const inLane = lanes.get(key)?.waiting.size ?? 0;
      if (inLane >= MAX_WAITING_IN_LANE) return true;
      // A command is there to end what fills the others.
      if (isControlLane(key)) return false;
      let waiting = 0;
      let chars = 0;
      let handing = 0;
      let handingOfApplication = 0;
      const application = applicationOfLane(key);
      for (const lane of lanes.values()) {
        waiting += lane.waiting.size;
        for (const { message } of lane.waiting) chars += message.message.length;
        if (isControlLane(lane.key)) continue;
        handing += lane.handing;
        if (applicationOfLane(lane.key) === application) handingOfApplication += lane.handing;
      }
      // A lane that has a turn under way collects the next one meanwhile; a new one would begin another.
      const isQuiet = (lanes.get(key)?.handing ?? 0) === 0;
      if (isQuiet && handing >= MAX_HANDING) return true;
      if (isQuiet && handingOfApplication >= MAX_HANDING_OF_APPLICATION) return true;
      return waiting >= (inLane > 0 ? MANY_WAITING : MAX_WAITING) || chars >= MAX_WAITING_CHARS;
    },
    deliver(message, lifecycle, row) {
      // The monitor may hand on the lane's next message, so that it can join this one.
      lifecycle.onDeferred();
      const isCommand = options.isCommand(message);
      const plainLane = options.laneOf(message, false);
      const lane = laneFor(
        isCommand ? options.laneOf(message, true) : (apartLane(row) ?? plainLane),
      );
      const windowMs = isCommand ? 0 : windowOf(lane, message, row.attempts);
      const item: Waiting = { message, id: row.id, lifecycle, lane, windowMs };
      lane.waiting.add(item);
      lane.lastAt = now();
      if (signal.aborted) {
        void stop();
      } else if (isCommand) {
        // What was said before the command comes before it; the command itself waits for nobody.
        void debouncer.flushKey(plainLane);
        void handOver([item], true);
      } else {
        collect(item, row.attempts);
      }
      return { kind: "deferred" };
    },
    stop,
  };
}

function isBusy(lane: Lane): boolean {
  return lane.waiting.size > 0 || lane.handing > 0;
}
