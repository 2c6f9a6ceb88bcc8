// Owns who may be heard on one account: the server's applications, what they looked like, and how strangers are let in.
import { resolveAccount } from "../../config/accounts.ts";
import { errorText } from "../../config/error-text.ts";
import { currentConfig } from "../../config/host-types.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { normalizeAllowEntry, senderId } from "../../config/sender-id.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import type { AccountLog } from "../account-log.ts";
import { createChallenges } from "../../journal/challenges.ts";
import { createGrants, describeSuspension, keepGrants, type Grants } from "../../journal/grants.ts";
import type { Journal } from "../../journal/journal.ts";
import { createApplications, type Applications } from "./applications.ts";
import { createPairing, type Pairing } from "./pairing.ts";
import type { WayOut } from "./reply.ts";
import { ownersOf } from "./rights.ts";

export interface Senders {
  readonly applications: Applications;
  readonly grants: Grants;
  readonly pairing: Pairing;
  /** After each connection: what was known of the server may be out of date, and a person should hear of it now. */
  readonly look: () => Promise<void>;
}

export function createSenders(options: {
  readonly core: PluginRuntime;
  readonly accountId: string;
  readonly client: Pick<GotifyClient, "listApplications">;
  readonly journal: Journal;
  readonly wayOut: WayOut;
  readonly log: AccountLog;
  /** Something a person has to decide. */
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}): Senders {
  const { core, accountId, journal, log, signal } = options;
  const applications = createApplications({ client: options.client, signal });
  const grants = createGrants({
    journal,
    lookUp: (appId) => applications.lookUp(appId),
    onGone: (appId) =>
      log.warn(`A message is not handed on: its application ${appId} has been deleted since.`),
    onSuspended: (grant, is) => options.notice(describeSuspension(accountId, grant, is)),
  });
  const pairing = createPairing({
    core,
    accountId,
    challenges: createChallenges(journal),
    wayOut: options.wayOut,
    log,
    signal,
  });
  void pairing.announceApprovals(() => currentConfig(core));

  return {
    applications,
    grants,
    pairing,
    async look() {
      try {
        applications.forget();
        const cfg = currentConfig(core);
        const account = resolveAccount(cfg, accountId);
        const entries = [
          ...account.allowFrom,
          ...account.commandsFrom,
          ...account.approvers,
          ...ownersOf(cfg),
          ...(await pairing.readPaired()),
        ];
        const named = namedApplications(account, entries);
        const shown = await applications.ids();
        for (const appId of named) if (shown.has(appId)) await grants.fits(appId);
        // The members of a group are the host's to know.
        const hasGroups = entries.some((entry) => /^accessgroup:/i.test(entry));
        if (!hasGroups) keepGrants(journal, named);
      } catch (error) {
        // It is asked again for each message, and nobody is let in without an answer.
        if (!signal.aborted) log.warn(`Could not look at the applications: ${errorText(error)}`);
      }
    },
  };
}

function namedApplications(
  account: ResolvedAccount,
  entries: readonly string[],
): ReadonlySet<number> {
  const prefix = senderId(account.accountId, "");
  const ids = entries
    .map((entry) => normalizeAllowEntry(account.accountId, entry))
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => Number(entry.slice(prefix.length)));
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}
