// Owns nothing itself: senders and conversations as the turn knows them, which the way out knows just so.
export { normalizeAllowEntry, senderId } from "../../config/sender-id.ts";
export { applicationPeer, assertedPeer, namedPeer, peerOf, type Peer } from "../../config/peer.ts";
