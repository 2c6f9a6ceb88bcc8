// Owns turning what Node throws when no answer comes into one line that says what to check.
import { GotifyNetworkError } from "./errors.ts";

/** System errors while looking a name up or connecting. The same codes on an open connection prove nothing. */
const CONNECT_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused. Check that Gotify runs, and its host and port.",
  ENOTFOUND: "the host name is not known. Check the spelling of the server URL.",
  EAI_AGAIN: "the host name could not be looked up just now. Check the network and the DNS server.",
  ETIMEDOUT: "no connection came about in time. Check host, port and firewall.",
  EHOSTUNREACH: "the host cannot be reached. Check that it is up and in a network you can reach.",
  ENETUNREACH: "the network cannot be reached. Check this machine's connection.",
  EADDRNOTAVAIL:
    "this machine has no address or port left for the connection. Check its network, and for programs that open very many.",
  EACCES: "this machine does not allow the connection. Check its firewall.",
  EPERM: "this machine does not allow the connection. Check its firewall.",
};

const NAME_AUTHORITY =
  "Name the file with the authority's certificate in connection.caFile, or in NODE_EXTRA_CA_CERTS";
const UNKNOWN_AUTHORITY = `its certificate comes from an unknown authority. ${NAME_AUTHORITY}.`;
const WANTS_CERTIFICATE =
  "it wants a client certificate. Set connection.clientCertFile and connection.clientKeyFile.";
const REFUSED_CERTIFICATE =
  "it does not accept the client certificate. Check connection.clientCertFile: which authority has signed it, and until when it is valid.";
const NO_TLS =
  "it does not speak TLS on this port. Use http:// in the server URL, or the port that serves https.";

/** Failures before anything of a request can be sent, whatever reports them. */
const HANDSHAKE_FAILURES: Readonly<Record<string, string>> = {
  BAD_PORT: "web clients refuse to use this port. Let Gotify listen on another one.",
  UND_ERR_CONNECT_TIMEOUT: "no connection came about in time. Check host, port and firewall.",
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: "it speaks only versions of TLS that are too old. Update it.",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is self-signed. Name the file with that certificate in connection.caFile, or in NODE_EXTRA_CA_CERTS.",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `its certificate comes from an unknown authority, or its chain is incomplete. ${NAME_AUTHORITY}, or let it serve the intermediate certificates.`,
  CERT_HAS_EXPIRED: "its certificate has expired. Renew it.",
  CERT_NOT_YET_VALID: "its certificate is not valid yet. Check this machine's clock.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another host name. Use the name in the certificate.",
  // What the host's proxy agents report when no tunnel came about.
  CONNECT_FAILED:
    "the HTTP proxy opened no way to it. Check the proxy, and that it may connect to this host and port.",
};

/**
 * TLS alerts of a server that broke the handshake off, by number (RFC 8446, 6). With TLS 1.3 they arrive
 * when the request is on its way already; the server has not looked at it.
 */
const ALERTS: Readonly<Record<string, string>> = {
  40: "it broke the TLS handshake off. It may want a client certificate (connection.clientCertFile), or speak no TLS that is known here.",
  42: REFUSED_CERTIFICATE,
  43: REFUSED_CERTIFICATE,
  44: REFUSED_CERTIFICATE,
  45: REFUSED_CERTIFICATE,
  46: REFUSED_CERTIFICATE,
  48: REFUSED_CERTIFICATE,
  116: WANTS_CERTIFICATE,
};
/** How Node says, in the text alone, that the other side hung up in the handshake. */
const HUNG_UP_IN_HANDSHAKE = /before secure TLS connection was established/;

/** The connection as such failed: `error` is what `fetch` or a socket reported. */
export function networkFailure(server: string, error: unknown): GotifyNetworkError {
  const remedy = beforeSending(server, error);
  if (remedy !== undefined) {
    return new GotifyNetworkError(`Gotify at ${server} is not reachable: ${remedy}`, {
      code: "GOTIFY_UNREACHABLE",
      requestSent: false,
      cause: error,
    });
  }
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined);
  return new GotifyNetworkError(
    `The connection to Gotify at ${server} was lost before it answered` +
      `${code === undefined ? "" : ` (${code})`}. Check the server and any proxy in front of it.`,
    { code: "GOTIFY_CONNECTION_LOST", requestSent: true, cause: error },
  );
}

export function timeoutFailure(server: string, timeoutMs: number): GotifyNetworkError {
  return new GotifyNetworkError(
    `Gotify at ${server} did not answer within ${timeoutMs / 1000} s. ` +
      "Check that the server and its database are running.",
    { code: "GOTIFY_TIMEOUT", requestSent: true },
  );
}

/**
 * What to do about a failure that certainly came before the request; `undefined` when that is not
 * certain. Node nests what matters: `TypeError: fetch failed` → cause, and a list of tried addresses,
 * of which every one must have failed to connect.
 */
function beforeSending(server: string, error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  // By the fetch standard, a list of ports is off limits; that error carries no code.
  if (error.message === "bad port") return HANDSHAKE_FAILURES["BAD_PORT"];
  if (error instanceof AggregateError) {
    const remedies = error.errors.map((inner) => beforeSending(server, inner, depth + 1));
    return remedies.length > 0 && !remedies.includes(undefined) ? remedies[0] : undefined;
  }
  const code = errorCode(error);
  if (code === "EPROTO" && "reason" in error && error.reason === "wrong version number") {
    return NO_TLS;
  }
  if (code !== undefined && code in HANDSHAKE_FAILURES) return HANDSHAKE_FAILURES[code];
  const alert = /SSL alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined && alert in ALERTS) return ALERTS[alert];
  if (code === "ECONNRESET" && HUNG_UP_IN_HANDSHAKE.test(error.message)) {
    return "it hung up in the TLS handshake. Check that this port serves https, and whether it wants another client certificate.";
  }
  const isConnecting =
    "syscall" in error && (error.syscall === "connect" || error.syscall === "getaddrinfo");
  if (code !== undefined && isConnecting && code in CONNECT_FAILURES) {
    const place = placeBesides(server, error);
    return place === undefined ? CONNECT_FAILURES[code] : proxyFailure(place, code);
  }
  return beforeSending(server, error.cause, depth + 1);
}

/**
 * What could not be looked up or connected to, when that is not the server: Node names it in its error,
 * and nothing else than a proxy is on the way.
 */
function placeBesides(server: string, error: Error): string | undefined {
  const { hostname, port, protocol } = new URL(server);
  if ("hostname" in error && typeof error.hostname === "string") {
    return error.hostname === hostname ? undefined : error.hostname;
  }
  if (!("address" in error && typeof error.address === "string")) return undefined;
  if (!("port" in error && typeof error.port === "number")) return undefined;
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  return String(error.port) === ownPort ? undefined : `${error.address}:${error.port}`;
}

function proxyFailure(place: string, code: string): string {
  const what = code === "ENOTFOUND" ? "is not known" : `cannot be reached (${code})`;
  return `${place} ${what}. That is not Gotify itself, but most likely the HTTP proxy: check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or proxy.proxyUrl of OpenClaw.`;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
