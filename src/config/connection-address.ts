// Owns where `http://` may lead: tokens travel unencrypted in one's own network, and over the internet only on the operator's word.
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { GotifyConfigError } from "../gotify/errors.ts";

/** Resolves a name to all of its addresses. */
export type LookUpAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Judges the targets of one server's cleartext connections. */
export interface CleartextGuard {
  /**
   * For the connection itself: what it is given is what is connected to, so that a name cannot lead
   * elsewhere after it was judged.
   */
  readonly lookup: LookupFunction;
  /**
   * For what no lookup is asked about: an address in place of a name, and a name that a proxy resolves.
   *
   * @throws {GotifyConfigError} for a public address, and what looking up a name throws.
   */
  assertPrivate(hostname: string, isProxied: boolean): Promise<void>;
}

/** Means this machine wherever it is resolved. */
export function isThisMachine(hostname: string): boolean {
  const host = withoutBrackets(hostname);
  // A name may begin like an address, and lead anywhere: 127.0.0.1.example.com.
  return (isIP(host) === 4 && host.startsWith("127.")) || host === "::1" || isLocalhost(host);
}

function isLocalhost(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(host);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/**
 * @param server the address as it is shown in errors.
 * @param isPrivate the host's word on an address.
 */
export function cleartextGuard(
  server: string,
  isPrivate: (address: string) => boolean,
  lookUpAll: LookUpAll = systemLookup,
): CleartextGuard {
  const refusalOf = (addresses: readonly string[]): GotifyConfigError | undefined => {
    const found = addresses.find((address) => !isPrivate(address));
    return found === undefined ? undefined : publicAddress(server, found);
  };
  return {
    lookup(hostname, options, callback) {
      lookUpAll(hostname, { ...options, all: true }, (error, addresses) => {
        const refusal = error ?? refusalOf(addresses.map(({ address }) => address));
        const [first] = error === null ? addresses : [];
        if (refusal !== undefined) callback(refusal, []);
        else if (options.all === true || first === undefined) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
    async assertPrivate(hostname, isProxied) {
      const host = withoutBrackets(hostname);
      const isAddress = isIP(host) !== 0;
      if (!isAddress && !isProxied) return;
      const refusal = refusalOf(isAddress ? [host] : await addressesOf(host, lookUpAll));
      if (refusal !== undefined) throw refusal;
    },
  };
}

function addressesOf(hostname: string, lookUpAll: LookUpAll): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookUpAll(hostname, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses.map(({ address }) => address));
      else reject(error);
    });
  });
}

function publicAddress(server: string, address: string): GotifyConfigError {
  return new GotifyConfigError(
    `Gotify at ${server} is at the public address ${address}, where http:// would show tokens and messages to everybody on the way. ` +
      "Use https://, or set connection.dangerouslyAllowCleartext to true.",
  );
}
