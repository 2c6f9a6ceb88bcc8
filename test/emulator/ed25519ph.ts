// Owns Ed25519ph, the signature over a hash in RFC 8032, which Node's crypto does not offer. Slow, and for tests only.
import { createHash } from "node:crypto";

/** Extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z. */
interface Point {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

const P = 2n ** 255n - 19n;
/** Of the group that the base point generates. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const KEY_BYTES = 32;
const SIGN_BIT = 1n << 255n;
/** What sets this variant apart from the others: prehashed, and without a context. */
const DOMAIN = Buffer.concat([
  Buffer.from("SigEd25519 no Ed25519 collisions"),
  Uint8Array.from([1, 0]),
]);
const ZERO: Point = { X: 0n, Y: 1n, Z: 1n, T: 0n };
const BASE = basePoint();

/** @param digest SHA-512 of the message. */
export function signHash(seed: Uint8Array, digest: Uint8Array): Buffer {
  const hash = sha512(seed);
  const secret = (fromBytes(hash.subarray(0, KEY_BYTES)) & (2n ** 254n - 8n)) | (1n << 254n);
  const publicKey = toBytes(multiply(BASE, secret));
  const nonce = fromBytes(sha512(DOMAIN, hash.subarray(KEY_BYTES), digest)) % ORDER;
  const start = toBytes(multiply(BASE, nonce));
  const challenge = fromBytes(sha512(DOMAIN, start, publicKey, digest));
  return Buffer.concat([start, numberBytes((nonce + challenge * secret) % ORDER)]);
}

/** @param digest SHA-512 of the message. */
export function verifyHash(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array) {
  const key = toPoint(publicKey);
  const start = signature.subarray(0, KEY_BYTES);
  const response = fromBytes(signature.subarray(KEY_BYTES));
  if (key === undefined || response >= ORDER) return false;
  const challenge = fromBytes(sha512(DOMAIN, start, publicKey, digest)) % ORDER;
  const expected = add(multiply(BASE, response), multiply(negate(key), challenge));
  return toBytes(expected).equals(start);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  return createHash("sha512").update(Buffer.concat(parts)).digest();
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

function inverse(value: bigint): bigint {
  return power(value, P - 2n);
}

function add(a: Point, b: Point): Point {
  const A = mod((a.Y - a.X) * (b.Y - b.X));
  const B = mod((a.Y + a.X) * (b.Y + b.X));
  const C = mod(2n * a.T * b.T * D);
  const F = mod(2n * a.Z * b.Z);
  const [e, f, g, h] = [B - A, F - C, F + C, B + A];
  return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) };
}

function negate({ X, Y, Z, T }: Point): Point {
  return { X: mod(-X), Y, Z, T: mod(-T) };
}

function multiply(point: Point, factor: bigint): Point {
  let result = ZERO;
  let doubled = point;
  for (let left = factor; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

function basePoint(): Point {
  const point = toPoint(numberBytes(mod(4n * inverse(5n))));
  if (point === undefined) throw new Error("the base point is on the curve");
  return point;
}

/** Undefined when it is not on the curve. */
function toPoint(bytes: Uint8Array): Point | undefined {
  const number = fromBytes(bytes);
  const isOdd = (number & SIGN_BIT) !== 0n;
  const Y = mod(number & (SIGN_BIT - 1n));
  const square = mod((Y * Y - 1n) * inverse(D * Y * Y + 1n));
  let X = power(square, (P + 3n) / 8n);
  if (mod(X * X) !== square) X = mod(X * ROOT_OF_MINUS_ONE);
  if (mod(X * X) !== square) return undefined;
  if (((X & 1n) === 1n) !== isOdd) X = mod(-X);
  return { X, Y, Z: 1n, T: mod(X * Y) };
}

function toBytes({ X, Y, Z }: Point): Buffer {
  const scale = inverse(Z);
  const isOdd = (mod(X * scale) & 1n) === 1n;
  return numberBytes(mod(Y * scale) | (isOdd ? SIGN_BIT : 0n));
}

function fromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex") || "0"}`);
}

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.from(value.toString(16).padStart(2 * KEY_BYTES, "0"), "hex");
  return Buffer.from(bytes.toReversed());
}
