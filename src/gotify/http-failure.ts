// Owns turning an answer that is not a success into one line that says what happened and what to do.
import { cutText } from "./cut-text.ts";
import { GotifyHttpError } from "./errors.ts";
import { oneLine } from "./one-line.ts";
import { asHttpDate, asObject, asString, parseJson } from "./parse.ts";
import { redact } from "./redact.ts";

/** With what a request proved who it is; decides the advice after a 401. */
export type CredentialKind = "none" | "app" | "client" | "basic";

export interface FailedAnswer {
  /** The server's address as configured. */
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The value of a header, whose name is in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The first kilobytes of the body, and as much more as the longest secret needs. */
  readonly body: string;
  /** True when the body went on, or should have. */
  readonly isCut: boolean;
  readonly credential: CredentialKind;
  /** Values that must not appear in the error, whatever the server writes. */
  readonly secrets: readonly string[];
}

const DESCRIPTION_LIMIT = 300;
const SECOND_MS = 1000;
/** Nobody waits longer because a proxy says so. */
const MAX_RETRY_AFTER_MS = 3600 * SECOND_MS;
/** Those that name another address; the other 3xx, a 304 above all, lead nowhere. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The typed error for an answer with a status outside 200–299. */
export function httpFailure(answer: FailedAnswer): GotifyHttpError {
  const { status, server } = answer;
  const isHtml = looksLikeHtml(answer);
  const description = isHtml ? undefined : describe(answer);
  const init = {
    status,
    description,
    isGotifys: isGotifys(answer),
    retryAfterMs: retryAfter(answer.header("retry-after")),
  };
  const said = description === undefined ? "" : ` (${description})`;
  const where = `Gotify at ${server}`;

  if (REDIRECTS.has(status)) return redirect(answer);
  if (status < 400) {
    return new GotifyHttpError(
      `What answers at ${server}${answer.path} is not Gotify (${status}). Check the server URL, and what a proxy or cache in front of it does.`,
      { ...init, code: "GOTIFY_NOT_GOTIFY" },
    );
  }
  if (status === 400 && answer.body.trim() === "Use HTTPS") {
    return new GotifyHttpError(`${where} wants https. Write the server URL with https://.`, {
      ...init,
      code: "GOTIFY_HTTPS_REQUIRED",
    });
  }
  if (status === 400 && wantsCertificate(answer.body)) {
    return new GotifyHttpError(
      `A proxy in front of ${where} does not accept the connection without a client certificate that it knows (400). ` +
        "Set connection.clientCertFile and connection.clientKeyFile to one that it accepts.",
      { ...init, code: "GOTIFY_REFUSED" },
    );
  }
  switch (status) {
    case 401:
      return new GotifyHttpError(unauthorized(where, answer), {
        ...init,
        code: "GOTIFY_UNAUTHORIZED",
      });
    case 403:
      return new GotifyHttpError(`${where} forbids this (403)${said}. ${forbidden(answer)}`, {
        ...init,
        code: "GOTIFY_FORBIDDEN",
      });
    case 404:
      return new GotifyHttpError(`${where} ${notFound(answer, description)}`, {
        ...init,
        code: "GOTIFY_NOT_FOUND",
      });
    case 413:
      return new GotifyHttpError(
        `A proxy in front of ${where} finds the message too large (413). Shorten it, or raise the proxy's limit for request bodies.`,
        { ...init, code: "GOTIFY_TOO_LARGE" },
      );
    case 429:
      return new GotifyHttpError(
        `A proxy in front of ${where} limits the rate of requests (429). Wait, or raise its limit.`,
        { ...init, code: "GOTIFY_RATE_LIMITED" },
      );
    default:
  }
  if (status >= 500) {
    return new GotifyHttpError(serverError(where, answer, description, isHtml), {
      ...init,
      code: "GOTIFY_SERVER_ERROR",
    });
  }
  return new GotifyHttpError(
    `${where} refused ${answer.method} ${answer.path} (${status})${said}.`,
    { ...init, code: "GOTIFY_REFUSED" },
  );
}

/** How nginx says it: with an answer, because it looks at the certificate after the handshake. */
export function wantsCertificate(body: string): boolean {
  return /SSL certificate/i.test(body);
}

function unauthorized(where: string, answer: FailedAnswer): string {
  return isGotifys(answer)
    ? `${where} ${unaccepted(answer)}`
    : `A proxy in front of ${where} asks who this is (401). Give it the header that it wants in connection.headers, or let this path past it.`;
}

function unaccepted(answer: FailedAnswer): string {
  switch (answer.credential) {
    case "app":
      return (
        "does not accept the app token (401). It was deleted or replaced, or it is a client token. " +
        "Copy the token of the application that shall post from Gotify's Apps page."
      );
    case "client":
      if (answer.method === "POST" && answer.path === "/message") {
        return (
          "does not accept a post with this client token (401). Gotify 2 takes posts with an app token only; " +
          "on Gotify 3 the token was deleted or has expired."
        );
      }
      return (
        "does not accept the client token (401). It was deleted, it expired, or it is an app token. " +
        "Create a client on Gotify's Clients page and use its token."
      );
    case "basic":
      return "does not accept this user name and password (401). Local sign-in may also be switched off there.";
    case "none":
      return "asks for a token (401).";
  }
}

function forbidden(answer: FailedAnswer): string {
  if (answer.body.includes("not elevated")) {
    return "Gotify 3 asks for the password once more before this: elevate the client, or use user name and password.";
  }
  if (answer.credential === "basic") return "Use a token instead of user name and password.";
  return "Check what a proxy in front of it lets through, which header it wants (connection.headers), and that the token's user may do this.";
}

function notFound(answer: FailedAnswer, description: string | undefined): string {
  const isGotify = isGotifys(answer);
  if (!isGotify || description === undefined || description === "page not found") {
    return (
      `has no ${answer.path} (404). Check the server URL, above all a sub-path such as /gotify` +
      `${isGotify ? "; an old Gotify may also lack this call" : ""}.`
    );
  }
  return `does not know it (404): ${description}. It was deleted, or it belongs to another user.`;
}

function redirect(answer: FailedAnswer): GotifyHttpError {
  const location = answer.header("location") ?? "";
  const target = URL.parse(location, answer.server);
  const server = new URL(answer.server);
  const goesToHttps =
    target?.protocol === "https:" &&
    server.protocol === "http:" &&
    target.hostname === server.hostname;
  // Only where it leads is shown: a query can carry a token or a session.
  const to =
    target === null
      ? "another address"
      : redact(`${target.origin}${target.pathname}`, answer.secrets);
  const status = answer.status;
  return goesToHttps
    ? new GotifyHttpError(
        `Gotify at ${answer.server} redirects to https (${status}). Write the server URL with https://.`,
        { code: "GOTIFY_HTTPS_REQUIRED", status },
      )
    : new GotifyHttpError(
        `Gotify at ${answer.server} redirects to ${to} (${status}), and a token is never sent after a redirect. ` +
          "Use the final address as server URL; if that is a login page, give the proxy the header that it wants in connection.headers, or let this path past it.",
        { code: "GOTIFY_REDIRECT", status },
      );
}

function serverError(
  where: string,
  answer: FailedAnswer,
  description: string | undefined,
  isHtml: boolean,
): string {
  const { status } = answer;
  if (isHtml || status === 502 || status === 504) {
    return `A proxy in front of ${where} answered ${status}: it does not reach Gotify. Check that Gotify runs behind it.`;
  }
  if (description === undefined) {
    return `${where} failed (${status}) without saying why. Look into its log.`;
  }
  return `${where} failed (${status}): ${description}. Look into its log, and at its database.`;
}

/**
 * Gotify's own errors are an object, or nothing at all where its code broke off: then the type says JSON
 * all the same. Whatever else answers comes from something in front of it.
 */
function isGotifys({ status, header, body }: FailedAnswer): boolean {
  if (asString(asObject(parseJson(body))?.["errorDescription"]) !== undefined) return true;
  const isJson = (header("content-type") ?? "").includes("application/json");
  return status === 500 && isJson && body.trim() === "";
}

function looksLikeHtml(answer: FailedAnswer): boolean {
  return (
    (answer.header("content-type") ?? "").includes("text/html") ||
    /^\s*<(?:!doctype|html)/i.test(answer.body)
  );
}

/** Gotify's `errorDescription`, or the first line of a text body; redacted, on one line, of bounded length. */
function describe(answer: FailedAnswer): string | undefined {
  const json = asObject(parseJson(answer.body));
  // A body that could be parsed was not cut, or nothing that matters.
  const text =
    json === undefined
      ? redact(answer.body, answer.secrets, answer.isCut)
      : redact(asString(json["errorDescription"]) ?? "", answer.secrets);
  const line = cutText(oneLine(text), DESCRIPTION_LIMIT);
  return line === "" ? undefined : line.replace(/\.$/, "");
}

/** `Retry-After` in either of its two forms, seconds or a date; anything else says nothing. */
function retryAfter(text: string | undefined): number | undefined {
  const value = text?.trim();
  if (value !== undefined && /^\d+$/.test(value)) {
    return Math.min(Number(value) * SECOND_MS, MAX_RETRY_AFTER_MS);
  }
  const date = asHttpDate(value);
  if (date === undefined) return undefined;
  return Math.min(Math.max(0, date.getTime() - Date.now()), MAX_RETRY_AFTER_MS);
}
