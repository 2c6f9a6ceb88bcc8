// Owns doing something soon and often, yet never for more than a tenth of the time: the Gateway has other things to do.

/** Rests so many times as long as the work took. */
const REST_PER_COST = 9;
/** Longer, and so much would have come in meanwhile that taking it in is a stall of its own. */
const MAX_REST_MS = 50;

export interface PacerOptions {
  readonly work: () => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  /** What the work costs, in milliseconds, when that is not the time until it returns. */
  readonly costMs?: () => number;
}

export interface Pacer {
  /** Works in the next turn of the event loop, or after the rest that the last work asks for. Once, however often it is asked. */
  readonly request: () => void;
  /** Works at once. */
  readonly now: () => void;
  /** Forgets what was requested. */
  readonly cancel: () => void;
}

export function createPacer(options: PacerOptions): Pacer {
  const { work, elapsed } = options;
  let restUntil = 0;
  let unschedule: (() => void) | undefined;

  const cancel = (): void => {
    unschedule?.();
    unschedule = undefined;
  };
  const run = (): void => {
    cancel();
    const begun = elapsed();
    work();
    const ended = elapsed();
    const costMs = options.costMs?.() ?? ended - begun;
    restUntil = ended + Math.min(MAX_REST_MS, REST_PER_COST * costMs);
  };
  const schedule = (): (() => void) => {
    const rest = restUntil - elapsed();
    if (rest > 0) {
      const timer = setTimeout(run, rest);
      return () => clearTimeout(timer);
    }
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  };
  return {
    request() {
      unschedule ??= schedule();
    },
    now: run,
    cancel,
  };
}
