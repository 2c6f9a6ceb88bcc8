// Owns the proof that signatures over a hash are those of RFC 8032: signer and checker here could be wrong in the same way.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { signHash, verifyHash } from "./ed25519ph.ts";
import { createToken } from "./tokens.ts";

/** RFC 8032, section 7.3. */
const SEED = Buffer.from("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "hex");
const SIGNATURE =
  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41" +
  "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";

const digest = createHash("sha512").update("abc").digest();

test("the example of RFC 8032 comes out as it stands there", () => {
  expect(signHash(SEED, digest).toString("hex")).toBe(SIGNATURE);
});

test("a signature is good for its key and its hash, and in no other shape", () => {
  const { secret, stored } = createToken("v3", "client");
  const [seed, key] = [secret, stored].map((token) =>
    Buffer.from(token.slice("gtfyc.".length), "base64url"),
  );
  if (seed === undefined || key === undefined) throw new Error("a token has a key");
  const signature = signHash(seed, digest);
  expect(verifyHash(key, digest, signature)).toBe(true);
  expect(verifyHash(key, createHash("sha512").update("abd").digest(), signature)).toBe(false);
  expect(verifyHash(SEED, digest, signature)).toBe(false);
  for (const at of [0, 31, 32, 63]) {
    const damaged = Buffer.from(signature);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    expect(verifyHash(key, digest, damaged)).toBe(false);
  }
});
