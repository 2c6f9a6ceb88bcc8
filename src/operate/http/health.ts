// Owns who may ask whether all is well: everybody, or who shows the token where one is set.
import { createHash, timingSafeEqual } from "node:crypto";
import type { HealthToken } from "../../config/health-token.ts";

/** An open route must be no way to keep the journals busy. */
export const HEALTH_TTL_MS = 5_000;

/** @param authorization the request's header; a token anywhere else would end up in logs. */
export function mayAsk(token: HealthToken, authorization: string | undefined): boolean {
  if (token.kind === "open") return true;
  const shown = bearerOf(authorization ?? "");
  if (token.kind === "unreadable" || shown.length === 0) return false;
  return timingSafeEqual(digest(shown), digest(Buffer.from(token.token, "utf8")));
}

/** The bytes that were sent: Node hands them out as one character each, and clients send UTF-8. */
function bearerOf(authorization: string): Buffer {
  const [scheme = ""] = /^Bearer[ \t]+/iu.exec(authorization) ?? [];
  let end = authorization.length;
  // Not trim(): for that the last byte of some letters is a blank.
  while (end > scheme.length && /[ \t]/u.test(authorization[end - 1] ?? "")) end -= 1;
  return Buffer.from(scheme === "" ? "" : authorization.slice(scheme.length, end), "latin1");
}

/** Of equal length, whatever was sent. */
function digest(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
