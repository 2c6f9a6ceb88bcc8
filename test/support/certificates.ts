// Owns throw-away certificates for tests with TLS: an authority, and what it signs. Written in DER here, because Node reads certificates and makes none.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A certificate with its private key, both as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWish {
  /** Host names and IP addresses of a server; a client needs none. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export interface Authority extends Certified {
  /** Signs a certificate of that name, valid from yesterday until tomorrow unless told otherwise. */
  issue(name: string, wish?: CertificateWish): Certified;
}

export function createAuthority(name: string): Authority {
  const keys = newKeys();
  const own = { name, publicKey: keys.publicKey, issuer: name, signer: keys.privateKey };
  return {
    cert: certificate({ ...own, isAuthority: true }),
    key: pemOf(keys.privateKey),
    issue(subject, wish = {}) {
      const { publicKey, privateKey } = newKeys();
      const signed = { name: subject, publicKey, issuer: name, signer: keys.privateKey };
      return {
        cert: certificate({ ...signed, ...wish, isAuthority: false }),
        key: pemOf(privateKey),
      };
    },
  };
}

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}

interface Signed extends CertificateWish {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly isAuthority: boolean;
}

/** RFC 5280, with as much of it as OpenSSL asks for. */
function certificate(wish: Signed): string {
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS) } =
    wish;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    // Positive, and never twice: OpenSSL takes equal serials of one issuer for the same certificate.
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(wish.issuer),
    sequence(time(notBefore), time(notAfter)),
    commonName(wish.name),
    wish.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions(wish))),
  );
  const signature = sign("sha256", toBeSigned, wish.signer);
  const whole = sequence(
    toBeSigned,
    ecdsaWithSha256,
    der(0x03, Buffer.concat([Buffer.of(0), signature])),
  );
  const lines = whole.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function extensions({ isAuthority, hosts = [] }: Signed): Buffer[] {
  const isTrue = der(0x01, Buffer.of(0xff));
  const basicConstraints = sequence(...(isAuthority ? [isTrue] : []));
  const found = [sequence(oid("551d13"), isTrue, der(0x04, basicConstraints))];
  if (hosts.length > 0) {
    found.push(sequence(oid("551d11"), der(0x04, sequence(...hosts.map(alternativeName)))));
  }
  return found;
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return der(0x82, Buffer.from(host));
  return der(0x87, Buffer.from(host.split(".").map(Number)));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
}

/** As `YYYYMMDDHHMMSSZ`. */
function time(date: Date): Buffer {
  return der(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, "")));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = Buffer.from(length.toString(16).padStart(4, "0"), "hex");
  return Buffer.concat([Buffer.of(tag, 0x80 + bytes.length), bytes, content]);
}
