// Owns the surroundings of the work on dead letters in a unit test: the files of a test's own process, and no runtime of the host.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { visitJournal } from "../../src/journal/journal.ts";
import type { Office } from "../../src/outbound/commands/dead-letters/office.ts";
import type { TestPosting } from "./posting.ts";

/** @param currentUser what the server would say; by default it is not asked. */
export function testOffice(
  cfg: OpenClawConfig,
  { folder, posting }: Pick<TestPosting, "folder" | "posting">,
  currentUser: Office["currentUser"] = () => Promise.reject(new Error("Nobody was to ask.")),
): Office {
  return {
    cfg,
    posting,
    currentUser,
    withJournal(_accountId, mode, work) {
      const journal = visitJournal(folder, mode);
      if (journal === undefined) return undefined;
      try {
        return work(journal);
      } finally {
        journal.close();
      }
    },
  };
}
