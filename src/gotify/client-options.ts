// Owns what a client is made of: its options with their defaults, checked before anything is sent.
import { GotifyConfigError } from "./errors.ts";
import type { HttpSetup } from "./http.ts";
import { checkedBytes, checkedMs } from "./limits.ts";
import { asObject, asString } from "./parse.ts";
import type { GotifySocketOptions } from "./stream-options.ts";
import { normalizeToken } from "./tokens.ts";
import { overFetch, type Transport } from "./transport.ts";
import { parseServerUrl } from "./url.ts";

const MIB = 1024 * 1024;
const SECOND_MS = 1000;
const DEFAULT_TIMEOUT_MS = 20 * SECOND_MS;
const DEFAULT_MAX_ANSWER_BYTES = 64 * MIB;

/** Where the server is, what proves who asks, and how requests are carried out. */
export interface GotifyClientOptions {
  /** The server's address, e.g. `https://push.example.com` or `https://example.com/gotify`. */
  readonly serverUrl: string;
  /** Token of an application: may post to it, and nothing else. */
  readonly appToken?: string | undefined;
  /** Token of a client: may read, receive and manage; on Gotify 3 also post, when the draft names an `appId`. */
  readonly clientToken?: string | undefined;
  /**
   * Milliseconds until a call gives up, all of its requests together (see {@link CallOptions}). Default
   * 20,000. Gotify can be slow to answer a post while another reader of the same user stalls (seen:
   * over 1 s), so less than 15,000 turns slow posts into ones of unknown outcome.
   */
  readonly timeoutMs?: number;
  /**
   * Bytes an answer may have. Default 64 MiB; Gotify itself sets no limit to a page of 200 messages. A
   * larger one is not held, and is `GOTIFY_ANSWER_TOO_LARGE`. Above 0; more than 2 GiB counts as that.
   */
  readonly maxAnswerBytes?: number;
  /**
   * Further headers for every request and the stream's handshake, e.g. for an access proxy. Treated as
   * secrets. A `Cookie` or an `Authorization` may be what the proxy asks for; a call with a login sends its
   * own `Authorization`. Refused is what client and transport set themselves: `Host`, `Origin`, `Range`,
   * `X-Gotify-Key`, `Content-…`, `Sec-WebSocket-…`, and those of the connection, e.g. `Upgrade`.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The function that carries out requests. Default: the global `fetch`. Called with `redirect: "manual"`
   * and a signal; when it does not heed the signal, the call ends in time all the same, and an answer
   * that comes later is thrown away.
   */
  readonly fetch?: typeof globalThis.fetch;
  /** In place of `fetch`: what carries out requests, where every tenth of a millisecond counts. */
  readonly transport?: Transport;
  /**
   * How the stream's socket is made, e.g. through a proxy or with own certificates. A function is asked
   * anew for each stream; what it throws or rejects with, opening the stream rejects with.
   */
  readonly socketOptions?: GotifySocketOptions | (() => Promise<GotifySocketOptions>);
}

/** Both tokens as they go into a header, and what every request needs besides. */
export interface CheckedClientOptions {
  readonly setup: HttpSetup;
  readonly socketOptions: NonNullable<GotifyClientOptions["socketOptions"]>;
  readonly appToken: string | undefined;
  readonly clientToken: string | undefined;
}

/** @throws {GotifyConfigError} when the address, a token, a header or a limit cannot work. */
export function checkedOptions(options: GotifyClientOptions): CheckedClientOptions {
  if (asObject(options) === undefined) {
    throw new GotifyConfigError("A client needs options, with the server URL among them.");
  }
  const server = parseServerUrl(options.serverUrl);
  const appToken = optionalToken(options.appToken, "app token");
  const clientToken = optionalToken(options.clientToken, "client token");
  const headers = checkedHeaders(options.headers ?? {});
  const setup: HttpSetup = {
    server,
    transport: options.transport ?? overFetch(options.fetch ?? globalThis.fetch),
    headers,
    timeoutMs: checkedMs("timeoutMs", options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxAnswerBytes: checkedBytes(
      "maxAnswerBytes",
      options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
    ),
    secrets: [appToken ?? "", clientToken ?? "", ...Object.values(headers)],
  };
  return { setup, socketOptions: options.socketOptions ?? {}, appToken, clientToken };
}

/**
 * Headers that are not for the caller to set, in lower case, because another one
 *
 * - would send the request elsewhere, or let Gotify refuse the stream: `host`, `origin`;
 * - breaks the framing of messages, or is refused by `fetch` only when it sends: those of the connection;
 * - misnames a body that the client writes, the boundary of an upload above all: `content-…`;
 * - asks for a part of an answer: `range`;
 * - stands where the token belongs: `x-gotify-key`.
 *
 * As are all that begin with `sec-websocket-`, which belong to the handshake.
 */
const OWNED_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "origin",
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "transfer-encoding",
  "te",
  "trailer",
  "expect",
  "content-length",
  "content-type",
  "content-encoding",
  "range",
  "x-gotify-key",
]);

/**
 * The headers as they will be sent. One that cannot be is found here: later, its value would stand in
 * somebody else's error.
 *
 * @throws {GotifyConfigError} that names the header, and never its value.
 */
export function checkedHeaders(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked = new Headers();
  for (const [name, value] of Object.entries(headers)) checked.set(...checkedHeader(name, value));
  // As they will be sent: without the blanks around them, which would hide them from redaction.
  return Object.fromEntries(checked);
}

function checkedHeader(name: string, value: string): [name: string, value: string] {
  const key = name.toLowerCase();
  if (OWNED_HEADERS.has(key) || key.startsWith("sec-websocket-")) {
    throw new GotifyConfigError(
      `The header "${key}" cannot be given: it is set where it is needed. Tokens go into appToken and clientToken.`,
    );
  }
  const text = asString(value)?.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  // What RFC 9110 lets a name and a value be. `Headers` lets more pass, which then fails when it is sent.
  const canBeSent =
    /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key) &&
    text !== undefined &&
    /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
  if (!canBeSent) {
    throw new GotifyConfigError(`The header "${key}" cannot be sent. Check its name and value.`);
  }
  return [key, text];
}

function optionalToken(token: string | undefined, label: string): string | undefined {
  return token === undefined ? undefined : normalizeToken(token, label);
}
