// Owns the address of a Gotify server: what is accepted, and how REST, stream and image URLs follow from it.
import { GotifyConfigError } from "./errors.ts";
import { asString } from "./parse.ts";

/** A checked server address. `toString()` gives it back without a trailing slash. */
export interface GotifyServerUrl {
  /** `https://push.example.com/gotify`, never with a trailing slash, query, fragment or credentials. */
  readonly href: string;
  /** `https://push.example.com`. */
  readonly origin: string;
  /** True for https. */
  readonly secure: boolean;
  /** The absolute URL of a REST path below the server, e.g. `http("/message", { limit: 1 })`. */
  http(path: string, query?: Readonly<Record<string, number | string | undefined>>): URL;
  /** The absolute `ws:` or `wss:` URL of the stream. */
  stream(): URL;
  /** The same as `href`. */
  toString(): string;
}

/**
 * Checks a server address as an operator would write it: `https://push.example.com`, with or without
 * a trailing slash, a port, or a sub-path under which a reverse proxy serves Gotify.
 *
 * @throws {GotifyConfigError} when it is not an http(s) URL, or carries credentials, a query or a fragment.
 */
export function parseServerUrl(input: string): GotifyServerUrl {
  // Whatever is no text is no URL either.
  const url = URL.parse(asString(input)?.trim() ?? "");
  if (url === null) {
    throw new GotifyConfigError(
      `The Gotify server URL is not a URL. Write it in full, e.g. https://push.example.com`,
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new GotifyConfigError(
      `The Gotify server URL must start with https:// or http://, not ${url.protocol}//. ` +
        "The address of the stream is derived from it.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new GotifyConfigError(
      "The Gotify server URL must not carry a user name or password. Use an app token and a client token.",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new GotifyConfigError(
      "The Gotify server URL must not carry a query or a fragment. Use the address of the server alone.",
    );
  }

  const base = url.pathname.replace(/\/+$/, "");
  const href = `${url.origin}${base}`;
  return {
    href,
    origin: url.origin,
    secure: url.protocol === "https:",
    http(path, query = {}) {
      const target = new URL(`${href}${path}`);
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) target.searchParams.set(name, String(value));
      }
      return target;
    },
    stream() {
      const target = new URL(`${href}/stream`);
      target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      return target;
    },
    toString: () => href,
  };
}
