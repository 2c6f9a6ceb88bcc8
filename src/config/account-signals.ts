// Owns what the way out and the way in of an account tell each other of its posts: the two do not know each other, and only one of them has a stream.

/** - `posted`: a post went through.
 *  - `ready`: nothing was posted, but server and token were looked at, and the next post should go through.
 *  - `refused`: nothing was stored, and the next post would fare no better; `reason` says why.
 *  - `unknown`: nobody knows whether it was stored; the lists do. */
export type PostOutcome =
  | { readonly kind: "posted" }
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown" };

type Listener = (outcome: PostOutcome) => void;

const listeners = new Map<string, Set<Listener>>();

/** For whoever posted, or looked. */
export function reportPost(accountId: string, outcome: PostOutcome): void {
  for (const listener of listeners.get(accountId) ?? []) listener(outcome);
}

/** Returns how to stop listening. */
export function onPost(accountId: string, listener: Listener): () => void {
  const known = listeners.get(accountId) ?? new Set();
  listeners.set(accountId, known.add(listener));
  return () => {
    known.delete(listener);
    if (known.size === 0 && listeners.get(accountId) === known) listeners.delete(accountId);
  };
}
