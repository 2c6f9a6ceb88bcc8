// Owns an account's journal with messages that were given up, as a feed and the host's monitor leave it behind.
import type { GotifyMessage } from "../../src/gotify/message.ts";
import { parseJson } from "../../src/gotify/parse.ts";
import { createJournalQueue, type JournalQueue } from "../../src/journal/journal-queue.ts";
import { openJournal, type Journal } from "../../src/journal/journal.ts";
import { eventId, feedKeyOf, serverKey, writePayload } from "../../src/journal/wire.ts";

export interface DeadMessageParts extends Partial<GotifyMessage> {
  readonly user?: number;
  readonly epoch?: number;
  readonly lane?: string;
  readonly reason?: string;
}

export interface InboxSide {
  readonly journal: Journal;
  readonly queue: JournalQueue;
  /** Takes a message in and has it fail for good. Returns its row's id. */
  readonly giveUp: (id: number, parts?: DeadMessageParts) => Promise<string>;
}

/** The journal is its own connection, as the running account's is. */
export function openInbox(
  folder: string,
  { serverUrl, now }: { serverUrl: string; now: () => number },
): InboxSide {
  const { journal } = openJournal(folder);
  const identity = { channelId: "gotify", accountId: "default", queueName: "gotify:default" };
  const queue = createJournalQueue(journal, { identity, now });
  return {
    journal,
    queue,
    async giveUp(id, { user = 1, epoch = 0, lane = "5", reason = "no-agent", ...parts } = {}) {
      const server = serverKey(serverUrl);
      journal
        .sql("insert into feed (server, user) values ($server, $user) on conflict do nothing")
        .run({ server, user });
      const message: GotifyMessage = {
        id,
        appId: 5,
        message: `question ${id}`,
        title: "",
        priority: 5,
        extras: {},
        date: new Date(now()),
        ...parts,
      };
      const rowId = eventId(feedKeyOf(server, user), epoch, message);
      await queue.enqueue(rowId, parseJson(writePayload(message)), { laneKey: lane });
      journal.sql("update inbox set position = $id where id = $rowId").run({ id, rowId });
      await queue.fail(rowId, { reason, message: "No binding names an agent." });
      return rowId;
    },
  };
}
