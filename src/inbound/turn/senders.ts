// Owns who may be heard on one account: the server's applications, what they looked like, and how strangers are let in.
import { resolveAccount } from "../../config/accounts.ts";
import { errorText } from "../../config/error-text.ts";
import { currentConfig } from "../../config/host-types.ts";
import { namedByHost } from "../../config/host-lists.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { normalizeAllowEntry, senderId } from "../../config/sender-id.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import type { AccountLog } from "../account-log.ts";
import { createChallenges } from "../../journal/challenges.ts";
import { createGrants, describeSuspension, keepGrants, type Grants } from "../../journal/grants.ts";
import type { Journal } from "../../journal/journal.ts";
import { createApplications, type Applications } from "./applications.ts";
import { createPairing, type Pairing } from "./pairing.ts";
import type { WayOut } from "./reply.ts";

export interface Senders {
  readonly applications: Applications;
  readonly grants: Grants;
  readonly pairing: Pairing;
  /** After each connection: what was known of the server may be out of date, and a person should hear of it now. */
  readonly look: () => Promise<void>;
  /**
   * Looks where the configuration names others than at the last look. Nothing restarts for that, and who is
   * named is remembered as it looks now, not as it looks when it first speaks.
   */
  readonly lookAtNews: () => Promise<void>;
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
    grants,
    wayOut: options.wayOut,
    log,
    signal,
  });
  void pairing.announceApprovals(() => currentConfig(core));

  const namedInConfig = (): readonly string[] => {
    const cfg = currentConfig(core);
    const { allowFrom, commandsFrom, approvers } = resolveAccount(cfg, accountId);
    return [...allowFrom, ...commandsFrom, ...approvers, ...namedByHost(cfg)];
  };
  /** Whom the configuration named at the last look. */
  let looked: string | undefined;
  /** What has been said of the last look, where it failed. */
  let warned: string | undefined;

  async function look({ onlyNews }: { readonly onlyNews: boolean }): Promise<void> {
    try {
      const inConfig = namedInConfig();
      const key = JSON.stringify(inConfig);
      if (onlyNews && key === looked) return;
      looked = key;
      applications.forget();
      const entries = [...inConfig, ...(await pairing.readPaired())];
      const named = namedApplications(accountId, entries);
      const shown = await applications.ids();
      for (const appId of named) if (shown.has(appId)) await grants.fits(appId);
      // The members of a group are the host's to know.
      const hasGroups = entries.some((entry) => /^accessgroup:/i.test(entry));
      if (!hasGroups) keepGrants(journal, named);
      warned = undefined;
    } catch (error) {
      looked = undefined;
      // It is asked again for each message, and nobody is let in without an answer.
      const text = errorText(error);
      if (!signal.aborted && text !== warned)
        log.warn(`Could not look at the applications: ${text}`);
      warned = text;
    }
  }

  return {
    applications,
    grants,
    pairing,
    look: () => look({ onlyNews: false }),
    lookAtNews: () => look({ onlyNews: true }),
  };
}

function namedApplications(accountId: string, entries: readonly string[]): ReadonlySet<number> {
  const prefix = senderId(accountId, "");
  const ids = entries
    .map((entry) => normalizeAllowEntry(accountId, entry))
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => Number(entry.slice(prefix.length)));
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}
