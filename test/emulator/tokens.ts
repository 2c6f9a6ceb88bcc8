// Owns access tokens: how each Gotify makes them, stores them and recognises them.
import { createHash, createPrivateKey, createPublicKey, randomBytes, randomInt } from "node:crypto";
import type { Instant } from "./clock.ts";
import { signHash, verifyHash } from "./ed25519ph.ts";
import type { Personality } from "./records.ts";

export type TokenKind = "application" | "client";

export interface NewToken {
  /** What its holder sends. */
  readonly secret: string;
  /** What the server keeps: the same on Gotify 2, the public half of a key pair on Gotify 3. */
  readonly stored: string;
}

/** Gotify 3 says with a 401 what is wrong with a token that only looks like one of its own. */
export class TokenFormatError extends Error {}

/** A token with a signature that does not fit makes Gotify 3 answer 500. */
export class TokenSignatureError extends Error {}

const V2_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
const V2_RANDOM_LENGTH = 14;
const V3_PREFIX = "gtfy";
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** How far a signed token's moment may be from the server's, in both directions. */
const SIGNED_TOLERANCE_S = 15n * 60n;

/** What precedes the 32 bytes of an Ed25519 seed in PKCS #8. */
const PKCS8_ED25519_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

type TokenListener = (secret: string) => void;
const listeners = new Set<TokenListener>();

/** Tells of every token that an emulator of this process makes from now on. */
export function watchTokens(listener: TokenListener): void {
  listeners.add(listener);
}

export function createToken(personality: Personality, kind: TokenKind): NewToken {
  const token = newToken(personality, kind);
  for (const listener of listeners) listener(token.secret);
  return token;
}

function newToken(personality: Personality, kind: TokenKind): NewToken {
  if (personality === "v2") {
    let secret = kind === "application" ? "A" : "C";
    for (let count = 0; count < V2_RANDOM_LENGTH; count += 1) {
      secret += V2_ALPHABET.charAt(randomInt(V2_ALPHABET.length));
    }
    return { secret, stored: secret };
  }
  const ident = kind === "application" ? "a" : "c";
  const seed = randomBytes(KEY_BYTES);
  return {
    secret: `${V3_PREFIX}${ident}.${seed.toString("base64url")}`,
    stored: publicForm(ident, seed),
  };
}

function publicForm(ident: string, seed: Buffer): string {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519_HEADER, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return `${V3_PREFIX}${ident}.${spki.subarray(-KEY_BYTES).toString("base64url")}`;
}

/**
 * What to look a token up by. Tokens of older servers are kept as they are and work on. Undefined for one that was
 * signed too long ago, or will be.
 *
 * @throws {TokenFormatError | TokenSignatureError} on Gotify 3 only.
 */
export function storedFormOf(
  personality: Personality,
  token: string,
  now: Instant,
): string | undefined {
  if (personality === "v2" || !token.startsWith(V3_PREFIX)) return token;
  const [ident = "", key = "", timestamp, ...rest] = token.slice(V3_PREFIX.length).split(".");
  const isPlain = timestamp === undefined;
  if (!token.includes(".") || (!isPlain && rest.length === 0)) {
    throw new TokenFormatError("token must have 2 or 4 fields separated by dots");
  }
  const keyBytes = decodeBase64Url(key);
  if (keyBytes.length !== KEY_BYTES) {
    throw new TokenFormatError(`${isPlain ? "private" : "public"} key must be ${KEY_BYTES} bytes`);
  }
  if (isPlain) return publicForm(ident, keyBytes);
  const seconds = checkSignature(keyBytes, timestamp, rest.join("."));
  const age = BigInt(Math.floor(now.ms / 1000)) - seconds;
  if (age > SIGNED_TOLERANCE_S || age < -SIGNED_TOLERANCE_S) return undefined;
  return `${V3_PREFIX}${ident}.${keyBytes.toString("base64url")}`;
}

/** Gives back when it was signed, in seconds. */
function checkSignature(publicKey: Buffer, timestamp: string, signature: string): bigint {
  const seconds = /^[+-]?\d+$/.test(timestamp) ? BigInt(timestamp.replace(/^\+/, "")) : undefined;
  if (seconds === undefined || BigInt.asIntN(64, seconds) !== seconds) {
    const reason = seconds === undefined ? "invalid syntax" : "value out of range";
    const shown = JSON.stringify(timestamp);
    throw new TokenFormatError(
      `timestamp must be an integer: strconv.ParseInt: parsing ${shown}: ${reason}`,
    );
  }
  if (Math.floor((signature.length * 6) / 8) !== SIGNATURE_BYTES) {
    throw new TokenFormatError(`signature must be ${SIGNATURE_BYTES} bytes`);
  }
  if (!verifyHash(publicKey, signedHash(seconds), decodeBase64Url(signature))) {
    throw new TokenSignatureError("invalid token");
  }
  return seconds;
}

/** A token that is good for a quarter of an hour, made from a new one of Gotify 3, which then need not be sent. */
export function signToken(secret: string, seconds: number): string {
  const [ident = "", seed = ""] = secret.slice(V3_PREFIX.length).split(".");
  const signature = signHash(decodeBase64Url(seed), signedHash(BigInt(seconds)));
  const publicToken = publicForm(ident, decodeBase64Url(seed));
  return `${publicToken}.${seconds}.${signature.toString("base64url")}`;
}

function signedHash(seconds: bigint): Buffer {
  return createHash("sha512").update(`iat=${seconds}`).digest();
}

/** Unpadded base64url, with the position of the first byte that is not. */
function decodeBase64Url(text: string): Buffer {
  const stranger = text.search(/[^A-Za-z0-9_-]/);
  const dangling = text.length % 4 === 1 ? text.length - 1 : -1;
  const badAt = stranger === -1 ? dangling : stranger;
  if (badAt !== -1) {
    throw new TokenFormatError(`base64 decode failed: illegal base64 data at input byte ${badAt}`);
  }
  return Buffer.from(text, "base64url");
}
