// Owns how something is remembered about a token without keeping the token.
import { createHash } from "node:crypto";

/** As much of the digest as tells the few tokens of an installation apart. */
const KEY_CHARS = 24;

/** Equal for the same token at the same server, and of no use to whoever finds it. */
export function credentialKey(serverUrl: string | undefined, token: string | undefined): string {
  const digest = createHash("sha256").update(JSON.stringify([serverUrl, token]));
  return digest.digest("base64url").slice(0, KEY_CHARS);
}
