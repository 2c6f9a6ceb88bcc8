// Owns `openclaw gotify check`: one line for each account, exit code 1 when any of them does not work.
import { listAccountIds, normalizeAccountId } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { configWithSecrets } from "../config/command-secrets.ts";
import { findOwnApplication } from "./doctor/own-application.ts";
import { probeAccount } from "./probe.ts";

const PROBE_TIMEOUT_MS = 10_000;

export async function checkAccounts(options: {
  account?: string;
  json?: boolean;
}): Promise<number> {
  const cfg = await configWithSecrets("openclaw gotify check");
  const known = listAccountIds(cfg);
  const wanted =
    options.account === undefined
      ? known
      : known.filter((id) => id === normalizeAccountId(options.account));
  if (wanted.length === 0) {
    const text =
      options.account === undefined
        ? "No Gotify account is configured. Run `openclaw channels add gotify`."
        : `There is no Gotify account "${options.account}". Configured: ${known.join(", ") || "none"}.`;
    print(options.json === true ? JSON.stringify({ ok: false, error: text }) : text);
    return 1;
  }
  const results = await Promise.all(
    wanted.map(async (id) => ({
      account: id,
      ...(await probeAccount(resolveAccount(cfg, id), PROBE_TIMEOUT_MS, findOwnApplication)),
    })),
  );
  const ok = results.every((result) => result.ok);
  if (options.json === true) print(JSON.stringify({ ok, accounts: results }));
  else {
    for (const result of results) {
      const verdict = result.ok
        ? `works, Gotify ${result.version ?? ""}, ${result.elapsedMs} ms`
        : (result.error ?? "does not work");
      print(`${result.account}: ${verdict}`);
    }
  }
  return ok ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
