// Owns how an account's requests and its stream are connected: one set of certificates, agents, proxy and address policy for both.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { GotifyClientOptions } from "../gotify/client-options.ts";
import { GotifyConfigError, GotifyError } from "../gotify/errors.ts";
import { networkFailure } from "../gotify/network-failure.ts";
import { asObject, asString } from "../gotify/parse.ts";
import type { GotifySocketOptions } from "../gotify/stream-options.ts";
import { parseServerUrl, type GotifyServerUrl } from "../gotify/url.ts";
import { cleartextGuard, isThisMachine, type CleartextGuard } from "./connection-address.ts";
import { nodeTransport } from "./connection-http.ts";
import { readTlsFiles, type TlsFiles } from "./connection-files.ts";
import { proxyEnvironment, proxyTo, type ProxyRoute } from "./connection-proxy.ts";
import type { ResolvedConnection } from "./connection.ts";

/** What a client is given to reach its server. */
export type Transport = Required<Pick<GotifyClientOptions, "transport" | "socketOptions">>;

/** An installation has a handful of accounts; whatever changes beyond that makes its own anew. */
const MAX_KEPT = 32;
/** As long as the global `fetch` keeps a connection; a server that closes first would fail a post. */
const IDLE_CONNECTION_MS = 4_000;

const kept = new Map<string, Transport>();

/**
 * The transport to a server. Equal configurations share one, and with it their idle connections. Nothing
 * has to be closed: an idle connection ends by itself, and keeps no process alive.
 *
 * @throws {GotifyConfigError} when the address cannot work, or a certificate's file.
 */
export function transportTo(serverUrl: string, connection: ResolvedConnection): Transport {
  const server = parseServerUrl(serverUrl);
  const files = readTlsFiles(connection);
  const key = JSON.stringify([
    server.href,
    connection.allowCleartext,
    files.identity,
    proxyEnvironment(),
  ]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const transport = createTransport(server, connection, files);
  // A client that has one that is dropped goes on with it.
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, transport);
  return transport;
}

/**
 * Outlives its certificates: an account that runs for months must notice that they were renewed, so each
 * request and each stream looks whether the files are still those that it was made with.
 */
function createTransport(
  server: GotifyServerUrl,
  connection: ResolvedConnection,
  firstFiles: TlsFiles,
): Transport {
  const { hostname } = new URL(server.href);
  let files = firstFiles;
  let way: Way | undefined;
  const currentWay = (): Way => {
    // Certificate and key are replaced one after the other: until they fit, the last ones that did hold.
    if (server.secure) files = workingFiles(connection) ?? files;
    const identity = JSON.stringify([files.identity, proxyEnvironment()]);
    if (way?.identity !== identity) {
      const next = makeWay(server, connection.allowCleartext, files, identity);
      if (way !== undefined) endIdle(way.direct);
      way = next;
    }
    return way;
  };
  const socketOptions = async (): Promise<GotifySocketOptions> => {
    const { guard, proxy, options } = await currentWay().made;
    try {
      await guard?.assertPrivate(hostname, proxy);
    } catch (error) {
      // A name that cannot be looked up, which the stream hands on as it is.
      throw error instanceof GotifyError ? error : networkFailure(server.href, error);
    }
    return options;
  };
  return { transport: nodeTransport(socketOptions), socketOptions };
}

/** What holds until the certificates or the proxy change. */
interface Way {
  readonly identity: string;
  readonly direct: HttpAgent;
  readonly made: Promise<Made>;
}

interface Made {
  readonly guard: CleartextGuard | undefined;
  readonly proxy: ProxyRoute | undefined;
  readonly options: GotifySocketOptions;
}

function makeWay(
  server: GotifyServerUrl,
  allowCleartext: boolean,
  files: TlsFiles,
  identity: string,
): Way {
  const url = new URL(server.href);
  const isSecure = server.secure;
  // A proxy would see the tokens, and look for the server on its own machine.
  const isHere = !isSecure && isThisMachine(url.hostname);
  const secureContext = isSecure ? secureContextOf(files) : undefined;
  const pool = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
  const direct = isSecure ? new HttpsAgent(pool) : new HttpAgent(pool);
  const make = async (): Promise<Made> => {
    const isGuarded = !isSecure && !allowCleartext && !isHere;
    const guard = isGuarded ? await loadGuard(server.href) : undefined;
    const proxy = isHere ? undefined : await proxyTo(url);
    return {
      guard,
      proxy,
      options: {
        agent: proxy?.agent ?? direct,
        // Not the agent's: a proxy's agent of the host has none of ours.
        ...(secureContext === undefined ? {} : { secureContext }),
        ...(guard === undefined ? {} : { lookup: guard.lookup }),
      },
    };
  };
  return { identity, direct, made: make() };
}

/** `undefined` while they cannot work. */
function workingFiles(connection: ResolvedConnection): TlsFiles | undefined {
  try {
    return readTlsFiles(connection);
  } catch (error) {
    if (error instanceof GotifyConfigError) return undefined;
    throw error;
  }
}

/** Lets go what was made with other certificates. A request that is under way is not cut off; its connection is idle, and ends, soon. */
function endIdle(agent: HttpAgent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

/** Loaded only where it is asked: it costs as much as the rest of a short command. */
async function loadGuard(server: string): Promise<CleartextGuard> {
  const { isPrivateIpAddress } = await import("openclaw/plugin-sdk/ssrf-runtime");
  return cleartextGuard(server, (address) => isPrivateIpAddress(address));
}

/** `undefined` where nothing is said, which leaves it to Node. Made once: it takes some 10 ms. */
function secureContextOf({ ca, cert, key }: TlsFiles): SecureContext | undefined {
  if (ca === undefined && cert === undefined) return undefined;
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: [...getCACertificates("default"), ca] }),
      ...(cert === undefined ? {} : { cert, key }),
    });
  } catch (error) {
    // Each of them was read and fits: what is left is what this machine thinks too weak.
    throw new GotifyConfigError(
      `OpenSSL refuses the certificates in connection (${asString(asObject(error)?.["code"]) ?? "unknown reason"}). Issue new ones with a stronger key or signature.`,
      { cause: error },
    );
  }
}
