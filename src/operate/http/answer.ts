// Owns the HTTP side of a route: which methods it takes, in which form the answer is wanted, and headers under which a page can do nothing but be read.
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly type: "json" | "html";
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TYPES = {
  json: "application/json; charset=utf-8",
  html: "text/html; charset=utf-8",
} as const;

/** True for what only looks. Anything else is answered here. */
export function isReading(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method === "GET" || req.method === "HEAD") return true;
  send(req, res, {
    status: 405,
    type: "json",
    body: JSON.stringify({ error: "Only GET and HEAD." }),
    headers: { Allow: "GET, HEAD" },
  });
  return false;
}

/** A HEAD has the same headers as its GET, also the length of the body that it leaves out. */
export function send(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body, "utf8");
  res.statusCode = answer.status;
  const headers = {
    "Content-Type": TYPES[answer.type],
    "Content-Length": String(body.length),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    ...answer.headers,
  };
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(req.method === "HEAD" ? undefined : body);
}

export function json(value: unknown, status = 200): Answer {
  return { status, type: "json", body: JSON.stringify(value), headers: { Vary: "Accept" } };
}

/** @param parts the text of every `<style>` and `<script>` in it: nothing else is allowed to act. */
export function page(
  body: string,
  parts: { readonly style: string; readonly script: string },
  status = 200,
): Answer {
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(parts.style)}`,
    `script-src ${hashSource(parts.script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    // The host shows it in a frame of its own page.
    "frame-ancestors 'self'",
  ];
  return {
    status,
    type: "html",
    body,
    headers: { "Content-Security-Policy": policy.join("; "), Vary: "Accept" },
  };
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** A page where somebody wants to read, JSON for everything else; `?format=json` asks for it by hand. */
export function wantsPage(url: URL, accept: string | undefined): boolean {
  const format = url.searchParams.get("format");
  if (format === "json" || format === "html") return format === "html";
  const html = preference(accept, "text/html");
  return html > 0 && html >= preference(accept, "application/json");
}

/** The `q` of a type that is named; 0 where it is not. */
function preference(accept: string | undefined, type: string): number {
  for (const entry of (accept ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const q = weight === undefined ? 1 : Number(weight.slice(2));
    return Number.isNaN(q) ? 0 : q;
  }
  return 0;
}
