// Owns one REST exchange: headers, time limit, size limit, no redirects, and the way from an answer to a value or an error.
import { unlessAborted, type Deadline } from "./deadline.ts";
import { GotifyAnswerError, GotifyConfigError, GotifyError } from "./errors.ts";
import { httpFailure } from "./http-failure.ts";
import { networkFailure, timeoutFailure } from "./network-failure.ts";
import { parseJson } from "./parse.ts";
import { longestForm } from "./redact.ts";
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
  readonly fetch: typeof globalThis.fetch;
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
  readonly headers: Headers;
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
  const init = { headers: headersOf(setup, request), ...bodyOf(request) };

  try {
    signal.throwIfAborted();
    const response = await unlessAborted(
      signal,
      // In a function: what it throws at once is a rejection as well.
      (async () =>
        setup.fetch(url, { ...init, method: request.method, redirect: "manual", signal }))(),
      discardBody,
    );
    const isExpected = response.ok || (request.accept?.includes(response.status) ?? false);
    if (!isExpected) {
      const secrets = secretsOf(setup, request.credential);
      const limitBytes = ERROR_BODY_LIMIT_BYTES + longestForm(secrets);
      // A refusal is told by its status, also when its text breaks off.
      const body = await readBody(response, signal, limitBytes).catch(() => {
        signal.throwIfAborted();
        return { chunks: [], isCut: true };
      });
      throw httpFailure({
        server,
        method: request.method,
        path: request.path,
        status: response.status,
        headers: response.headers,
        body: textOf(body.chunks),
        isCut: body.isCut,
        credential: request.credential.kind,
        secrets,
      });
    }
    const { chunks, isCut } = await readBody(response, signal, setup.maxAnswerBytes);
    if (isCut) {
      throw new GotifyAnswerError(
        `The answer of Gotify at ${server} is larger than ${setup.maxAnswerBytes} bytes. Ask for fewer messages at once.`,
        "GOTIFY_ANSWER_TOO_LARGE",
      );
    }
    const text = textOf(chunks);
    return {
      status: response.status,
      headers: response.headers,
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

/** The headers that every request and the stream's handshake carry. */
export function credentialHeaders(credential: Credential): Record<string, string> {
  switch (credential.kind) {
    case "none":
      return {};
    case "basic":
      return { Authorization: `Basic ${basicValue(credential)}` };
    case "app":
    case "client":
      return { "X-Gotify-Key": credential.token };
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

function bodyOf(request: HttpRequest): { body?: string | FormData } {
  if (request.form !== undefined) return { body: request.form };
  if (request.json === undefined) return {};
  try {
    return { body: JSON.stringify(request.json) };
  } catch (error) {
    throw new GotifyConfigError(
      "This cannot be written as JSON. Leave out large integers (bigint) and circular objects.",
      { cause: error },
    );
  }
}

/** One header of each name, whatever its spelling: what proves the call wins over what a proxy wants. */
function headersOf(setup: HttpSetup, request: HttpRequest): Headers {
  const headers = new Headers({ accept: "application/json" });
  const content = request.json === undefined ? {} : { "content-type": "application/json" };
  const own = { ...content, ...credentialHeaders(request.credential) };
  for (const [name, value] of [...Object.entries(setup.headers), ...Object.entries(own)]) {
    headers.set(name, value);
  }
  return headers;
}

interface Body {
  readonly chunks: readonly Uint8Array[];
  /** True when there was more than the limit, which was not read. */
  readonly isCut: boolean;
}

/** The body, never holding more than the limit. */
async function readBody(
  response: Response,
  signal: AbortSignal,
  limitBytes: number,
): Promise<Body> {
  // Untyped in the declarations of Node's fetch; bytes by the standard.
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return { chunks: [], isCut: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await unlessAborted(signal, reader.read());
      if (done) return { chunks, isCut: false };
      const room = limitBytes - size;
      if (value.byteLength > room) {
        chunks.push(value.subarray(0, room));
        return { chunks, isCut: true };
      }
      chunks.push(value);
      size += value.byteLength;
    }
  } finally {
    // Whatever was not read is never wanted, and would hold the connection.
    reader.cancel().catch(() => {});
  }
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

/** For an answer that came when nobody waited for it any more. */
function discardBody(late: Response): void {
  late.body?.cancel().catch(() => {});
}
