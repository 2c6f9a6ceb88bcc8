// Owns when a reply is nobody's but the operator's: until then the host may still come back to it.
import type { OutboxEntry } from "./outbox.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The host tries five times, the last one ten minutes after the one before. */
const HOST_ATTEMPTS = 5;
const HOST_PATIENCE_MS = 15 * MINUTE_MS;

/** True once the host will not come back to it: until then two would send at the same time. */
export function isGivenUp(
  entry: Pick<OutboxEntry, "state" | "givenUpAt" | "attempts" | "triedAt">,
  now: number,
): boolean {
  return (
    entry.state === "refused" ||
    entry.givenUpAt !== undefined ||
    entry.attempts >= HOST_ATTEMPTS ||
    now - entry.triedAt > HOST_PATIENCE_MS
  );
}
