// Owns what the message tool's actions need of the process they run in, so that tests can own disk and clock.
import { installId } from "../../config/install-id.ts";
import { getRuntime } from "../../config/runtime.ts";
import { accountPath } from "../../config/state-folder.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { asInteger } from "../../gotify/parse.ts";
import { listGrants } from "../../journal/grants.ts";
import { JournalError } from "../../journal/journal-errors.ts";
import { visitJournal, type Journal } from "../../journal/journal.ts";
import { ownApplications } from "../target/own-application.ts";
import {
  resolveConversation,
  type Conversation,
  type TargetRequest,
} from "../target/resolve-target.ts";

export interface ActionHost {
  /** This installation's id, by which its own posts are known. */
  readonly installId: () => string;
  /** The application that the account's app token posts to, where that is known yet. */
  readonly ownApplication: (account: ResolvedAccount) => Promise<number | undefined>;
  /** The conversation that a target means. */
  readonly resolve: (request: TargetRequest) => Promise<Conversation>;
  /** Applications that were let in, and whether they still are; empty where nothing is remembered. */
  readonly grants: (accountId: string) => ReadonlyMap<number, "fits" | "suspended">;
  /** How often the ids of this user's messages have begun anew; `undefined` where nothing is remembered. */
  readonly epochOf: (accountId: string, server: string, user: number) => number | undefined;
}

export function actionHost(stateDir = getRuntime().state.resolveStateDir()): ActionHost {
  /** Beside whoever consumes it. A journal that cannot be read remembers nothing. */
  const look = <T>(accountId: string, work: (journal: Journal) => T): T | undefined => {
    try {
      const journal = visitJournal(accountPath(stateDir, accountId), "read");
      if (journal === undefined) return undefined;
      try {
        return work(journal);
      } finally {
        journal.close();
      }
    } catch (error) {
      if (error instanceof JournalError) return undefined;
      throw error;
    }
  };
  return {
    installId: () => installId(stateDir),
    ownApplication: (account) => ownApplications.find(account),
    resolve: resolveConversation,
    grants: (accountId) =>
      new Map(
        (look(accountId, listGrants) ?? []).map(({ appId, suspendedAt }) => [
          appId,
          suspendedAt === undefined ? "fits" : "suspended",
        ]),
      ),
    epochOf: (accountId, server, user) =>
      look(accountId, (journal) =>
        asInteger(
          journal
            .sql("select epoch from feed where server = $server and user = $user")
            .get({ server, user })?.["epoch"],
        ),
      ),
  };
}
