// Owns who may do what: where credentials are looked for, in which order, and how a caller is turned away.
import { isAfter, later } from "./clock.ts";
import type { Core } from "./core.ts";
import type { Ask } from "./exchange.ts";
import type { ApplicationRecord, ClientRecord, UserRecord } from "./records.ts";
import { storedFormOf, TokenFormatError, TokenSignatureError } from "./tokens.ts";

/**
 * What an endpoint asks for. `poster`: whoever may post a message. `client`: a client token or name and
 * password. `elevated`: the same as `client` on Gotify 2, on 3 a client token in an elevated session.
 */
export type Access = "open" | "poster" | "client" | "elevated" | "admin";

export interface Caller {
  readonly userId: number;
  /** Set when the caller came with a client token. */
  readonly client?: ClientRecord;
  /** Set when the caller came with an application token. */
  readonly application?: ApplicationRecord;
}

export interface Refusal {
  readonly status: number;
  readonly description: string;
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

const LAST_USED_GRANULARITY_S = 5 * 60;

export function isRefusal(verdict: Caller | Refusal): verdict is Refusal {
  return "status" in verdict;
}

/** Without credentials, or with a token that cannot be one, nobody looks into the database. */
export function needsDatabase({ personality }: Core, ask: Ask): boolean {
  if (basicCredentials(ask) !== undefined) return true;
  const token = presentedToken(ask);
  if (token === "") return false;
  try {
    storedFormOf(personality, token);
    return true;
  } catch {
    return false;
  }
}

export function authenticate(
  core: Core,
  ask: Ask,
  access: Exclude<Access, "open">,
): Caller | Refusal {
  for (const step of stepsFor(core, ask, access)) {
    const verdict = step();
    if (verdict !== undefined) return verdict;
  }
  return UNAUTHORIZED;
}

function stepsFor(core: Core, ask: Ask, access: Exclude<Access, "open">): readonly Step[] {
  const user: Step = () => userOf(core, ask);
  const client: Step = () => clientOf(core, ask);
  const application: Step = () => applicationOf(core, ask);
  switch (access) {
    case "poster":
      return core.personality === "v2"
        ? // A good password is good here as well, but not welcome, even beside a good token.
          [refused(user, FORBIDDEN), application]
        : [application, client, user];
    case "client":
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
    return until !== null && isAfter(until, core.clock.now()) ? verdict : NOT_ELEVATED;
  };
}

function admin(core: Core, step: Step): Step {
  return () => {
    const verdict = step();
    if (verdict === undefined || isRefusal(verdict)) return verdict;
    return core.store.user(verdict.userId)?.admin === true ? verdict : FORBIDDEN;
  };
}

function userOf(core: Core, ask: Ask): Caller | Refusal | undefined {
  const credentials = basicCredentials(ask);
  if (credentials === undefined) return undefined;
  if (core.faults.databaseDown) return databaseError(core);
  const user: UserRecord | undefined = core.store.userByName(credentials.name);
  return user?.password === credentials.password ? { userId: user.id } : undefined;
}

function basicCredentials(ask: Ask): { name: string; password: string } | undefined {
  const [, encoded] = /^basic (.*)$/i.exec(ask.headers.authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon === -1) return undefined;
  return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function clientOf(core: Core, ask: Ask): Caller | Refusal | undefined {
  return byToken(core, ask, (stored) => {
    const client = core.store.clientByStoredToken(stored);
    if (client === undefined) return undefined;
    touch(core, client);
    return { userId: client.userId, client };
  });
}

function applicationOf(core: Core, ask: Ask): Caller | Refusal | undefined {
  return byToken(core, ask, (stored) => {
    const application = core.store.applicationByStoredToken(stored);
    if (application === undefined) return undefined;
    touch(core, application);
    return { userId: application.userId, application };
  });
}

function byToken(
  core: Core,
  ask: Ask,
  find: (stored: string) => Caller | undefined,
): Caller | Refusal | undefined {
  const token = presentedToken(ask);
  if (token === "") return undefined;
  let stored: string;
  try {
    stored = storedFormOf(core.personality, token);
  } catch (error) {
    if (error instanceof TokenFormatError) {
      return { status: 401, description: `cannot parse token: ${error.message}` };
    }
    if (error instanceof TokenSignatureError) return { status: 500, description: error.message };
    throw error;
  }
  return core.faults.databaseDown ? databaseError(core) : find(stored);
}

/** The first place that has one wins, right or wrong; a later place is not asked then. */
function presentedToken(ask: Ask): string {
  const header = ask.headers["x-gotify-key"];
  const [, bearer] = /^bearer (.*)$/i.exec(ask.headers.authorization ?? "") ?? [];
  return ask.query.get("token") || (typeof header === "string" && header) || bearer || "";
}

function touch(core: Core, record: ApplicationRecord | ClientRecord): void {
  const now = core.clock.now();
  const isStale =
    record.lastUsed === null || isAfter(now, later(record.lastUsed, LAST_USED_GRANULARITY_S));
  if (isStale) record.lastUsed = now;
}

/** Gotify 3 hands the driver's words through, address and all. */
function databaseError(core: Core): Refusal {
  const description =
    core.personality === "v2"
      ? "an error occurred while authenticating user"
      : "dial tcp 192.0.2.10:5432: connect: connection refused";
  return { status: 500, description };
}
