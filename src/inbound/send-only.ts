// Owns an account that only sends: nothing arrives that could tell whether it still can, so it is looked at now and then.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { onPost } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { JOURNAL_FILE_NAME, openJournal, visitJournal, type Journal } from "../journal/journal.ts";
import { LEASE_BEAT_MS } from "../journal/lease.ts";
import type { AccountLog } from "./account-log.ts";
import type { AccountVitals } from "./account-vitals.ts";
import { createGate } from "./gate.ts";
import { createWaker } from "./feed/waker.ts";
import { sleep } from "./feed/sleep.ts";
import { watchPosting } from "./posting-watch.ts";
import type { World } from "./world.ts";

export interface SendOnlyOptions {
  readonly accountId: string;
  readonly client: Pick<GotifyClient, "health" | "probeAppToken" | "server" | "version">;
  /** Of the account's files. */
  readonly folder: string;
  readonly vitals: AccountVitals;
  readonly log: AccountLog;
  /** Called when the answer changes: with what is wrong, or `undefined` when nothing is. */
  readonly onPosting: (problem: string | undefined) => void;
  readonly signal: AbortSignal;
  readonly world: World;
}

/** Runs until the signal aborts. Never rejects. */
export async function sendOnly(options: SendOnlyOptions): Promise<void> {
  const { accountId, client, folder, vitals, log, signal, world } = options;
  const tellSetAside = (setAside: string): void => {
    const text = `The journal was damaged and is kept as ${setAside}. A new one begins here: answers that waited to be sent again are not sent.`;
    log.warn(text);
    vitals.notice(text);
  };
  updateJournal(folder, log, tellSetAside);
  void vitals.readVersion(client, signal);
  const posting = watchPosting({
    client,
    gate: createGate(() => {}),
    waker: createWaker(world.sleep),
    signal,
    elapsed: world.elapsed,
    random: world.random,
    onChange: options.onPosting,
    onLook: vitals.posting,
    onUnanswered: vitals.failure,
    onReady() {},
  });
  const stopListening = onPost(accountId, posting.take);
  posting.look();
  while (!signal.aborted) {
    await sleep(LEASE_BEAT_MS, signal).catch(() => {});
    writeTally(folder, vitals);
  }
  stopListening();
  await posting.done;
}

/** Nobody else would bring the file of an older version up to date, and the outbox is in it. */
function updateJournal(
  folder: string,
  log: AccountLog,
  tellSetAside: (setAside: string) => void,
): void {
  if (!existsSync(join(folder, JOURNAL_FILE_NAME))) return;
  try {
    const { journal, setAside } = openJournal(folder);
    journal.close();
    if (setAside !== undefined) tellSetAside(setAside);
  } catch (error) {
    log.warn(errorText(error));
  }
}

/** Opened for the moment: a restore may put another file in its place, and a removal take it away. */
function writeTally(folder: string, vitals: AccountVitals): void {
  let journal: Journal | undefined;
  vitals.writeTally(() => {
    journal = visitJournal(folder, "write") ?? openJournal(folder).journal;
    return journal;
  });
  journal?.close();
}
