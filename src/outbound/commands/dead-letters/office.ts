// Owns what the work on dead letters needs of the process it runs in, so that tests can own the files, the server and the time.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { setTimeout as pause } from "node:timers/promises";
import { listAccountIds, normalizeAccountId } from "../../../config/account-ids.ts";
import { accountClient } from "../../../config/client.ts";
import { CommandError } from "../../../config/command-line.ts";
import { currentConfig } from "../../../config/host-types.ts";
import { getRuntime } from "../../../config/runtime.ts";
import type { ResolvedAccount } from "../../../config/types.ts";
import { withJournal } from "../../../journal/account-journal.ts";
import { JournalError } from "../../../journal/journal-errors.ts";
import type { Journal } from "../../../journal/journal.ts";
import { sharedPosting, type Posting } from "../../posting.ts";

/** Another program that writes holds the file for moments. A quarter of a second is waited for within each try. */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 100;

export interface Office {
  readonly cfg: OpenClawConfig;
  /** Opens an account's journal for as long as the work takes; `undefined` when the account has none yet. */
  readonly withJournal: <T>(
    accountId: string,
    mode: "read" | "write",
    work: (journal: Journal) => T,
  ) => T | undefined;
  /** Asks the server which user the account reads as. Rejects when it does not say. */
  readonly currentUser: (account: ResolvedAccount) => Promise<number>;
  readonly posting: Posting;
}

/** The process itself. @param cfg with its secrets; default: as it is, which is right within the Gateway. */
export function processOffice(cfg: OpenClawConfig = currentConfig(getRuntime())): Office {
  return {
    cfg,
    withJournal,
    currentUser: async (account) => (await accountClient(account).currentUser()).id,
    posting: sharedPosting(),
  };
}

/** The account that is named, or all of them. @throws {CommandError} when there is none of that name. */
export function accountsFor({ cfg }: Office, named: string | undefined): readonly string[] {
  const known = listAccountIds(cfg);
  if (named === undefined) return known;
  const id = normalizeAccountId(named);
  if (known.includes(id)) return [id];
  throw new CommandError(
    `There is no Gotify account "${named}". Configured: ${known.join(", ") || "none"}.`,
  );
}

/** Writes, however often somebody else is writing just then. @throws {CommandError} when that goes on for seconds. */
export async function whenFree<T>(accountId: string, work: () => T): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof JournalError) || error.problem !== "busy") throw error;
      if (tries === BUSY_TRIES) {
        throw new CommandError(
          `Another program has been writing into the journal of account ${accountId} all the time. Nothing was changed. Try again in a minute.`,
          { code: error.code, cause: error },
        );
      }
    }
    await pause(BUSY_PAUSE_MS);
  }
}
