// Owns what a request and an answer are inside the emulator, and the bodies that every endpoint shares.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BindingError, bindForm, bindJson, bindTexts, type Bound, type Shape } from "./binding.ts";
import { FormError, parseForm, readForm, readMultipart } from "./forms.ts";
import { encodeJson, type Json } from "./json-encode.ts";
import { OtherBodyError, readOtherBody } from "./other-bodies.ts";

export interface Ask {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Without the prefix that a proxy in front strips off. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** With its question mark, or empty. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: () => Promise<Buffer>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
};

const JSON_HEADERS = { "content-type": "application/json" };

export function json(value: Json, status = 200): Answer {
  return { status, headers: JSON_HEADERS, body: encodeJson(value) };
}

export function empty(status = 200): Answer {
  return { status, headers: JSON_HEADERS };
}

export function problem(status: number, description: string): Answer {
  return json(problemBody(status, description), status);
}

export function problemBody(status: number, description: string): Json {
  return {
    error: STATUS_TEXTS[status] ?? "",
    errorCode: status,
    errorDescription: description,
  };
}

/** Undefined when the request is not for the server behind the prefix at all. */
export function askOf(request: IncomingMessage, basePath: string): Ask | undefined {
  const url = URL.parse(`http://emulator${request.url ?? "/"}`);
  if (url === null || !isBelow(url.pathname, basePath)) return undefined;
  let body: Promise<Buffer> | undefined;
  return {
    method: request.method ?? "GET",
    target: `${url.pathname}${url.search}`,
    path: url.pathname.slice(basePath.length) || "/",
    // What cannot be read is left out here; where the query is a form, the server complains.
    query: parseForm(url.search.slice(1)).values,
    search: url.search,
    headers: request.headers,
    body: () => (body ??= readAll(request)),
  };
}

function isBelow(path: string, basePath: string): boolean {
  return basePath === "" || path === basePath || path.startsWith(`${basePath}/`);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a body by its content type, which is compared as it is written. What is of no type that it knows
 * counts as a form, whose fields may also come from the query.
 *
 * @throws {BindingError}
 */
export async function bindBody(shape: Shape, ask: Ask, trim: boolean): Promise<Bound> {
  const contentType = ask.headers["content-type"] ?? "";
  const [type = ""] = contentType.split(/[; ]/, 1);
  const body = await ask.body();
  try {
    const fields = readOtherBody(shape, type, body);
    if (fields !== undefined) return bindTexts(shape, fields);
    switch (type) {
      case "application/json":
        return bindJson(shape, body);
      case "multipart/form-data":
        return bindForm(shape, await readMultipart(contentType, body), trim);
      default:
        return bindForm(shape, readForm(contentType, body, ask.search.slice(1)), trim);
    }
  } catch (error) {
    if (error instanceof FormError || error instanceof OtherBodyError)
      throw new BindingError(error.message, { cause: error });
    throw error;
  }
}
