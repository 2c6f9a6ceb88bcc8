// Owns whether waiting messages may go to the agent: not before older ones have been fetched, and not while no answer could be posted.

/** Why messages wait. */
export type Hold =
  /** What was missed is still being read, and belongs before what is waiting. */
  | "catching-up"
  /** There is no connection to Gotify, so an answer would find no way out. */
  | "disconnected"
  /** No answer could be posted, by the last look or post; or nobody has looked yet. */
  | "cannot-post";

export interface Gate {
  readonly isOpen: () => boolean;
  readonly holds: () => readonly Hold[];
  readonly hold: (reason: Hold) => void;
  readonly release: (reason: Hold) => void;
}

/** @param onOpen called when the last reason to wait is gone. */
export function createGate(onOpen: () => void, initially: readonly Hold[] = []): Gate {
  const reasons = new Set<Hold>(initially);
  return {
    isOpen: () => reasons.size === 0,
    holds: () => [...reasons],
    hold: (reason) => void reasons.add(reason),
    release(reason) {
      if (reasons.delete(reason) && reasons.size === 0) onOpen();
    },
  };
}
