// Owns what the status has to tell of each way in which a test kills an account, and how a test reads the status.
import { z } from "zod";
import type { ProblemCode } from "../../src/vitals/facts.ts";

export const Facts = z.object({
  ok: z.boolean(),
  accounts: z.array(
    z.object({
      account: z.string(),
      ok: z.boolean(),
      problems: z.array(
        z.object({ code: z.string(), level: z.string(), message: z.string(), fix: z.string() }),
      ),
      queue: z
        .object({
          waiting: z.number(),
          inTurns: z.number(),
          oldestTurnAt: z.iso.datetime().optional(),
        })
        .optional(),
      lag: z.object({ unanswered: z.number() }).optional(),
    }),
  ),
});
export type Facts = z.infer<typeof Facts>;
export type AccountFacts = Facts["accounts"][number];

interface Told {
  readonly code: ProblemCode;
  readonly message: RegExp;
  readonly fix: RegExp;
}

/** By account, which is named after what it dies of. */
export const TOLD: Readonly<Record<string, Told>> = {
  "half-open": {
    code: "disconnected",
    message: /^Not connected for \d+ s/,
    fix: /openclaw gotify doctor/,
  },
  "client-token-revoked": {
    code: "blocked",
    message: /does not let the account in, now for .*client token/,
    fix: /channels login --channel gotify --account client-token-revoked/,
  },
  "app-token-revoked": {
    code: "cannot-post",
    message: /app token \(401\)/,
    fix: /channels login --channel gotify --account app-token-revoked/,
  },
  "application-deleted": {
    code: "cannot-post",
    message: /app token \(401\)/,
    fix: /channels login --channel gotify --account application-deleted/,
  },
  "database-down": {
    code: "cannot-post",
    message: /database is red/,
    fix: /openclaw gotify check/,
  },
  "lease-lost": {
    code: "cannot-receive",
    message: /Process \d+ on .* already receives for this account/,
    fix: /openclaw gotify doctor/,
  },
  "disk-full": {
    code: "cannot-receive",
    message: /full/,
    fix: /openclaw gotify doctor/,
  },
  "server-replaced": {
    code: "blocked",
    message: /does not let the account in/,
    fix: /channels login --channel gotify --account server-replaced/,
  },
  "all-given-up": {
    code: "all-failed",
    message: /^The newest 3 messages were all given up: .*no binding names one/,
    fix: /openclaw gotify dead-letters list/,
  },
};

export function of(facts: Facts, account: string): AccountFacts {
  const found = facts.accounts.find((one) => one.account === account);
  if (found === undefined) throw new Error(`nothing is told of ${account}`);
  return found;
}

/** Those of these accounts that the status does not tell to be dead. */
export function untold(facts: Facts, accounts: readonly string[]): string[] {
  return accounts.filter((account) => {
    const code = TOLD[account]?.code;
    const { ok, problems } = of(facts, account);
    return ok || !problems.some((problem) => problem.code === code && problem.level === "error");
  });
}
