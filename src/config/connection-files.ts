// Owns the certificates of a connection: reads the files that are named, again when they change, and says what is wrong with them.
import { createHash, createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asObject, asString } from "../gotify/parse.ts";
import type { PathOfKey, ResolvedConnection } from "./connection.ts";

const MIB = 1024 * 1024;
/** The certificates of all public authorities together are a quarter of it. */
const MAX_FILE_BYTES = MIB;
/** Several accounts, and as often replaced as anybody does before the next restart. */
const MAX_KEPT = 32;
const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END [^\n]+-----/g;

/** What TLS takes, as PEM. */
export interface TlsFiles {
  /** Authorities that are trusted besides the usual ones. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Equal as long as all of the above is. Holds nothing secret. */
  readonly identity: string;
}

interface Checked {
  readonly files: TlsFiles;
  /** The client certificate, for how long it is valid. */
  readonly leaf: X509Certificate | undefined;
}

/** What can be wrong, as the end of a line that begins with the key in the configuration. */
class TlsFileError extends Error {
  readonly key: TlsKey;

  constructor(key: TlsKey, message: string) {
    super(message);
    this.key = key;
  }
}

type TlsKey = "caFile" | "clientCertFile" | "clientKeyFile" | "clientKey";
type TlsWords = Pick<ResolvedConnection, TlsKey>;

/**
 * Files that stayed as they are need not be read and checked for each message. What failed is not kept: it
 * may work the next time without any change of the file, e.g. when a folder's access rights were mended.
 */
const kept = new Map<string, Checked>();

/** Why no connection can be made with these certificates, in one line; `undefined` when one can. */
export function tlsProblem(
  words: TlsWords,
  pathOf: PathOfKey,
  now: () => number = Date.now,
): string | undefined {
  try {
    load(words, now);
    return undefined;
  } catch (error) {
    if (error instanceof TlsFileError) return `${pathOf(error.key)}: ${error.message}`;
    throw error;
  }
}

/** @throws {GotifyConfigError} when a file is missing or cannot work. */
export function readTlsFiles(words: TlsWords): TlsFiles {
  const problem = tlsProblem(words, (key) => `connection.${key}`);
  if (problem !== undefined) throw new GotifyConfigError(problem);
  return load(words, Date.now).files;
}

function load(words: TlsWords, now: () => number): Checked {
  const identity = identityOf(words);
  let found = kept.get(identity);
  if (found === undefined) {
    found = check(words, identity);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(identity, found);
  }
  assertValidNow(found.leaf, now());
  return found;
}

/** Which files these are, and in which state. @throws {TlsFileError} for one that is not there. */
function identityOf(words: TlsWords): string {
  const key = words.clientKey;
  return JSON.stringify([
    stampOf("caFile", words.caFile),
    stampOf("clientCertFile", words.clientCertFile),
    stampOf("clientKeyFile", words.clientKeyFile),
    key === undefined ? null : createHash("sha256").update(key).digest("base64url"),
  ]);
}

/** Links are followed: that is how certificates are renewed, and how they get into a container. */
function stampOf(key: TlsKey, path: string | undefined): readonly (string | number)[] | null {
  if (path === undefined) return null;
  const found = attempt(key, path, () => statSync(path));
  if (!found.isFile()) throw new TlsFileError(key, `${path} is no file.`);
  if (found.size > MAX_FILE_BYTES) {
    throw new TlsFileError(key, `${path} is too large to hold certificates.`);
  }
  // ctime as well: a copy may bring its time of writing along, and may be as long as what it replaces.
  return [path, found.ino, found.size, found.mtimeMs, found.ctimeMs];
}

function check(words: TlsWords, identity: string): Checked {
  const ca = read("caFile", words.caFile);
  if (words.caFile !== undefined) certificatesIn("caFile", words.caFile, ca ?? "");
  const { cert, key, leaf } = clientIdentity(words);
  return { files: { ca, cert, key, identity }, leaf };
}

function clientIdentity(words: TlsWords): Pick<TlsFiles, "cert" | "key"> & Pick<Checked, "leaf"> {
  const { clientCertFile, clientKeyFile, clientKey } = words;
  const keyIn = clientKey === undefined ? "clientKeyFile" : "clientKey";
  const hasKey = clientKey !== undefined || clientKeyFile !== undefined;
  if (clientCertFile === undefined) {
    if (!hasKey) return { cert: undefined, key: undefined, leaf: undefined };
    throw new TlsFileError(
      keyIn,
      "A key alone proves nothing. Name its certificate in clientCertFile.",
    );
  }
  if (!hasKey) {
    throw new TlsFileError(
      "clientCertFile",
      "A certificate needs its key. Name the key's file in clientKeyFile, or put the key into clientKey.",
    );
  }
  const cert = read("clientCertFile", clientCertFile) ?? "";
  const [leaf] = certificatesIn("clientCertFile", clientCertFile, cert);
  const key = clientKey ?? read("clientKeyFile", clientKeyFile) ?? "";
  const named = clientKey === undefined ? (clientKeyFile ?? "") : "The value";
  if (leaf?.checkPrivateKey(privateKey(keyIn, named, key)) !== true) {
    throw new TlsFileError(
      keyIn,
      `${named} is not the key of the certificate in ${clientCertFile}. Take the pair that was issued together.`,
    );
  }
  return { cert, key, leaf };
}

function privateKey(at: TlsKey, named: string, pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new TlsFileError(
      at,
      `${named} is protected by a passphrase. Write the key without one, e.g. with "openssl pkey".`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says of it may repeat it.
    throw new TlsFileError(at, `${named} holds no private key in PEM form.`);
  }
}

/** The certificates in a PEM file, at least one. */
function certificatesIn(key: TlsKey, path: string, text: string): readonly X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    throw new TlsFileError(
      key,
      `${path} holds no certificate in PEM form. If it is a binary one, convert it with "openssl x509 -inform der".`,
    );
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new TlsFileError(
        key,
        `${path} holds a certificate that cannot be read. Copy it again.`,
      );
    }
  });
}

/** The other side would only hang up. */
function assertValidNow(leaf: X509Certificate | undefined, now: number): void {
  if (leaf === undefined) return;
  if (now > leaf.validToDate.getTime()) {
    throw new TlsFileError(
      "clientCertFile",
      `The certificate has expired on ${day(leaf.validToDate)}. Renew it.`,
    );
  }
  if (now < leaf.validFromDate.getTime()) {
    throw new TlsFileError(
      "clientCertFile",
      `The certificate is not valid before ${day(leaf.validFromDate)}. Check this machine's clock.`,
    );
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, "2026-01-01".length);
}

function read(key: TlsKey, path: string | undefined): string | undefined {
  return path === undefined ? undefined : attempt(key, path, () => readFileSync(path, "latin1"));
}

function attempt<T>(key: TlsKey, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = asString(asObject(error)?.["code"]);
    const why =
      code === "ENOENT" || code === "ENOTDIR"
        ? "does not exist"
        : code === "EACCES"
          ? "may not be read by the user who runs OpenClaw"
          : `could not be read (${code ?? "unknown reason"})`;
    throw new TlsFileError(key, `${path} ${why}.`);
  }
}
