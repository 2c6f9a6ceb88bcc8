// Owns where `http://` may lead: tokens travel unencrypted in one's own network, and over the internet only on the operator's word.
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { GotifyConfigError } from "../gotify/errors.ts";
import type { ProxyRoute } from "./connection-proxy.ts";

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
   * For what no lookup is asked about: an address in place of a name, a name that a proxy resolves, and the
   * proxy itself, which is sent everything unencrypted unless it speaks TLS.
   *
   * @throws {GotifyConfigError} for a public address, and what looking up a name throws.
   */
  assertPrivate(hostname: string, proxy: Pick<ProxyRoute, "address"> | undefined): Promise<void>;
}

/**
 * Multicast, broadcast and what is reserved: no server can be there, though the host counts it as special
 * as private addresses. Also matches IPv4 addresses that are written as IPv6 ones.
 */
const NO_SERVER = new BlockList();
NO_SERVER.addSubnet("224.0.0.0", 3);
NO_SERVER.addSubnet("ff00::", 8, "ipv6");

/** Means this machine wherever it is resolved. */
export function isThisMachine(hostname: string): boolean {
  const host = withoutBrackets(hostname);
  // A name may begin like an address or end like localhost, and lead anywhere: 127.0.0.1.example.com, or
  // gotify.localhost, which a name server is asked about on some systems.
  return (isIP(host) === 4 && host.startsWith("127.")) || host === "::1" || host === "localhost";
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
  const refusalOf = (addresses: readonly string[], proxy?: URL): GotifyConfigError | undefined => {
    const nowhere = addresses.find(isNoServer);
    if (nowhere !== undefined) return noServer(server, nowhere, proxy);
    const found = addresses.find((address) => !isPrivate(address));
    return found === undefined ? undefined : publicAddress(server, found, proxy);
  };
  const assertAll = async (host: string, proxy?: URL): Promise<void> => {
    const addresses = isIP(host) === 0 ? await addressesOf(host, lookUpAll) : [host];
    const refusal = refusalOf(addresses, proxy);
    if (refusal !== undefined) throw refusal;
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
    async assertPrivate(hostname, proxy) {
      const host = withoutBrackets(hostname);
      if (isIP(host) !== 0 || proxy !== undefined) await assertAll(host);
      if (proxy === undefined) return;
      if (proxy.address === undefined) throw unknownProxy(server);
      if (proxy.address.protocol === "https:") return;
      await assertAll(withoutBrackets(proxy.address.hostname), proxy.address);
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

function isNoServer(address: string): boolean {
  return NO_SERVER.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

const ALLOW = "set connection.dangerouslyAllowCleartext to true.";

function publicAddress(server: string, address: string, proxy?: URL): GotifyConfigError {
  const danger = "where http:// would show tokens and messages to everybody on the way.";
  return new GotifyConfigError(
    proxy === undefined
      ? `Gotify at ${server} is at the public address ${address}, ${danger} Use https://, or ${ALLOW}`
      : `Gotify at ${server} is reached through the HTTP proxy ${proxy.hostname} at the public address ${address}, ${danger} Use https://, name the server in NO_PROXY, or ${ALLOW}`,
  );
}

function unknownProxy(server: string): GotifyConfigError {
  return new GotifyConfigError(
    `Gotify at ${server} is reached through an HTTP proxy that OpenClaw does not name, which http:// would show tokens and messages to. Use https://, or ${ALLOW}`,
  );
}

function noServer(server: string, address: string, proxy?: URL): GotifyConfigError {
  return new GotifyConfigError(
    `${proxy === undefined ? `Gotify at ${server}` : `The HTTP proxy ${proxy.hostname} on the way to Gotify at ${server}`} has the address ${address}, which is a multicast or reserved one: no server can be there. Check the name or address.`,
  );
}
