// Owns the host's ingress monitor over the account's journal: claims, order within a conversation, retries, dead letters.
import {
  createChannelIngressMonitor,
  type ChannelIngressQueue,
} from "openclaw/plugin-sdk/channel-outbound";
import type { GotifyMessage } from "../gotify/message.ts";
import { currentLane, laneOf } from "./turn/lane.ts";
import type { Turns } from "./turn/merge.ts";
import { paceLooks } from "../journal/paced-queue.ts";
import {
  readMessage,
  readPayload,
  STORED_MESSAGE_VERSION,
  UnreadableRowError,
  writeMessage,
} from "../journal/wire.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POLL_INTERVAL_MS = 500;
/** Tombstones are what tells a message apart from its repetition, so they live long; they hold ids only. */
const TOMBSTONE_TTL_MS = 30 * DAY_MS;
const MAX_TOMBSTONES = 20_000;
const MAX_DEAD_LETTERS = 1_000;

export interface MonitorOptions {
  readonly queue: ChannelIngressQueue<unknown>;
  readonly turns: Turns;
  /** The queue itself does not work. */
  readonly onError: (error: unknown) => void;
  /** The host's own line about a message: tried again, given up, set aside. */
  readonly onLog: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What of the host's monitor the account uses. Messages enter the journal by its own intake, not by the monitor. */
export interface Monitor {
  readonly start: () => void;
  /** Gives back what no turn has taken over, and settles the rest. The journal may be closed afterwards. */
  readonly stop: () => Promise<void>;
  /** Looks at the journal now and not at the next poll. */
  readonly requestDrain: () => void;
  /** True while no more messages of this lane should be claimed. */
  readonly isFull: (lane: string) => boolean;
}

export function createMonitor(options: MonitorOptions): Monitor {
  const { turns } = options;
  const queue = paceLooks(options.queue, () => monitor.requestDrain());
  const monitor = createChannelIngressMonitor<GotifyMessage, string, unknown>({
    queue,
    inspect: (message, context) =>
      context.phase === "claim"
        ? // Under the names it was written down with, which an update of the plugin may have changed since.
          {
            eventId: context.claimedId,
            laneKey: context.claimedLaneKey ?? laneOf(message, false),
          }
        : null,
    payload: {
      storage: "custom",
      encode: (envelope) => envelope,
      decode: readPayload,
      version: STORED_MESSAGE_VERSION,
      serialize: writeMessage,
      deserialize: readMessage,
      createClaimError: (kind, claim) =>
        new UnreadableRowError(`The journal's row ${claim.id} does not fit its message (${kind}).`),
    },
    deliver: async (message, lifecycle, claim) => turns.deliver(message, lifecycle, claim),
    pollIntervalMs: POLL_INTERVAL_MS,
    retention: {
      pruneIntervalMs: HOUR_MS,
      completedTtlMs: TOMBSTONE_TTL_MS,
      completedMaxEntries: MAX_TOMBSTONES,
      failedTtlMs: TOMBSTONE_TTL_MS,
      failedMaxEntries: MAX_DEAD_LETTERS,
    },
    drain: {
      // A message that waits for company, or in the host's queue, must not hold up those behind it.
      deferredLaneOccupancy: "release",
      deriveLaneKey: currentLane,
      reconcileStoredLaneKey: () => true,
      resolveNonRetryableFailure: nonRetryable,
      onLog: options.onLog,
    },
    abortSignal: options.signal,
    onError: options.onError,
  });
  return {
    start: monitor.start,
    requestDrain: monitor.requestDrain,
    isFull: turns.isFull,
    stop: async () => {
      // While the claims are still the monitor's: afterwards they could not be given back any more.
      await turns.stop();
      queue.cancel();
      await monitor.stop();
      queue.cancel();
    },
  };
}

/** Failures that no retry can heal, because a person has to act first. */
function nonRetryable(error: unknown): { reason: string; message: string } | null {
  if (error instanceof UnreadableRowError) return { reason: "unreadable", message: error.message };
  const needsAgent =
    error instanceof Error && "code" in error && error.code === "AGENT_SELECTION_REQUIRED";
  return needsAgent
    ? {
        reason: "no-agent",
        message:
          "Several agents are configured and no binding names one for this application. Add one under bindings.",
      }
    : null;
}
