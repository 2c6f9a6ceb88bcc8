// Owns what the routes answer. Loaded with the first request: the Gateway's start needs none of it.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../../config/error-text.ts";
import { readHealthToken, type HealthToken } from "../../config/health-token.ts";
import type { StatusFacts } from "../../vitals/facts.ts";
import {
  withheldRemark,
  withheldStatus,
  withholding,
  type Withhold,
} from "../../vitals/withheld.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { isReading, json, send, wantsPage, type Answer } from "./answer.ts";
import { doctorPage, failurePage } from "./doctor-page.ts";
import { HEALTH_TTL_MS, mayAsk } from "./health.ts";
import { keeping } from "./kept.ts";
import type { PageRequest } from "./layout.ts";
import { statusPage } from "./status-page.ts";

/** Several requests at once are one visit, and a page that is loaded again is no new one. */
const DOCTOR_TTL_MS = 10_000;
/** A server that swallows packets must not keep the request for longer than a proxy in front waits. */
const DOCTOR_TIMEOUT_MS = 25_000;

/** Where the answers come from; passed in where tests own it. */
export interface HttpWorld {
  readonly config: () => OpenClawConfig;
  readonly gatherStatus: (cfg: OpenClawConfig) => StatusFacts;
  readonly runDoctor: (options: {
    readonly cfg: OpenClawConfig;
    readonly signal: AbortSignal;
  }) => Promise<DoctorReport>;
  /** The request that is being answered, as the host knows it; `undefined` where it knows nothing of it. */
  readonly caller: () => Caller | undefined;
  readonly now: () => number;
  /** Default 25 000. */
  readonly doctorTimeoutMs?: number;
}

export interface Caller {
  readonly scopes: readonly string[] | undefined;
  /** Throws, and has answered the request itself, when the caller is not allowed any more. */
  readonly revalidate: (() => Promise<void>) | undefined;
}

export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

export interface Handlers {
  /** `/gotify/status` and what is below it. */
  readonly status: Handler;
  /** `/gotify/doctor`. */
  readonly doctor: Handler;
  /** `/gotify/health`. */
  readonly health: Handler;
}

export function createHandlers(world: HttpWorld): Handlers {
  const visit = keeping(
    () =>
      within(world.doctorTimeoutMs ?? DOCTOR_TIMEOUT_MS, (signal) =>
        world.runDoctor({ cfg: world.config(), signal }),
      ),
    DOCTOR_TTL_MS,
    world.now,
  );
  const isHealthy = keeping(
    // Never a failure: what cannot be looked at is not well, and is not looked at again at once.
    async () => {
      try {
        return world.gatherStatus(world.config()).ok;
      } catch {
        return false;
      }
    },
    HEALTH_TTL_MS,
    world.now,
  );

  const told = async <T>(
    req: IncomingMessage,
    res: ServerResponse,
    look: () => Promise<T>,
    strip: (facts: T, withhold: Withhold) => T,
    show: (facts: T, request: PageRequest) => Answer,
  ): Promise<boolean> => {
    if (!isReading(req, res)) return true;
    const caller = world.caller();
    if (!mayRead(caller)) {
      send(req, res, json({ ok: false, error: "This needs the scope operator.read." }, 403));
      return true;
    }
    const url = urlOf(req);
    const asPage = wantsPage(url, req.headers.accept);
    const request: PageRequest = { path: url.pathname, theme: themeOf(url) };
    const answer = await look().then(
      (facts) => {
        const shown = strip(facts, withholding(world.config()));
        return asPage ? show(shown, request) : json(shown);
      },
      (error: unknown) => {
        const text = withheldError(world, error);
        const at = new Date(world.now()).toISOString();
        return asPage
          ? failurePage(text, { ...request, at })
          : json({ ok: false, error: text }, 503);
      },
    );
    if (await isStillAllowed(caller)) send(req, res, answer);
    return true;
  };

  const status: Handler = (req, res) =>
    told(req, res, async () => world.gatherStatus(world.config()), withheldStatus, statusPage);
  const doctor: Handler = (req, res) => told(req, res, visit, withheldReport, doctorPage);

  return {
    status: (req, res) => {
      const path = urlOf(req).pathname.replace(/\/+$/u, "");
      if (path === "/gotify/status") return status(req, res);
      if (path === "/gotify/status/doctor") return doctor(req, res);
      send(req, res, json({ error: "There is nothing here." }, 404));
      return Promise.resolve(true);
    },
    doctor,
    health: async (req, res) => {
      if (!isReading(req, res)) return true;
      const isAllowed = mayAsk(healthToken(world), req.headers.authorization);
      const ok = isAllowed && (await isHealthy());
      send(req, res, {
        status: isAllowed ? (ok ? 200 : 503) : 401,
        type: "json",
        body: JSON.stringify({ ok }),
        ...(isAllowed ? {} : { headers: { "WWW-Authenticate": "Bearer" } }),
      });
      return true;
    },
  };
}

function withheldReport(report: DoctorReport, withhold: Withhold): DoctorReport {
  return { ...report, findings: report.findings.map((one) => withheldRemark(one, withhold)) };
}

/** Without the configuration nobody knows what must not be told, so nothing of the error is. */
function withheldError({ config }: HttpWorld, error: unknown): string {
  let cfg: OpenClawConfig;
  try {
    cfg = config();
  } catch {
    return "The configuration cannot be read. Run: openclaw config validate";
  }
  return withholding(cfg)(errorText(error));
}

/** A configuration that cannot be read locks the door: nobody knows whether it has a token. */
function healthToken(world: HttpWorld): HealthToken {
  try {
    return readHealthToken(world.config());
  } catch {
    return { kind: "unreadable", problem: "It cannot be read.", isReference: false };
  }
}

function urlOf(req: IncomingMessage): URL {
  const target = req.url ?? "/";
  // Two slashes in front would be read as the name of a host.
  return new URL(target.replace(/^\/+/u, "/"), "http://gateway.invalid");
}

function themeOf(url: URL): PageRequest["theme"] {
  const theme = url.searchParams.get("theme");
  return theme === "light" || theme === "dark" ? theme : undefined;
}

const READERS = new Set(["operator.read", "operator.write", "operator.admin"]);

/** The host has let the request in; behind a proxy that knows persons, it also says what this one may do. */
function mayRead(caller: Caller | undefined): boolean {
  return caller?.scopes === undefined || caller.scopes.some((scope) => READERS.has(scope));
}

/** A visit takes seconds, in which a device can be unpaired. */
async function isStillAllowed(caller: Caller | undefined): Promise<boolean> {
  try {
    await caller?.revalidate?.();
    return true;
  } catch {
    return false;
  }
}

/** Ends after its time, also where the work does not listen to the signal. */
async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error("The checks took too long. Run: openclaw gotify doctor");
    reject(error);
    controller.abort(error);
  }, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
