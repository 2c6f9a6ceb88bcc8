// Owns turning what Node throws when no answer comes into one line that says what to check.
import { GotifyNetworkError } from "./errors.ts";

/** Failures to connect: nothing of the request left this machine, so nothing can have been stored. */
const CONNECT_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused. Check that Gotify runs, and its host and port.",
  ENOTFOUND: "the host name is not known. Check the spelling of the server URL.",
  EAI_AGAIN: "the host name could not be looked up just now. Check the network and the DNS server.",
  EHOSTUNREACH: "the host cannot be reached. Check that it is up and in a network you can reach.",
  ENETUNREACH: "the network cannot be reached. Check this machine's connection.",
  EADDRNOTAVAIL: "no local address is free for the connection.",
  UND_ERR_CONNECT_TIMEOUT: "no connection came about in time. Check host, port and firewall.",
  ERR_SSL_WRONG_VERSION_NUMBER:
    "it does not speak TLS on this port. Use http:// in the server URL, or the port that serves https.",
  BAD_PORT: "web clients refuse to use this port. Let Gotify listen on another one.",
  EPROTO: "the TLS handshake failed. Use http:// in the server URL if this port has no TLS.",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is self-signed. Make its authority known, e.g. with NODE_EXTRA_CA_CERTS.",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate comes from an unknown authority. Make it known, e.g. with NODE_EXTRA_CA_CERTS.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate chain is incomplete. Serve the intermediate certificates, or use NODE_EXTRA_CA_CERTS.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate comes from an unknown authority. Make it known, e.g. with NODE_EXTRA_CA_CERTS.",
  CERT_HAS_EXPIRED: "its certificate has expired. Renew it.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another host name. Use the name in the certificate.",
};

/** The connection as such failed: `error` is what `fetch` or a socket reported. */
export function networkFailure(server: string, error: unknown): GotifyNetworkError {
  const code = findCode(error);
  const known = code === undefined ? undefined : CONNECT_FAILURES[code];
  if (known !== undefined) {
    return new GotifyNetworkError(`Gotify at ${server} is not reachable: ${known}`, {
      code: "GOTIFY_UNREACHABLE",
      requestSent: false,
      cause: error,
    });
  }
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

/** Node nests the code that matters: `TypeError: fetch failed` → cause, and lists of tried addresses. */
function findCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  // By the fetch standard, a list of ports is off limits; the error carries no code.
  if (error.message === "bad port") return "BAD_PORT";
  if ("code" in error && typeof error.code === "string" && error.code in CONNECT_FAILURES) {
    return error.code;
  }
  if (error instanceof AggregateError) {
    for (const inner of error.errors) {
      const code = findCode(inner, depth + 1);
      if (code !== undefined) return code;
    }
  }
  const inner = findCode(error.cause, depth + 1);
  if (inner !== undefined) return inner;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
