// Owns how something is remembered about a token without keeping the token.
import { createHash } from "node:crypto";

/** As much of the digest as tells the few tokens of an installation apart. */
const KEY_CHARS = 24;

/** Each post asks; a few keys are enough for every account of an installation. */
const MAX_KEPT = 64;

const kept = new Map<string, string>();

/** Equal for the same token at the same server, and of no use to whoever finds it. */
export function credentialKey(serverUrl: string | undefined, token: string | undefined): string {
  const text = JSON.stringify([serverUrl, token]);
  const known = kept.get(text);
  if (known !== undefined) return known;
  const key = createHash("sha256").update(text).digest("base64url").slice(0, KEY_CHARS);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, key);
  return key;
}
