// Owns looking at an account from outside: is the server well, what version, are both tokens good. Leaves no trace.
import { accountClient } from "../config/client.ts";
import type { ResolvedAccount } from "../config/types.ts";

export interface AccountProbe {
  /** True when everything the account needs works. */
  readonly ok: boolean;
  readonly version?: string | undefined;
  readonly elapsedMs: number;
  /** The first thing that does not work, in one line that says what to do. */
  readonly error?: string | undefined;
}

/** @param timeoutMs for each of the calls, in milliseconds. */
export async function probeAccount(
  account: ResolvedAccount,
  timeoutMs: number,
  now: () => number = Date.now,
): Promise<AccountProbe> {
  const startedAt = now();
  const result = (probe: Omit<AccountProbe, "elapsedMs">): AccountProbe => ({
    ...probe,
    elapsedMs: now() - startedAt,
  });
  if (account.problem !== undefined) return result({ ok: false, error: account.problem });

  let version: string | undefined;
  try {
    const client = accountClient(account);
    const health = await client.health({ timeoutMs });
    ({ version } = await client.version({ timeoutMs }));
    if (!health.ok) {
      return result({
        ok: false,
        version,
        error: `Gotify at ${client.server.href} says that its database is ${health.database}. Check the database.`,
      });
    }
    if (account.appToken !== undefined) {
      const app = await client.probeAppToken({ timeoutMs });
      if (app.status !== "valid") {
        return result({ ok: false, version, error: wrong(app.status, "appToken", app.error) });
      }
    }
    if (account.clientToken !== undefined) {
      const token = await client.probeClientToken({ timeoutMs });
      if (token.status !== "valid") {
        return result({
          ok: false,
          version,
          error: wrong(token.status, "clientToken", token.error),
        });
      }
    }
    return result({ ok: true, version });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return result({ ok: false, version, error: text });
  }
}

function wrong(
  status: "wrong-kind" | "invalid",
  field: "appToken" | "clientToken",
  error: Error,
): string {
  if (status === "invalid") return error.message;
  return field === "appToken"
    ? "appToken is the token of a client. Put the token of an application there (Gotify's Apps page)."
    : "clientToken is the token of an application. Put the token of a client there (Gotify's Clients page).";
}
