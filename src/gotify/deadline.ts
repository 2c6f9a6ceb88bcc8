// Owns waiting with an end: one abort signal made of the caller's signal and a time limit, cleaned up afterwards.

/** Timers of Node fire at once when they are asked to wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Which of the two ended the wait. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True once the time limit, rather than the caller, ended the wait. */
  timedOut(): boolean;
}

/**
 * Runs `work` under a signal that aborts with the caller's signal or after `timeoutMs`.
 * The listener and the timer are removed when the work settles: an account's signal lives for weeks
 * and would otherwise collect one listener for each request.
 */
export async function withDeadline<T>(
  options: { signal?: AbortSignal | undefined; timeoutMs: number },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();

  const controller = new AbortController();
  let timedOut = false;
  const onAbort = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(
    () => {
      timedOut = true;
      controller.abort(new DOMException("The time limit passed.", "TimeoutError"));
    },
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  signal?.addEventListener("abort", onAbort, { once: true });

  try {
    return await work({ signal: controller.signal, timedOut: () => timedOut });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
