// Owns what a request and an answer are inside the emulator, and the bodies that every endpoint shares.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { bindForm, bindJson, type Bound, type Shape } from "./binding.ts";
import { encodeJson, type Json } from "./json-encode.ts";

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
    query: url.searchParams,
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
 * Reads a body by its content type. Anything but JSON and the two form types counts as a form without
 * fields, and a form's fields may also come from the query. (The server reads XML, YAML and more; no
 * client we know of sends them.)
 *
 * @throws {BindingError}
 */
export async function bindBody(shape: Shape, ask: Ask, trim: boolean): Promise<Bound> {
  const contentType = ask.headers["content-type"] ?? "";
  const mediaType = contentType.split(/[; ]/, 1)[0];
  const body = await ask.body();
  if (mediaType === "application/json") return bindJson(shape, body);
  if (mediaType === "application/x-www-form-urlencoded") {
    const form = new URLSearchParams(body.toString("utf8"));
    for (const [name, value] of ask.query) form.append(name, value);
    return bindForm(shape, form, trim);
  }
  if (mediaType === "multipart/form-data") {
    return bindForm(shape, await readMultipart(contentType, body), trim);
  }
  return bindForm(shape, ask.query, trim);
}

/** `curl -F`, as Gotify's own documentation posts messages. */
async function readMultipart(contentType: string, body: Buffer): Promise<URLSearchParams> {
  const parsed = new Response(new Uint8Array(body), { headers: { "content-type": contentType } });
  const form = new URLSearchParams();
  for (const [name, value] of await parsed.formData()) {
    if (typeof value === "string") form.append(name, value);
  }
  return form;
}
