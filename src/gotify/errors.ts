// Owns the errors of the Gotify client: four classes by layer, each with a stable code and a remedy in its text.

/**
 * What went wrong, for programs. Stable across releases; the messages are for people and may change.
 *
 * - `GOTIFY_CONFIG`: nothing was sent, what was passed in cannot work.
 * - `GOTIFY_UNREACHABLE`: no connection came about, so nothing was sent.
 * - `GOTIFY_TIMEOUT`, `GOTIFY_CONNECTION_LOST`: the request may have been carried out.
 * - `GOTIFY_REDIRECT`, `GOTIFY_HTTPS_REQUIRED`: the address is not the server's final one.
 * - `GOTIFY_UNAUTHORIZED` (401), `GOTIFY_FORBIDDEN` (403), `GOTIFY_NOT_FOUND` (404),
 *   `GOTIFY_TOO_LARGE` (413), `GOTIFY_RATE_LIMITED` (429), `GOTIFY_REFUSED` (any other 4xx): the server said no.
 * - `GOTIFY_SERVER_ERROR` (5xx): the server or a proxy in front of it failed.
 * - `GOTIFY_NOT_GOTIFY`: something answered, but it was not a Gotify server.
 * - `GOTIFY_ANSWER_TOO_LARGE`: the answer is larger than this client is willing to hold in memory.
 */
export type GotifyErrorCode =
  | "GOTIFY_CONFIG"
  | "GOTIFY_UNREACHABLE"
  | "GOTIFY_TIMEOUT"
  | "GOTIFY_CONNECTION_LOST"
  | "GOTIFY_REDIRECT"
  | "GOTIFY_HTTPS_REQUIRED"
  | "GOTIFY_UNAUTHORIZED"
  | "GOTIFY_FORBIDDEN"
  | "GOTIFY_NOT_FOUND"
  | "GOTIFY_TOO_LARGE"
  | "GOTIFY_RATE_LIMITED"
  | "GOTIFY_REFUSED"
  | "GOTIFY_SERVER_ERROR"
  | "GOTIFY_NOT_GOTIFY"
  | "GOTIFY_ANSWER_TOO_LARGE";

/**
 * The base of every error this client throws, except for an abort, which rejects with the reason of
 * the caller's own signal. `message` is one line that says what happened and what to do; it never
 * contains a token, a password or a message text.
 */
export abstract class GotifyError extends Error {
  /** What went wrong, for programs. */
  abstract readonly code: GotifyErrorCode;
  /** The name of the class, which tells the layer. */
  abstract override readonly name: string;
}

/** What was passed in cannot work: a bad URL, a token that no header can carry, an empty message. */
export class GotifyConfigError extends GotifyError {
  override readonly name = "GotifyConfigError";
  readonly code = "GOTIFY_CONFIG";
}

/** No answer came. `cause` is what the network reported, where it did. */
export class GotifyNetworkError extends GotifyError {
  override readonly name = "GotifyNetworkError";
  readonly code: "GOTIFY_UNREACHABLE" | "GOTIFY_TIMEOUT" | "GOTIFY_CONNECTION_LOST";
  /** Whether the server can have acted on the request all the same. False only when that is certain. */
  readonly requestSent: boolean;

  /** Made by the client; `message` is one line with a remedy, and without secrets. */
  constructor(
    message: string,
    init: { code: GotifyNetworkError["code"]; requestSent: boolean; cause?: unknown },
  ) {
    super(message, init.cause === undefined ? {} : { cause: init.cause });
    this.code = init.code;
    this.requestSent = init.requestSent;
  }
}

type HttpErrorCode = Exclude<
  GotifyErrorCode,
  "GOTIFY_CONFIG" | "GOTIFY_ANSWER_TOO_LARGE" | GotifyNetworkError["code"]
>;

/** The server, or a proxy in front of it, answered with a status that is not a success. */
export class GotifyHttpError extends GotifyError {
  override readonly name = "GotifyHttpError";
  readonly code: HttpErrorCode;
  /** The HTTP status, e.g. 401. */
  readonly status: number;
  /** What the answer said: Gotify's `errorDescription`, or a text body on one line; absent for empty and HTML bodies. */
  readonly description: string | undefined;
  /**
   * True when Gotify itself said it, by the shape of the answer; false for what a proxy says in its place,
   * behind which Gotify may be gone, or still at work on the request.
   */
  readonly isGotifys: boolean;
  /** From `Retry-After`, in milliseconds. Only proxies send it; Gotify limits nothing itself. */
  readonly retryAfterMs: number | undefined;

  /** Made by the client; `message` is one line with a remedy, and without secrets. */
  constructor(
    message: string,
    init: {
      code: HttpErrorCode;
      status: number;
      description?: string | undefined;
      isGotifys?: boolean | undefined;
      retryAfterMs?: number | undefined;
    },
  ) {
    super(message);
    this.code = init.code;
    this.status = init.status;
    this.description = init.description;
    this.isGotifys = init.isGotifys === true;
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** The answer was a success by its status, but not one that a Gotify server gives. */
export class GotifyAnswerError extends GotifyError {
  override readonly name = "GotifyAnswerError";
  readonly code: "GOTIFY_NOT_GOTIFY" | "GOTIFY_ANSWER_TOO_LARGE";

  /** Made by the client; `message` is one line with a remedy, and without secrets. */
  constructor(message: string, code: GotifyAnswerError["code"] = "GOTIFY_NOT_GOTIFY") {
    super(message);
    this.code = code;
  }
}

/** True for every error of this client, also for one that another copy of the package threw. */
export function isGotifyError(error: unknown): error is GotifyError {
  return (
    error instanceof GotifyError ||
    (error instanceof Error &&
      "code" in error &&
      typeof error.code === "string" &&
      error.code.startsWith("GOTIFY_"))
  );
}

/**
 * What a failed `POST /message` means for the message.
 *
 * - `not-sent`: no server can have stored it; trying again is safe.
 * - `refused`: a server understood it and said no; trying again unchanged is pointless.
 * - `unknown`: it may be stored, now or later. Only reading the application back can tell.
 */
export type SendOutcome = "not-sent" | "refused" | "unknown";

/** Sorts what `sendMessage` threw. Anything that is not known to be harmless is `unknown`. */
export function classifySendFailure(error: unknown): SendOutcome {
  if (error instanceof GotifyConfigError) return "refused";
  if (error instanceof GotifyNetworkError) return error.requestSent ? "unknown" : "not-sent";
  if (error instanceof GotifyHttpError) {
    if (error.code === "GOTIFY_RATE_LIMITED") return "not-sent";
    if (error.code === "GOTIFY_NOT_GOTIFY") return "unknown";
    // A proxy whose server is gone for a moment may know nothing at this address.
    if (error.code === "GOTIFY_NOT_FOUND" && !error.isGotifys) return "not-sent";
    // 408 is a proxy giving up on a request that Gotify may have received.
    return error.status < 500 && error.status !== 408 ? "refused" : "unknown";
  }
  return "unknown";
}

/**
 * Whether Gotify 3 refused because it wants the password once more: repeat the call with a `login`, or
 * elevate the client.
 */
export function needsElevation(error: unknown): error is GotifyHttpError {
  return (
    error instanceof GotifyHttpError &&
    error.code === "GOTIFY_FORBIDDEN" &&
    error.isGotifys &&
    error.description?.includes("not elevated") === true
  );
}
