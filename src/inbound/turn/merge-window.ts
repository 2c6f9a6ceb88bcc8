// Owns how long a message waits for company: at once where a conversation was quiet, a moment where messages keep coming.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../../config/types.ts";
import { asInteger } from "../../gotify/parse.ts";

/** After this long without a message, a conversation is quiet: what comes next is handled at once. */
export const QUIET_WINDOW_MS = 2_000;

/**
 * The wait the operator set with the host's own keys, in milliseconds; 0 merges nothing. `undefined`
 * when nothing is set: the host's helper says 0 for that too, and here the two differ.
 */
export function configuredWindowMs(cfg: OpenClawConfig): number | undefined {
  const inbound = cfg.messages?.inbound;
  const set = asInteger(inbound?.byChannel?.[CHANNEL_ID]) ?? asInteger(inbound?.debounceMs);
  return set === undefined || set < 0 ? undefined : set;
}

/** How long a message waits where nothing is configured, by the time since the conversation's last one. */
export function adaptiveWindowMs(sinceLastMs: number): number {
  return sinceLastMs < QUIET_WINDOW_MS ? QUIET_WINDOW_MS : 0;
}

/** What one turn may hold. */
export interface TurnSize {
  readonly messages: number;
  readonly textBytes: number;
  readonly images: number;
}

/** About 6,000 tokens, and more single events than anyone reads in one go. */
const MAX_TURN: TurnSize = { messages: 100, textBytes: 24 * 1024, images: 4 };

/**
 * After a failure, fewer messages share a turn, and then each has its own: the one that cannot be
 * handled is found without giving up on a hundred others.
 */
const MAX_MESSAGES_BY_FAILURES = [MAX_TURN.messages, 10];

export function mostMessages(failures: number): number {
  return MAX_MESSAGES_BY_FAILURES[failures] ?? 1;
}

/** True when a message fits into a turn that holds `size` so far, and has room for `room` messages. */
export function fits(size: TurnSize, next: TurnSize, room: number): boolean {
  return (
    size.messages + next.messages <= room &&
    size.textBytes + next.textBytes <= MAX_TURN.textBytes &&
    size.images + next.images <= MAX_TURN.images
  );
}

export function add(a: TurnSize, b: TurnSize): TurnSize {
  return {
    messages: a.messages + b.messages,
    textBytes: a.textBytes + b.textBytes,
    images: a.images + b.images,
  };
}
