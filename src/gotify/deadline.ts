// Owns waiting with an end: one abort signal made of the caller's signal and a time limit, cleaned up afterwards.

/** Why the signal of a deadline aborted, unless the caller aborted it. */
class TimeLimitPassed extends Error {
  // What `AbortSignal.timeout` gives as well: a `fetch` of one's own may look at it.
  override readonly name = "TimeoutError";
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super("The time limit passed.");
    this.timeoutMs = timeoutMs;
  }
}

/** What is left of a call. One of them spans all requests that the call makes. */
export interface Deadline {
  /** Aborts with the caller's own reason, or when the time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds until the time is up; at least 1. */
  leftMs(): number;
  /** The time limit in milliseconds that ended the wait; `undefined` while none did, or when the caller did. */
  passedMs(): number | undefined;
}

/**
 * Runs `work` under a deadline that ends with the caller's signal or after `timeoutMs`. A deadline's
 * own signal may be the caller's of a shorter one.
 * The listener and the timer are removed when the work settles: an account's signal lives for weeks
 * and would otherwise collect one listener for each request.
 *
 * @param options.timeoutMs as `checkedMs` gives it: timers of Node fire at once beyond their range.
 */
export async function withDeadline<T>(
  options: { signal?: AbortSignal | undefined; timeoutMs: number },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();

  const controller = new AbortController();
  const endsAt = performance.now() + timeoutMs;
  const onAbort = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(new TimeLimitPassed(timeoutMs)), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });

  try {
    return await work({
      signal: controller.signal,
      leftMs: () => Math.max(1, endsAt - performance.now()),
      passedMs() {
        const reason: unknown = controller.signal.reason;
        return reason instanceof TimeLimitPassed ? reason.timeoutMs : undefined;
      },
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * The value of `work`, or the signal's reason once it aborts, whether the work heeds the signal or not.
 * A value that comes later goes to `discard`; an error that comes later goes nowhere, because nobody
 * waits for it any more and Node would end the process for it.
 */
export function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  discard: (late: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = signal.aborted;
    const onAbort = (): void => {
      isOver = true;
      reject(signal.reason);
    };
    if (isOver) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });

    const stopListening = (): void => signal.removeEventListener("abort", onAbort);
    work
      .then(
        (value) => (isOver ? discard(value) : resolve(value)),
        (error: unknown) => reject(error),
      )
      .finally(stopListening)
      .catch(() => {
        // Only `discard` can have thrown, and there is nobody to tell.
      });
  });
}
