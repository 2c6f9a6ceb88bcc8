// Owns what a request and an answer are inside the emulator, and the bodies that every endpoint shares.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BindingError, bindForm, bindJson, bindTexts, type Bound, type Shape } from "./binding.ts";
import { FormError, parseForm, readForm, readMultipart } from "./forms.ts";
import { encodeJson, type Json } from "./json-encode.ts";
import { OtherBodyError, readOtherBody } from "./other-bodies.ts";
import { readTarget, routeOf } from "./target.ts";

export interface Ask {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** As sent, without the prefix that a proxy in front strips off. */
  readonly path: string;
  /** The same as the server reads it: decoded, without needless slashes and dots. Undefined when that cannot be done. */
  readonly route: string | undefined;
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
  const { path, search, host } = readTarget(request.url ?? "/");
  if (!isBelow(path, basePath)) return undefined;
  let body: Promise<Buffer> | undefined;
  const inside = path.slice(basePath.length) || "/";
  return {
    method: request.method ?? "GET",
    target: `${path}${search}`,
    path: inside,
    route: routeOf(inside),
    // What cannot be read is left out here; where the query is a form, the server complains.
    query: parseForm(search.slice(1)).values,
    search,
    headers: { ...request.headers, ...firstOnes(request), ...(host === undefined ? {} : { host }) },
    body: () => (body ??= readAll(request)),
  };
}

/** Of a header that comes more than once the server reads the first; Node puts commas between these. */
function firstOnes({ headersDistinct }: IncomingMessage): IncomingHttpHeaders {
  const names = ["x-gotify-key", "sec-fetch-site", "x-forwarded-proto", "x-forwarded-host"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const first = headersDistinct[name]?.[0];
      return first === undefined ? [] : [[name, first]];
    }),
  );
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
