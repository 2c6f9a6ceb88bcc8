// Owns one REST exchange: headers, time limit, size limit, no redirects, and the way from an answer to a value or an error.
import { unlessAborted, type Deadline } from "./deadline.ts";
import { GotifyAnswerError, GotifyConfigError, GotifyError } from "./errors.ts";
import { httpFailure } from "./http-failure.ts";
import { networkFailure, timeoutFailure } from "./network-failure.ts";
import { parseJson } from "./parse.ts";
import { longestForm } from "./redact.ts";
import type { Transport, TransportAnswer } from "./transport.ts";
import type { GotifyServerUrl } from "./url.ts";

const KIB = 1024;
const ERROR_BODY_LIMIT_BYTES = 8 * KIB;

/** What a request proves itself with. The value goes into a header and nowhere else. */
export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "app" | "client"; readonly token: string }
  | { readonly kind: "basic"; readonly user: string; readonly password: string };

export interface HttpSetup {
  readonly server: GotifyServerUrl;
  readonly transport: Transport;
  /** Sent with every request, e.g. for an access proxy. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds, for a call that names none. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Every token and header value of the client: none may show in an error, whichever the call used. */
  readonly secrets: readonly string[];
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, number | undefined>>;
  readonly json?: unknown;
  /** In place of `json`: a multipart body. */
  readonly form?: FormData;
  readonly credential: Credential;
  /** The whole call's, of which this request may be one of several. */
  readonly deadline: Deadline;
  /** Statuses outside 200–299 that the caller reads itself. */
  readonly accept?: readonly number[];
}

export interface HttpAnswer {
  readonly status: number;
  /** The value of a header, whose name is in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The parsed body; `undefined` when it is empty or no JSON. */
  readonly json: unknown;
  /** True when there was no body at all. */
  readonly isEmpty: boolean;
}

/**
 * Carries out one request.
 *
 * @throws {GotifyNetworkError} when no answer came, {@link GotifyHttpError} when it was not a success,
 * {@link GotifyAnswerError} when it was too large; the caller's own reason when it aborted the call.
 */
export async function exchange(setup: HttpSetup, request: HttpRequest): Promise<HttpAnswer> {
  const server = setup.server.href;
  const { signal } = request.deadline;
  const url = setup.server.http(request.path, request.query);
  const { method } = request;
  const order = { url, method, headers: headersOf(setup, request), body: bodyOf(request), signal };

  try {
    signal.throwIfAborted();
    const answer = await unlessAborted(
      signal,
      // In a function: what it throws at once is a rejection as well.
      (async () => setup.transport(order))(),
      (late: TransportAnswer) => late.discard(),
    );
    const { status, header } = answer;
    const isSuccess = status >= 200 && status < 300;
    const isExpected = isSuccess || (request.accept?.includes(status) ?? false);
    if (!isExpected) {
      const secrets = secretsOf(setup, request.credential);
      const limitBytes = ERROR_BODY_LIMIT_BYTES + longestForm(secrets);
      // A refusal is told by its status, also when its text breaks off.
      const body = await unlessAborted(signal, answer.read(limitBytes)).catch(() => {
        signal.throwIfAborted();
        return { chunks: [], isCut: true };
      });
      throw httpFailure({
        server,
        method,
        path: request.path,
        status,
        header,
        body: textOf(body.chunks),
        isCut: body.isCut,
        credential: request.credential.kind,
        secrets,
      });
    }
    const { chunks, isCut } = await unlessAborted(signal, answer.read(setup.maxAnswerBytes));
    if (isCut) {
      throw new GotifyAnswerError(
        `The answer of Gotify at ${server} is larger than ${setup.maxAnswerBytes} bytes. Ask for fewer messages at once.`,
        "GOTIFY_ANSWER_TOO_LARGE",
      );
    }
    const text = textOf(chunks);
    return {
      status,
      header,
      json: parseJson(text),
      isEmpty: text.trim() === "",
    };
  } catch (error) {
    if (error instanceof GotifyError) throw error;
    const passedMs = request.deadline.passedMs();
    if (passedMs !== undefined) throw timeoutFailure(server, passedMs);
    signal.throwIfAborted();
    throw networkFailure(server, error);
  }
}

/** The error for a success that no Gotify server would give, e.g. the HTML of a login page. */
export function notGotify(setup: HttpSetup, path: string): GotifyAnswerError {
  return new GotifyAnswerError(
    `What answers at ${setup.server.href}${path} is not Gotify. ` +
      "Check the server URL, above all a sub-path, and whether a login page stands in front of it.",
  );
}

/** For lists without pages, whose entries each caller reads as far as it needs them. */
export async function exchangeList(
  setup: HttpSetup,
  path: string,
  credential: Credential,
  deadline: Deadline,
): Promise<readonly unknown[]> {
  const { json } = await exchange(setup, { method: "GET", path, credential, deadline });
  if (!Array.isArray(json)) throw notGotify(setup, path);
  const entries: readonly unknown[] = json;
  return entries;
}

/** For calls that answer with nothing: a page where nothing was expected is somebody else's, and nothing was done. */
export async function exchangeNothing(setup: HttpSetup, request: HttpRequest): Promise<void> {
  const { json, isEmpty } = await exchange(setup, request);
  if (!isEmpty && json === undefined) throw notGotify(setup, request.path);
}

/** The headers that every request and the stream's handshake carry, by name in lower case. */
export function credentialHeaders(credential: Credential): Record<string, string> {
  switch (credential.kind) {
    case "none":
      return {};
    case "basic":
      return { authorization: `Basic ${basicValue(credential)}` };
    case "app":
    case "client":
      return { "x-gotify-key": credential.token };
  }
}

/** Everything that must not be repeated in an error, whatever the server writes into its answer. */
export function secretsOf(
  setup: Pick<HttpSetup, "secrets">,
  credential: Credential,
): readonly string[] {
  switch (credential.kind) {
    case "basic":
      return [...setup.secrets, credential.password, basicValue(credential)];
    case "app":
    case "client":
      return [...setup.secrets, credential.token];
    case "none":
      return setup.secrets;
  }
}

function basicValue(credential: { user: string; password: string }): string {
  return Buffer.from(`${credential.user}:${credential.password}`, "utf8").toString("base64");
}

function bodyOf(request: HttpRequest): string | FormData | undefined {
  if (request.form !== undefined) return request.form;
  if (request.json === undefined) return undefined;
  try {
    return JSON.stringify(request.json);
  } catch (error) {
    throw new GotifyConfigError(
      "This cannot be written as JSON. Leave out large integers (bigint) and circular objects.",
      { cause: error },
    );
  }
}

/** One header of each name: what proves the call wins over what a proxy wants. */
function headersOf(setup: HttpSetup, request: HttpRequest): Readonly<Record<string, string>> {
  return {
    accept: "application/json",
    ...setup.headers,
    ...(request.json === undefined ? {} : { "content-type": "application/json" }),
    ...credentialHeaders(request.credential),
  };
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
