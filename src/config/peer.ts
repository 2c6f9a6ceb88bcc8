// Owns which conversation a message asks for: its application's, or one that the sender names.
import type { GotifyMessage } from "../gotify/message.ts";
import { asObject, asString } from "../gotify/parse.ts";

/**
 * A conversation a sender may name. The letter keeps it apart from application ids; the characters keep
 * it out of other channels' peers, such as `telegram:1` or a phone number.
 */
const NAMED_PEER = /^(?=.*[a-z])[a-z0-9][a-z0-9._-]{0,63}$/;

/** What stands in when nothing else names the conversation. */
const FALLBACK_PEER = "gotify";

/** Which conversation a message belongs to. */
export interface Peer {
  /** The host's peer id: part of session keys, matched by bindings and identity links. */
  readonly id: string;
  /** True when the sender chose it, so that it may select a conversation and nothing more. */
  readonly named: boolean;
}

/** `extras.openclaw.peerId`, then the application, then the title, then `gotify`. */
export function peerOf(message: GotifyMessage): Peer {
  return namedPeer(message) ?? applicationPeer(message);
}

/** What the sender wrote into `extras.openclaw.peerId`. A name that cannot be used is ignored, never cut. */
export function namedPeer(message: GotifyMessage): Peer | undefined {
  const name = usableName(asString(asObject(message.extras["openclaw"])?.["peerId"]));
  return name === undefined ? undefined : { id: name, named: true };
}

/** The conversation without the sender's own wish: the application's; where there is none, the title's. */
export function applicationPeer(message: GotifyMessage): Peer {
  const own = assertedPeer(message);
  if (message.appId > 0) return own;
  const title = usableName(message.title);
  return title === undefined ? own : { id: title, named: true };
}

/** The conversation by what the server asserts alone: nothing in it was written by a sender. */
export function assertedPeer({ appId }: Pick<GotifyMessage, "appId">): Peer {
  return { id: appId > 0 ? String(appId) : FALLBACK_PEER, named: false };
}

/** The name of a conversation as it is kept; `undefined` for one that nobody may give. */
export function usableName(name: string | undefined): string | undefined {
  const lower = name?.trim().toLowerCase();
  return lower !== undefined && NAMED_PEER.test(lower) ? lower : undefined;
}
