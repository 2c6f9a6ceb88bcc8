// Owns what a check of the doctor is given and gives back, and that each of them ends in time whatever happens to it.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../../config/error-text.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import type { GotifyApplication } from "../../gotify/applications.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { unlessAborted, withDeadline } from "../../gotify/deadline.ts";
import { oneLine } from "../../gotify/one-line.ts";
import type { AccountFacts } from "../../vitals/facts.ts";
import type { Vitals } from "../../vitals/vitals.ts";
import type { Finding } from "./report.ts";

const SECOND_MS = 1_000;
/** For one request: what takes longer is ill, and a person waits. */
export const CALL_TIMEOUT_MS = 8 * SECOND_MS;
/** A check makes some requests, one after the other. */
const CALLS_A_CHECK = 2.5;
/** Server, tokens, stream and self-test come one after the other. */
const CALLS_A_RUN = 5;

/** What a check says; whose account it is about is known. */
export type Remark = Omit<Finding, "account">;

/** What the checks ask besides servers; passed in where tests own it. */
export interface DoctorWorld {
  readonly now: () => number;
  /** Milliseconds for one request, of which all other limits are made. */
  readonly callTimeoutMs: number;
  /** The host's state directory. */
  readonly stateDir: () => string;
  /** OpenClaw's own; `undefined` where nobody says. */
  readonly hostVersion: () => string | undefined;
  /** True in the process that is to run the accounts. */
  readonly isGateway: boolean;
  readonly vitalsOf: (accountId: string) => Vitals | undefined;
  /** The application an account posts as; `undefined` where only a post would tell. */
  readonly ownApplication: (
    account: ResolvedAccount,
    signal: AbortSignal,
  ) => Promise<number | undefined>;
}

/** One account that is looked at, with what several checks need. */
export interface Visit {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly client: GotifyClient;
  /** What is known of it without asking its server; `undefined` where even that cannot be had. */
  readonly facts: AccountFacts | undefined;
  readonly signal: AbortSignal;
  readonly world: DoctorWorld;
  /** Of the client token's user, asked for once. Rejects when the server does not tell. */
  readonly applications: () => Promise<readonly GotifyApplication[]>;
}

export function fine(check: string, message: string): Remark {
  return { check, level: "ok", message: oneLine(message) };
}

export function warning(check: string, message: string, fix: string): Remark {
  return { check, level: "warning", message: oneLine(message), fix: oneLine(fix) };
}

export function failure(check: string, message: string, fix: string): Remark {
  return { check, level: "error", message: oneLine(message), fix: oneLine(fix) };
}

/** Where errors of ours say what happened, and in further sentences what to do. */
const FIRST_SENTENCE = /^(.+?[.!])\s+(?=\p{Lu})(.+)$/su;
const LOOK_INTO_LOGS = "Look into the log of the Gateway: openclaw logs.";

/** What was thrown, as a remark: its first sentence, and the others as the remedy. */
export function thrown(
  check: string,
  error: unknown,
  level: "error" | "warning" = "error",
): Remark {
  return told(check, errorText(error), level);
}

/** A line of ours that says what happened and what to do. */
export function told(check: string, text: string, level: "error" | "warning" = "error"): Remark {
  const parts = FIRST_SENTENCE.exec(oneLine(text));
  const [, message = oneLine(text), fix = LOOK_INTO_LOGS] = parts ?? [];
  return { check, level, message, fix };
}

/** A name that somebody else chose, on one line and of a bounded length. */
export function quoted(name: string): string {
  const characters = Array.from(oneLine(name));
  return `"${characters.slice(0, MAX_NAME_CHARS).join("")}${characters.length > MAX_NAME_CHARS ? "…" : ""}"`;
}

const MAX_NAME_CHARS = 60;

/** Runs one check. @throws the reason of the caller's signal, when that aborts. */
export type RunCheck = (
  check: string,
  work: (signal: AbortSignal) => Promise<readonly Remark[]> | readonly Remark[],
) => Promise<readonly Remark[]>;

/**
 * Gives each check its time, and all of them together theirs. A check that throws, or takes too long, is a
 * finding: it must not keep the others from being read.
 */
export function timekeeper(signal: AbortSignal, callTimeoutMs: number): RunCheck {
  const endsAt = performance.now() + CALLS_A_RUN * callTimeoutMs;
  const checkTimeoutMs = CALLS_A_CHECK * callTimeoutMs;
  return async (check, work) => {
    const timeoutMs = Math.max(1, Math.min(checkTimeoutMs, endsAt - performance.now()));
    try {
      return await withDeadline({ signal, timeoutMs }, async (deadline) => {
        try {
          return await unlessAborted(deadline.signal, (async () => work(deadline.signal))());
        } catch (error) {
          if (deadline.passedMs() === undefined) throw error;
          return [
            failure(
              check,
              `The check "${check}" did not end in time.`,
              "Try again; if it stays so, look at the network, and at the load of this machine and the server.",
            ),
          ];
        }
      });
    } catch (error) {
      signal.throwIfAborted();
      return [thrown(check, error)];
    }
  };
}
