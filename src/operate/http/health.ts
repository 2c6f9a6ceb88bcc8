// Owns what a monitor is told: whether all is well, in one word, and only if it shows the token where one is set.
import { createHash, timingSafeEqual } from "node:crypto";
import type { HealthToken } from "../../config/health-token.ts";
import type { StatusFacts } from "../../vitals/facts.ts";

/** An open route must be no way to keep the journals busy. */
export const HEALTH_TTL_MS = 5_000;

/** A bridge with nothing to run is not well: whoever watches it expects messages to get through. */
export function isWell({ accounts }: Pick<StatusFacts, "accounts">): boolean {
  const wanted = accounts.filter(({ enabled }) => enabled);
  return wanted.length > 0 && wanted.every(({ problems }) => !problems.some(isError));
}

function isError({ level }: StatusFacts["accounts"][number]["problems"][number]): boolean {
  return level === "error";
}

/** @param authorization the request's header; a token anywhere else would end up in logs. */
export function mayAsk(token: HealthToken, authorization: string | undefined): boolean {
  if (token.kind === "open") return true;
  const [, shown] = /^Bearer +(\S+) *$/iu.exec(authorization ?? "") ?? [];
  if (token.kind === "unreadable" || shown === undefined) return false;
  return timingSafeEqual(digest(shown), digest(token.token));
}

/** Of equal length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
