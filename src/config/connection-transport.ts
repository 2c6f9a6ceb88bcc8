// Owns how an account's requests and its stream are connected: one set of certificates, agents, proxy and address policy for both.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { GotifyClientOptions } from "../gotify/client-options.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asObject, asString } from "../gotify/parse.ts";
import type { GotifySocketOptions } from "../gotify/stream-options.ts";
import { parseServerUrl, type GotifyServerUrl } from "../gotify/url.ts";
import { cleartextGuard, isThisMachine, type CleartextGuard } from "./connection-address.ts";
import { fetchOver } from "./connection-fetch.ts";
import { readTlsFiles, type TlsFiles } from "./connection-files.ts";
import type { ResolvedConnection } from "./connection.ts";

/** What a client is given to reach its server. */
export type Transport = Required<Pick<GotifyClientOptions, "fetch" | "socketOptions">>;

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
    // Changes when the host begins or ends to route through a proxy.
    proxyEnvironment(),
  ]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const transport = createTransport(server, connection.allowCleartext, files);
  // A client that has one that is dropped goes on with it.
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, transport);
  return transport;
}

function createTransport(
  server: GotifyServerUrl,
  allowCleartext: boolean,
  files: TlsFiles,
): Transport {
  const { hostname } = new URL(server.href);
  const isSecure = server.secure;
  const isProxied = proxyEnvironment().length > 0;
  const pool = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
  const direct = isSecure ? new HttpsAgent(pool) : new HttpAgent(pool);

  const make = async (): Promise<Made> => {
    const isGuarded = !isSecure && !allowCleartext && !isThisMachine(hostname);
    const guard = isGuarded ? await loadGuard(server.href) : undefined;
    const secureContext = isSecure ? secureContextOf(files) : undefined;
    return {
      guard,
      options: {
        agent: (isProxied ? await proxyAgent(isSecure) : undefined) ?? direct,
        // Not the agent's: a proxy's agent of the host has none of ours.
        ...(secureContext === undefined ? {} : { secureContext }),
        ...(guard === undefined ? {} : { lookup: guard.lookup }),
      },
    };
  };
  let made: Promise<Made> | undefined;
  const socketOptions = async (): Promise<GotifySocketOptions> => {
    const { guard, options } = await (made ??= make());
    await guard?.assertPrivate(hostname, isProxied);
    return options;
  };
  return { fetch: fetchOver(socketOptions), socketOptions };
}

interface Made {
  readonly guard: CleartextGuard | undefined;
  readonly options: GotifySocketOptions;
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

/**
 * The host's own agent for the proxy in the environment, where the host also puts the one that it is
 * configured with (`proxy.proxyUrl`). It minds NO_PROXY by itself. A proxy that it cannot use, e.g. a
 * SOCKS one, is none for the host, and so for this.
 */
async function proxyAgent(isSecure: boolean): Promise<HttpAgent | undefined> {
  const { resolveAmbientNodeProxyAgent } = await import("openclaw/plugin-sdk/extension-shared");
  return resolveAmbientNodeProxyAgent<HttpAgent>({ protocol: isSecure ? "https" : "http" });
}

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap(inBothCases);
const NO_PROXY_VARIABLES = inBothCases("NO_PROXY");

/** What the environment says of proxies; empty when it names none. */
function proxyEnvironment(): readonly string[] {
  const proxies = PROXY_VARIABLES.flatMap(assignment);
  return proxies.length === 0 ? [] : [...proxies, ...NO_PROXY_VARIABLES.flatMap(assignment)];
}

function inBothCases(name: string): string[] {
  return [name, name.toLowerCase()];
}

function assignment(name: string): string[] {
  const value = process.env[name];
  return value ? [`${name}=${value}`] : [];
}
