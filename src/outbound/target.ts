// Owns targets: what an operator, an agent or the host may write after `--to`, and the conversation it means.

/** A conversation to post for. Which application that lands in is the account's business, not the target's. */
export interface Target {
  readonly peerId: string;
}

const PREFIX = /^(?:(?:gotify|app|peer):)+/i;
const PEER = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** `gotify:5`, `app:5`, `5`, `peer:ops`, `ops`. `undefined` for anything that is no conversation. */
export function parseTarget(raw: string): Target | undefined {
  const peerId = raw.trim().replace(PREFIX, "").toLowerCase();
  return PEER.test(peerId) ? { peerId } : undefined;
}

/** The one form of a target that the host stores and compares. */
export function normalizeTarget(raw: string): string | undefined {
  return parseTarget(raw)?.peerId;
}
