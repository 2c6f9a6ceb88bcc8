// Owns the beginning of every command of the administration: which account, and the client that manages its server.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { defaultAccountId, listAccountIds, normalizeAccountId } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { CommandError, type CommandOutput } from "../config/command-line.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { Surroundings } from "./surroundings.ts";

/** What every command takes. */
export interface AdminOptions extends CommandOutput {
  readonly account?: string;
}

export interface Session {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly client: GotifyClient;
}

/** @throws {CommandError} when there is no such account, or it cannot manage anything. */
export async function openSession(
  options: AdminOptions,
  { config }: Pick<Surroundings, "config">,
): Promise<Session> {
  const cfg = await config();
  const known = listAccountIds(cfg);
  if (known.length === 0) {
    throw new CommandError(
      "No Gotify account is configured. Run openclaw channels login --channel gotify.",
      { code: "GOTIFY_CONFIG" },
    );
  }
  const id = normalizeAccountId(options.account ?? defaultAccountId(cfg));
  if (!known.includes(id)) {
    throw new CommandError(
      `There is no Gotify account "${options.account ?? id}". Configured: ${known.join(", ")}.`,
      { code: "GOTIFY_CONFIG" },
    );
  }
  const account = resolveAccount(cfg, id);
  if (account.problem === undefined && account.clientToken === undefined) {
    throw new CommandError(
      `The account ${id} only sends: it has no client token, and nothing else lets it manage Gotify. Set its clientToken, or run openclaw channels login --channel gotify.`,
      { code: "GOTIFY_CONFIG" },
    );
  }
  return { cfg, account, client: accountClient(account) };
}
