// Owns what the way out tells the way in of the same account: the two do not know each other, and only one of them has a stream.

/** - `posted`: a post went through.
 *  - `refused`: nothing was stored, and the next post would fare no better; `reason` says why.
 *  - `unknown`: nobody knows whether it was stored; the lists do. */
export type PostOutcome =
  | { readonly kind: "posted" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown" };

type Listener = (outcome: PostOutcome) => void;

const listeners = new Map<string, Set<Listener>>();

/** For the way out, after each post. */
export function reportPost(accountId: string, outcome: PostOutcome): void {
  for (const listener of listeners.get(accountId) ?? []) listener(outcome);
}

/** For the way in. Returns how to stop listening. */
export function onPost(accountId: string, listener: Listener): () => void {
  const known = listeners.get(accountId) ?? new Set();
  listeners.set(accountId, known.add(listener));
  return () => {
    known.delete(listener);
    if (known.size === 0 && listeners.get(accountId) === known) listeners.delete(accountId);
  };
}
