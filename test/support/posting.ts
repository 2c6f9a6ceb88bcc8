// Owns the process that a unit test posts from: its clock, its files, and what it says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { OutboxEntry } from "../../src/journal/outbox.ts";
import { createPosting, type Posting } from "../../src/outbound/posting.ts";
import { journaledReplies } from "../../src/outbound/post/unsettled-replies.ts";

export interface TestPosting {
  readonly posting: Posting;
  /** A folder of the test's own. */
  readonly folder: string;
  /** Milliseconds since 1970; passes by what is slept, and as told. */
  readonly clock: { ms: number };
  /** Ids of the accounts that posted. */
  readonly activity: readonly string[];
  readonly warnings: readonly string[];
}

/** What an account's outbox holds. */
export function waiting({ host }: Posting, accountId = "default"): readonly OutboxEntry[] {
  return host.unsettled.look(accountId, (outbox) => outbox.list()) ?? [];
}

/** What is slept passes at once. Its files are gone with the test. */
export function testPosting(startedAt: number): TestPosting {
  const folder = mkdtempSync(join(tmpdir(), "gotify-posting-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = { ms: startedAt };
  const activity: string[] = [];
  const warnings: string[] = [];
  let deliveries = 0;
  const warn = (text: string): void => void warnings.push(text);
  const host: Posting["host"] = {
    installId: () => "install-1",
    newDeliveryId: () => `random-${(deliveries += 1)}`,
    now: () => clock.ms,
    elapsed: () => clock.ms,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      clock.ms += Math.max(ms, 0);
    },
    recordActivity: (accountId) => void activity.push(accountId),
    unsettled: journaledReplies({ folderOf: () => folder, warn, now: () => clock.ms }),
    warn,
  };
  onTestFinished(() => host.unsettled.close());
  return { folder, posting: createPosting(host), clock, activity, warnings };
}
