// Owns where credentials may stand in a request, which place wins, and when a browser's cookie does not count.
import type { Ask } from "./exchange.ts";
import type { Personality } from "./records.ts";

export interface PresentedToken {
  /** Empty when there is none. */
  readonly token: string;
  /** A browser sends cookies by itself, also for pages that are none of the server's. */
  readonly isCookie: boolean;
}

const COOKIE_NAME = "gotify-client-token";
export const COOKIE_MAX_AGE_S = 7 * 24 * 60 * 60;

/** Methods that change nothing. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** What browsers say of a request that a page of the server itself, or the person, has started. */
const OWN_SITES: ReadonlySet<string> = new Set(["", "same-origin", "none"]);

const PADDED_BASE64 = /^([A-Za-z\d+/]{4})*([A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** The first place that has one wins, right or wrong; a later place is not asked then. */
export function presentedToken(personality: Personality, ask: Ask): PresentedToken {
  const header = ask.headers["x-gotify-key"];
  const [, bearer] = /^bearer (.*)$/i.exec(ask.headers.authorization ?? "") ?? [];
  const token = ask.query.get("token") || (typeof header === "string" && header) || bearer || "";
  if (token !== "" || personality === "v2") return { token, isCookie: false };
  const cookie = cookieToken(ask);
  return { token: cookie, isCookie: cookie !== "" };
}

/** The first cookie of the name counts, an empty one too. */
function cookieToken({ headers }: Ask): string {
  const prefix = `${COOKIE_NAME}=`;
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  const value = cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length) ?? "";
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, "$1").replaceAll("+", " "));
  } catch {
    return "";
  }
}

export function basicCredentials({
  headers,
}: Ask): { readonly name: string; readonly password: string } | undefined {
  const [, encoded] = /^basic (.*)$/i.exec(headers.authorization ?? "") ?? [];
  if (encoded === undefined || !PADDED_BASE64.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon === -1) return undefined;
  return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/**
 * A change that another site's page may have made the browser send. (A foreign `Origin` never gets this far: it is
 * refused before anything else is looked at.)
 */
export function isCrossSite({ method, headers }: Ask): boolean {
  const site = headers["sec-fetch-site"] ?? "";
  return !SAFE_METHODS.has(method) && typeof site === "string" && !OWN_SITES.has(site);
}

export function sessionCookie(token: string, maxAgeSeconds: number): string {
  return `${COOKIE_NAME}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
}
