// Owns what stands in front of the emulated server when a test wants it to: login walls, broken proxies, redirects, TLS.
import type { Answer, Ask } from "./exchange.ts";
import type { Faults } from "./faults.ts";

const HTTPS_PORT = 8443;
const HTML = "text/html; charset=utf-8";

/** The front's own answer, or undefined when the request gets through to Gotify. */
export function answerInFront(faults: Faults, ask: Ask): Answer | undefined {
  const fault = faults.front();
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case "html-login":
      return page(200, "Sign in", "<form><input name=user><input name=password></form>");
    case "bad-gateway":
      return page(502, "502 Bad Gateway", "<h1>502 Bad Gateway</h1><hr>a proxy");
    case "too-many-requests":
      return {
        ...page(429, "429 Too Many Requests", "<h1>429 Too Many Requests</h1>"),
        headers: { "content-type": HTML, "retry-after": String(fault.retryAfterSeconds) },
      };
    case "https-only":
      return toHttps(ask);
    case "redirect":
      return { status: 302, headers: { location: redirectTarget(fault.url, ask) } };
  }
}

/** A proxy that takes bodies up to a limit only. Undefined when this one gets through. */
export async function answerToLargeBody(
  { maxBodyBytes }: Faults,
  { headers, body }: Ask,
): Promise<Answer | undefined> {
  if (maxBodyBytes === undefined) return undefined;
  const announced = headers["content-length"];
  const bytes = announced === undefined ? (await body()).length : Number(announced);
  if (bytes <= maxBodyBytes) return undefined;
  const reason = "413 Request Entity Too Large";
  return page(413, reason, `<h1>${reason}</h1><hr>a proxy`);
}

/** A proxy that serves Gotify below a prefix, asked for anything else. */
export function answerOutsideBasePath(): Answer {
  return page(404, "404 Not Found", "<h1>404 Not Found</h1><hr>a proxy");
}

function page(status: number, title: string, body: string): Answer {
  return {
    status,
    headers: { "content-type": HTML },
    body: `<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>\n`,
  };
}

/** No proxy but Gotify itself, with its own certificate. The port is the emulator's invention. */
function toHttps({ method, headers, target }: Ask): Answer {
  if (method !== "GET" && method !== "HEAD") {
    return {
      status: 400,
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: "Use HTTPS",
    };
  }
  const { hostname } = new URL(`http://${headers.host ?? "localhost"}`);
  const location = `https://${hostname}:${HTTPS_PORT}${target}`;
  const body = `<a href="${location.replaceAll("&", "&amp;")}">Found</a>.\n\n`;
  return { status: 302, headers: { location, "content-type": HTML }, body };
}

function redirectTarget(target: string, ask: Ask): string {
  const url = new URL(target);
  return url.pathname === "/" ? `${url.origin}${ask.target}` : url.href;
}
