// Owns the host's ingress monitor over the account's journal: durable admission, order within a conversation, retries, dead letters.
import {
  createChannelIngressMonitor,
  type ChannelIngressMonitorLifecycle,
  type ChannelIngressQueue,
} from "openclaw/plugin-sdk/channel-outbound";
import { readStamp } from "../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import {
  eventId,
  laneOf,
  readMessage,
  readPayload,
  STORED_MESSAGE_VERSION,
  UnreadableRowError,
  writeMessage,
} from "./wire.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POLL_INTERVAL_MS = 500;
/** Tombstones are what tells a message apart from its repetition, so they live long; they hold ids only. */
const TOMBSTONE_TTL_MS = 30 * DAY_MS;
const MAX_TOMBSTONES = 20_000;
const MAX_DEAD_LETTERS = 1_000;

export interface MonitorOptions {
  readonly queue: ChannelIngressQueue<unknown>;
  /** Our own installation's id; messages stamped with it are echoes. */
  readonly installId: string;
  /** The server the messages come from; ids mean nothing without it. */
  readonly serverKey: string;
  readonly deliver: (
    message: GotifyMessage,
    lifecycle: ChannelIngressMonitorLifecycle,
  ) => Promise<void>;
  /** The queue itself does not work. */
  readonly onError: (error: unknown) => void;
  /** The host's own line about a message: tried again, given up, set aside. */
  readonly onLog: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Why a message is not for the agent; `undefined` when it is. Decided before it costs a row. */
export function dropReason(message: GotifyMessage, installId: string): string | undefined {
  // A server plugin's message that could not be stored: nothing tells it from its own repetition.
  if (message.id === 0) return "no-id";
  const stamp = readStamp(message.extras);
  if (stamp === undefined) return undefined;
  // Another installation's agent: two agents that answer each other never stop.
  return stamp.by === installId ? "echo" : "other-openclaw";
}

/** What of the host's monitor the account uses. */
export interface Monitor {
  /** Resolves once the message is in the journal, or was found there. */
  readonly admit: (message: GotifyMessage) => Promise<unknown>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export function createMonitor(options: MonitorOptions): Monitor {
  return createChannelIngressMonitor<GotifyMessage, string, unknown>({
    queue: options.queue,
    inspect: (message, context) => {
      if (context.phase === "claim") {
        // Under the names it was written down with, which an update of the plugin may have changed since.
        return { eventId: context.claimedId, laneKey: context.claimedLaneKey ?? laneOf(message) };
      }
      return dropReason(message, options.installId) === undefined
        ? { eventId: eventId(options.serverKey, message), laneKey: laneOf(message) }
        : null;
    },
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
    deliver: options.deliver,
    pollIntervalMs: POLL_INTERVAL_MS,
    retention: {
      pruneIntervalMs: HOUR_MS,
      completedTtlMs: TOMBSTONE_TTL_MS,
      completedMaxEntries: MAX_TOMBSTONES,
      failedTtlMs: TOMBSTONE_TTL_MS,
      failedMaxEntries: MAX_DEAD_LETTERS,
    },
    drain: { resolveNonRetryableFailure: nonRetryable, onLog: options.onLog },
    abortSignal: options.signal,
    onError: options.onError,
  });
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
