// Owns what a client is made of: its options with their defaults, checked before anything is sent.
import { GotifyConfigError } from "./errors.ts";
import type { HttpSetup } from "./http.ts";
import { checkedBytes, checkedMs } from "./limits.ts";
import type { GotifySocketOptions } from "./stream-options.ts";
import { normalizeToken } from "./tokens.ts";
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
  /** Further headers for every request and the stream's handshake, e.g. for an access proxy. Treated as secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The function that carries out requests. Default: the global `fetch`. Called with `redirect: "manual"`
   * and a signal; when it does not heed the signal, the call ends in time all the same, and an answer
   * that comes later is thrown away.
   */
  readonly fetch?: typeof globalThis.fetch;
  /** How the stream's socket is made, e.g. through a proxy or with own certificates. */
  readonly socketOptions?: GotifySocketOptions;
}

/** Both tokens as they go into a header, and what every request needs besides. */
export interface CheckedClientOptions {
  readonly setup: HttpSetup;
  readonly appToken: string | undefined;
  readonly clientToken: string | undefined;
}

/** @throws {GotifyConfigError} when the address, a token, a header or a limit cannot work. */
export function checkedOptions(options: GotifyClientOptions): CheckedClientOptions {
  const server = parseServerUrl(options.serverUrl);
  const appToken = optionalToken(options.appToken, "app token");
  const clientToken = optionalToken(options.clientToken, "client token");
  const headers = checkedHeaders(options.headers ?? {});
  const setup: HttpSetup = {
    server,
    fetch: options.fetch ?? globalThis.fetch,
    headers,
    timeoutMs: checkedMs("timeoutMs", options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxAnswerBytes: checkedBytes(
      "maxAnswerBytes",
      options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
    ),
    secrets: [appToken ?? "", clientToken ?? "", ...Object.values(headers)],
  };
  return { setup, appToken, clientToken };
}

/** A header that cannot be sent is found here: later, its value would stand in somebody else's error. */
function checkedHeaders(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === "x-gotify-key") {
      throw new GotifyConfigError("X-Gotify-Key carries the token. Use appToken or clientToken.");
    }
    try {
      checked.set(name, value);
    } catch {
      throw new GotifyConfigError(`The header "${name}" cannot be sent. Check its name and value.`);
    }
  }
  // As they will be sent: without the blanks around them, which would hide them from redaction.
  return Object.fromEntries(checked);
}

function optionalToken(token: string | undefined, label: string): string | undefined {
  return token === undefined ? undefined : normalizeToken(token, label);
}
