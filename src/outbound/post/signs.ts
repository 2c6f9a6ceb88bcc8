// Owns the signs that a server takes our posts: those that went through after one whose fate nobody knows.

/** Doubts of one account that are remembered; a reply of an older one is waited for a little longer. */
const MAX_DOUBTS = 1_000;

/** Times are milliseconds of a clock that only goes forward. */
export interface Signs {
  /** A post of the account went through. */
  readonly noteTaken: (accountId: string) => void;
  /** Nobody knows what became of a post of this delivery. */
  readonly noteDoubt: (accountId: string, delivery: string) => void;
  readonly forget: (accountId: string, delivery: string) => void;
  /**
   * When the first post after the doubt went through; `undefined` when none has. For a post that began
   * before this process did, that is this process's first one. One that began since, elsewhere, is a doubt
   * from now on.
   *
   * @param begunAt when the post in doubt began, in ms since 1970.
   */
  readonly takenSince: (accountId: string, delivery: string, begunAt: number) => number | undefined;
}

interface Known {
  firstTakenAt: number | undefined;
  /** When the first post after each went through. */
  readonly doubts: Map<string, number | undefined>;
}

export function createSigns({
  now,
  elapsed,
}: {
  readonly now: () => number;
  readonly elapsed: () => number;
}): Signs {
  const startedAt = now();
  const accounts = new Map<string, Known>();
  const stateOf = (accountId: string): Known => {
    const known: Known = accounts.get(accountId) ?? {
      firstTakenAt: undefined,
      doubts: new Map<string, number | undefined>(),
    };
    accounts.set(accountId, known);
    return known;
  };
  const noteDoubt = (accountId: string, delivery: string): void => {
    const { doubts } = stateOf(accountId);
    doubts.delete(delivery);
    doubts.set(delivery, undefined);
    const [oldest] = doubts.keys();
    if (doubts.size > MAX_DOUBTS && oldest !== undefined) doubts.delete(oldest);
  };
  return {
    noteTaken(accountId) {
      const state = stateOf(accountId);
      state.firstTakenAt ??= elapsed();
      for (const [delivery, takenAt] of state.doubts) {
        if (takenAt === undefined) state.doubts.set(delivery, elapsed());
      }
    },
    noteDoubt,
    forget(accountId, delivery) {
      stateOf(accountId).doubts.delete(delivery);
    },
    takenSince(accountId, delivery, begunAt) {
      const { doubts, firstTakenAt } = stateOf(accountId);
      if (doubts.has(delivery)) return doubts.get(delivery);
      if (begunAt < startedAt) return firstTakenAt;
      noteDoubt(accountId, delivery);
      return undefined;
    },
  };
}
