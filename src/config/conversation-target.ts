// Owns how a conversation is written where the host keeps it: the way in writes it, and the way out must read the same conversation in it.
import { CHANNEL_ID } from "./types.ts";

/**
 * A conversation by the host's peer id: `5` for an application's, `peer:ops` for a named one. A name never
 * stands alone: its sender chose it, and must not be able to spell an account.
 */
export function conversationTarget(peerId: string): string {
  return /^\d+$/.test(peerId) ? peerId : `peer:${peerId}`;
}

/** The same with the channel in front, as the host addresses it: `gotify:5`, `gotify:peer:ops`. */
export function targetOf(peerId: string): string {
  return `${CHANNEL_ID}:${conversationTarget(peerId)}`;
}
