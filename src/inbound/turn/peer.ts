// Owns who a message belongs to: the sender, which the server asserts, and the conversation, which the sender may name.
import type { GotifyMessage } from "../../gotify/message.ts";
import { asObject, asString } from "../../gotify/parse.ts";

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

/** `extras.openclaw.peerId`, then the application, then the title, then `gotify`. An unusable name is ignored. */
export function peerOf(message: GotifyMessage): Peer {
  const wanted = usableName(asString(asObject(message.extras["openclaw"])?.["peerId"]));
  if (wanted !== undefined) return { id: wanted, named: true };
  return applicationPeer(message);
}

/** The conversation of the message's own application, whatever the message says. */
export function applicationPeer(message: GotifyMessage): Peer {
  if (message.appId > 0) return { id: String(message.appId), named: false };
  const title = usableName(message.title);
  return title === undefined ? { id: FALLBACK_PEER, named: false } : { id: title, named: true };
}

/**
 * Who is speaking, for access, pairing and ownership: the application within its account. Ids start at
 * 1 on every fresh server, so an id alone would let one account's grant hold on another's server.
 */
export function senderId(accountId: string, appId: number | string): string {
  return `${accountId}/${appId}`;
}

/**
 * An entry of `allowFrom` in the form of a sender id: `5`, `app:5` and `gotify:app:5` mean the account's
 * own application 5. Anything else stays as it is.
 */
export function normalizeAllowEntry(accountId: string, entry: string): string {
  const text = entry.trim().toLowerCase();
  const id = /^(?:gotify:)?(?:app:)?(\d+)$/.exec(text)?.[1];
  return id === undefined ? text.replace(/^gotify:/, "") : senderId(accountId, Number(id));
}

function usableName(name: string | undefined): string | undefined {
  const lower = name?.trim().toLowerCase();
  return lower !== undefined && NAMED_PEER.test(lower) ? lower : undefined;
}
