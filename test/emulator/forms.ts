// Owns reading forms and queries the way Gotify's server does, with its words for what is none.

/** Not to be read as a form. */
export class FormError extends Error {}

export interface ParsedForm {
  readonly values: URLSearchParams;
  /** About the first pair that could not be read, and is left out. */
  readonly error: string | undefined;
}

/** Of a urlencoded body; JSON and multipart forms may be as long as they like. */
const MAX_FORM_BYTES = 10 * 1024 * 1024;
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+(\/[\w!#$%&'*+.^`|~-]+)?$/;
const PARAMETER = /^\s*[\w!#$%&'*+.^`|~-]+=("[^"]*"|[\w!#$%&'*+.^`|~-]+)\s*$/;

/** Plain URLSearchParams will not do: they take everything. */
export function parseForm(text: string): ParsedForm {
  const values = new URLSearchParams();
  let error: string | undefined;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [name = "", value = ""] = pair.split(/=(.*)/s, 2);
    const problem = problemOf(pair, name, value);
    if (problem === undefined) values.append(unescape(name), unescape(value));
    else error ??= problem;
  }
  return { values, error };
}

function problemOf(pair: string, name: string, value: string): string | undefined {
  if (pair.includes(";")) return "invalid semicolon separator in query";
  for (const part of [name, value]) {
    const at = part.search(/%(?![\dA-Fa-f]{2})/);
    if (at !== -1) return `invalid URL escape ${JSON.stringify(part.slice(at, at + 3))}`;
  }
  return undefined;
}

function unescape(text: string): string {
  const [, decoded = ""] = [...new URLSearchParams(`x=${text}`)][0] ?? [];
  return decoded;
}

/**
 * A urlencoded body with the query behind it. Any other body counts as empty, and the query alone as the form.
 *
 * @throws {FormError}
 */
export function readForm(contentType: string, body: Buffer, query: string): URLSearchParams {
  const inBody = parseForm(isUrlencoded(contentType) ? bodyText(body) : "");
  const inQuery = parseForm(query);
  const error = inBody.error ?? inQuery.error;
  if (error !== undefined) throw new FormError(error);
  return new URLSearchParams([...inBody.values, ...inQuery.values]);
}

function isUrlencoded(contentType: string): boolean {
  if (contentType === "") return false;
  const [mediaType = "", ...parameters] = contentType.split(";");
  const name = mediaType.trim().toLowerCase();
  if (name === "") throw new FormError("mime: no media type");
  if (!MEDIA_TYPE.test(name)) {
    const isCut = name.endsWith("/");
    throw new FormError(isCut ? "mime: expected token after slash" : "mime: no media type");
  }
  const isBad = parameters.some((parameter, at) => {
    const isEnd = at === parameters.length - 1 && parameter.trim() === "";
    return !isEnd && !PARAMETER.test(parameter);
  });
  if (isBad) throw new FormError("mime: invalid media parameter");
  return name === "application/x-www-form-urlencoded";
}

function bodyText(body: Buffer): string {
  if (body.length > MAX_FORM_BYTES) throw new FormError("http: POST too large");
  return body.toString("utf8");
}

/**
 * `curl -F`, as Gotify's own documentation posts messages. The query does not count here.
 *
 * @throws {FormError}
 */
export async function readMultipart(contentType: string, body: Buffer): Promise<FormData> {
  const [, boundary = ""] = /; *boundary="?([^;"]*)/i.exec(contentType) ?? [];
  if (boundary === "") throw new FormError("no multipart boundary param in Content-Type");
  try {
    const headers = { "content-type": contentType };
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch (error) {
    const hasBegun = body.includes(`--${boundary}`);
    const problem = hasBegun ? "unexpected EOF" : "multipart: NextPart: EOF";
    throw new FormError(problem, { cause: error });
  }
}
