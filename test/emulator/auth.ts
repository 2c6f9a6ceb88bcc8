// Owns who may do what: which credentials are tried, in which order, and how a caller is turned away.
import { isAfter, later } from "./clock.ts";
import type { Core } from "./core.ts";
import {
  basicCredentials,
  COOKIE_MAX_AGE_S,
  isCrossSite,
  presentedToken,
  sessionCookie,
} from "./credentials.ts";
import { databaseProblem } from "./databases.ts";
import type { Ask } from "./exchange.ts";
import type { ApplicationRecord, ClientRecord, UserRecord } from "./records.ts";
import { storedFormOf, TokenFormatError, TokenSignatureError } from "./tokens.ts";

/**
 * What an endpoint asks for. `poster`: whoever may post a message. `client`: a client token or name and
 * password. `elevated`: the same as `client` on Gotify 2, on 3 a client token in an elevated session. `anybody`: also
 * who has none of these, but good ones are recognised.
 */
export type Access = "open" | "anybody" | "poster" | "client" | "elevated" | "admin";

export interface Caller {
  /** 0 is nobody in particular. */
  readonly userId: number;
  /** Set when the caller came with a client token. */
  readonly client?: ClientRecord;
  /** Set when the caller came with an application token. */
  readonly application?: ApplicationRecord;
  readonly setCookie?: SetCookie;
}

/** Whatever becomes of the request, the browser is told to keep its cookie for longer. */
type SetCookie = string | undefined;

export interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly setCookie?: SetCookie;
}

/** Undefined: these credentials are not there or not good, the next place may have others. */
type Step = () => Caller | Refusal | undefined;

const UNAUTHORIZED: Refusal = {
  status: 401,
  description: "you need to provide a valid access token or user credentials to access this api",
};
const FORBIDDEN: Refusal = { status: 403, description: "you are not allowed to access this api" };
const NOT_ELEVATED: Refusal = {
  status: 403,
  description: "session not elevated, use basic auth or call /client:elevate",
};
const CROSS_SITE: Refusal = {
  status: 403,
  description: "cross-origin request detected from Sec-Fetch-Site header",
};
const NOBODY: Caller = { userId: 0 };

const LAST_USED_GRANULARITY_S = 5n * 60n;

export function isRefusal(verdict: Caller | Refusal): verdict is Refusal {
  return "status" in verdict;
}

/** Without credentials, or with a token that cannot be one, nobody looks into the database. */
export function needsDatabase({ personality, clock }: Core, ask: Ask): boolean {
  if (basicCredentials(ask) !== undefined) return true;
  const { token } = presentedToken(personality, ask);
  if (token === "") return false;
  try {
    return storedFormOf(personality, token, clock.now()) !== undefined;
  } catch {
    return false;
  }
}

export function authenticate(
  core: Core,
  ask: Ask,
  access: Exclude<Access, "open">,
): Caller | Refusal {
  // Also beside a good password: whoever has one need not send the cookie.
  if (presentedToken(core.personality, ask).isCookie && isCrossSite(ask)) return CROSS_SITE;
  for (const step of stepsFor(core, ask, access)) {
    const verdict = step();
    if (verdict !== undefined) return verdict;
  }
  return access === "anybody" ? NOBODY : UNAUTHORIZED;
}

function stepsFor(core: Core, ask: Ask, access: Exclude<Access, "open">): readonly Step[] {
  const user: Step = () => userOf(core, ask);
  // Gotify 2 notes the use of a token only where it asks for nothing but a client.
  const isNoted = core.personality === "v3" || (access !== "admin" && access !== "anybody");
  const client: Step = () => clientOf(core, ask, isNoted);
  const application: Step = () => applicationOf(core, ask);
  switch (access) {
    case "poster":
      return core.personality === "v2"
        ? // A good password is good here as well, but not welcome, even beside a good token.
          [refused(user, FORBIDDEN), application]
        : [application, client, user];
    case "client":
    case "anybody":
      return [user, client];
    case "elevated":
      return [user, elevated(core, client)];
    case "admin":
      return [admin(core, user), elevated(core, admin(core, client))];
  }
}

function refused(step: Step, refusal: Refusal): Step {
  return () => {
    const verdict = step();
    return verdict === undefined || isRefusal(verdict) ? verdict : refusal;
  };
}

function elevated(core: Core, step: Step): Step {
  return () => {
    const verdict = step();
    if (verdict === undefined || isRefusal(verdict) || core.personality === "v2") return verdict;
    const until = verdict.client?.elevatedUntil ?? null;
    if (until !== null && isAfter(until, core.clock.now())) return verdict;
    return { ...NOT_ELEVATED, setCookie: verdict.setCookie };
  };
}

function admin(core: Core, step: Step): Step {
  return () => {
    const verdict = step();
    if (verdict === undefined || isRefusal(verdict)) return verdict;
    if (core.store.user(verdict.userId)?.admin === true) return verdict;
    return { ...FORBIDDEN, setCookie: verdict.setCookie };
  };
}

function userOf(core: Core, ask: Ask): Caller | Refusal | undefined {
  const credentials = basicCredentials(ask);
  if (credentials === undefined) return undefined;
  if (core.faults.takeDatabaseLoss()) return databaseError(core);
  const user: UserRecord | undefined = core.store.userByName(credentials.name);
  return user?.password === credentials.password ? { userId: user.id } : undefined;
}

function clientOf(core: Core, ask: Ask, isNoted: boolean): Caller | Refusal | undefined {
  return byToken(core, ask, (stored) => {
    const client = core.store.clientByStoredToken(stored);
    if (client === undefined) return undefined;
    const setCookie = isNoted ? touch(core, ask, client) : undefined;
    return { userId: client.userId, client, setCookie };
  });
}

function applicationOf(core: Core, ask: Ask): Caller | Refusal | undefined {
  return byToken(core, ask, (stored) => {
    const application = core.store.applicationByStoredToken(stored);
    if (application === undefined) return undefined;
    const setCookie = touch(core, ask, application);
    return { userId: application.userId, application, setCookie };
  });
}

function byToken(
  core: Core,
  ask: Ask,
  find: (stored: string) => Caller | undefined,
): Caller | Refusal | undefined {
  const { token } = presentedToken(core.personality, ask);
  if (token === "") return undefined;
  let stored: string | undefined;
  try {
    stored = storedFormOf(core.personality, token, core.clock.now());
  } catch (error) {
    if (error instanceof TokenFormatError) {
      return { status: 401, description: `cannot parse token: ${error.message}` };
    }
    if (error instanceof TokenSignatureError) return { status: 500, description: error.message };
    throw error;
  }
  if (stored === undefined) return undefined;
  return core.faults.takeDatabaseLoss() ? databaseError(core) : find(stored);
}

/** Notes the use of a token, now and then. Only then a browser gets its cookie anew. */
function touch(core: Core, ask: Ask, record: ApplicationRecord | ClientRecord): SetCookie {
  const now = core.clock.now();
  const isStale =
    record.lastUsed === null || isAfter(now, later(record.lastUsed, LAST_USED_GRANULARITY_S));
  if (!isStale) return undefined;
  record.lastUsed = now;
  const { token, isCookie } = presentedToken(core.personality, ask);
  return isCookie ? sessionCookie(token, COOKIE_MAX_AGE_S) : undefined;
}

function databaseError({ personality }: Core): Refusal {
  return { status: 500, description: databaseProblem(personality) };
}
