// Owns a single HTTP exchange with a target: plain fetch, no redirects, the body as it came.
import type { Login } from "./target.ts";

/** Who asks: nobody, a token in the usual header, or a name and password. */
export type Sender = { readonly token: string } | Login | undefined;

export interface CallOptions {
  readonly as?: Sender;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as JSON without looking at it. */
  readonly jsonText?: string;
  /** Any other body; says its own content type, if it has one. */
  readonly body?: string | URLSearchParams | FormData;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly contentType: string | null;
  readonly text: string;
  /** The body read as JSON; throws when it is none. */
  readonly json: unknown;
}

export async function call(url: string, method: string, options: CallOptions = {}): Promise<Reply> {
  const { as, headers, json, jsonText, body } = options;
  const content = jsonText ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(content === undefined ? {} : { "content-type": "application/json" }),
      ...credentials(as),
      ...headers,
    },
    body: content ?? body ?? null,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    contentType: response.headers.get("content-type"),
    text,
    get json(): unknown {
      const parsed: unknown = JSON.parse(text);
      return parsed;
    },
  };
}

export function credentials(as: Sender): Record<string, string> {
  if (as === undefined) return {};
  return "token" in as ? { "x-gotify-key": as.token } : { authorization: basic(as) };
}

export function basic({ name, password }: Login): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

/** @throws when it is not an object: the answer is not what the test thought it was. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`not an object: ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

export function asList(value: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> {
  if (!Array.isArray(value)) throw new TypeError(`not a list: ${JSON.stringify(value)}`);
  return value.map(asObject);
}

export function asNumber(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`not a number: ${JSON.stringify(value)}`);
  return value;
}

export function asString(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`not a string: ${JSON.stringify(value)}`);
  return value;
}

/** The body of every error that Gotify itself gives, in its order. */
export function errorText(status: number, error: string, description: string): string {
  return JSON.stringify({ error, errorCode: status, errorDescription: description });
}

export const badRequest = (description: string): string =>
  errorText(400, "Bad Request", description);

export const unauthorized = errorText(
  401,
  "Unauthorized",
  "you need to provide a valid access token or user credentials to access this api",
);

export const forbidden = errorText(403, "Forbidden", "you are not allowed to access this api");

export const notElevated = errorText(
  403,
  "Forbidden",
  "session not elevated, use basic auth or call /client:elevate",
);

export const notFound = (description: string): string => errorText(404, "Not Found", description);
