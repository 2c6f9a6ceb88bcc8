// Owns one consumption of an account's journal, from taking the lease to giving it back: monitor, feed and posting watch run together and end together.
import { errorText } from "../config/error-text.ts";
import { onPost, reportPost } from "../config/account-signals.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { DroppedFrameReason } from "../gotify/stream-options.ts";
import type { AccountStatus } from "./account-status.ts";
import type { AccountVitals } from "./account-vitals.ts";
import { createTakenElsewhere } from "./feed/elsewhere.ts";
import { runFeed, type FeedState } from "./feed/feed.ts";
import { createGate, type Gate } from "./gate.ts";
import { createIntake } from "./feed/intake.ts";
import { isPassing, JournalError } from "../journal/journal-errors.ts";
import { createJournalQueue, type JournalQueue } from "../journal/journal-queue.ts";
import type { Journal } from "../journal/journal.ts";
import { takeLease } from "../journal/lease.ts";
import { createPacer } from "./feed/pacer.ts";
import { watchPosting } from "./posting-watch.ts";
import { loadProgress, type Verdict } from "./feed/progress.ts";
import { createWaker } from "./feed/waker.ts";
import { feedKeyOf, serverKey } from "../journal/wire.ts";
import { untilAborted } from "./feed/sleep.ts";
import { keepLease, releaseLease } from "./keep-lease.ts";
import type { AccountLog } from "./account-log.ts";
import type { FeedRef } from "./after-handled.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import type { Monitor } from "./monitor.ts";
import { realWorld, type World } from "./world.ts";

/** An account that is told to stop is out of the way after this time, whatever a turn is doing. */
const STOP_TIMEOUT_MS = 2_500;
const MINUTE_MS = 60_000;
/** Lines about frames that were dropped. */
const DROPPED_LINES_A_MINUTE = 10;
/** Between two tries to settle a row that the disk refused. */
const SETTLE_RETRY_MS = 1_000;
/** After so many failures to read back, messages are handled without waiting for older ones any longer. */
const READ_FAILURES_BEFORE_HANDLING = 5;

/** What of the client a consumer uses. */
export type ConsumerClient = Pick<
  GotifyClient,
  "server" | "openStream" | "readPages" | "currentUser" | "health" | "probeAppToken"
>;

export interface ConsumerOptions {
  readonly account: Pick<ResolvedAccount, "accountId" | "inbound">;
  readonly client: ConsumerClient;
  readonly journal: Journal;
  readonly judge: (message: GotifyMessage) => Verdict;
  readonly laneOf: (message: GotifyMessage) => string;
  /** The folders of all other accounts, any of which may have received the same before. */
  readonly otherFolders?: () => readonly string[];
  readonly createMonitor: (
    queue: JournalQueue,
    signal: AbortSignal,
    onError: (error: unknown) => void,
  ) => Monitor;
  readonly status: AccountStatus;
  readonly vitals: AccountVitals;
  readonly log: AccountLog;
  /** Deletes handled messages on the server, where the operator wants it; runs until the signal aborts. */
  readonly deleteHandled?: (feed: () => FeedRef | undefined, signal: AbortSignal) => Promise<void>;
  /** Called for each batch that was admitted. */
  readonly onAdmitted: () => void;
  readonly signal: AbortSignal;
  readonly world?: World;
}

/**
 * Runs until the signal aborts.
 *
 * @throws {JournalError} when the journal is held by another process, or became useless.
 */
export async function consume(options: ConsumerOptions): Promise<void> {
  const { account, client, journal, status, vitals, log, world = realWorld } = options;
  const lease = takeLease(journal);
  vitals.consuming();
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  let monitor: Monitor | undefined;
  const gate = createGate(
    () => monitor?.requestDrain(),
    ["disconnected", "catching-up", "cannot-post"],
  );
  let useless: JournalError | undefined;
  const end = (error: JournalError): void => {
    useless ??= error;
    ended.abort();
  };
  const writeTally = (): void => vitals.writeTally(() => journal);
  const stopBeating = keepLease({ lease, log, vitals, onBeat: writeTally, onLost: end });
  const queue = createJournalQueue(journal, {
    identity: {
      channelId: CHANNEL_ID,
      accountId: account.accountId,
      queueName: `${CHANNEL_ID}:${account.accountId}`,
    },
    isOpen: gate.isOpen,
    isFull: (lane) => monitor?.isFull(lane) ?? false,
    assertConsumer: lease.assertHeld,
    untilNextTry: () => world.sleep(SETTLE_RETRY_MS, signal),
    onAsked: vitals.askedForWork,
    onCount: vitals.count,
  });
  /** The host lists all that waits before each claim; in a flood that must not happen for each message. */
  const drain = createPacer({
    work: () => monitor?.requestDrain(),
    costMs: queue.listCostMs,
    elapsed: () => performance.now(),
  });
  const waker = createWaker(world.sleep);
  const posting = watchPosting({
    client,
    gate,
    waker: createWaker(world.sleep),
    signal,
    elapsed: world.elapsed,
    random: world.random,
    onChange: status.posting,
    onLook: vitals.posting,
    onUnanswered(text) {
      vitals.failure(text);
      // A database that hangs answers neither.
      waker.wake();
    },
    onReady: () => reportPost(account.accountId, { kind: "ready" }),
  });
  let feed: FeedRef | undefined;
  let isConnected = false;
  const deleting = options
    .deleteHandled?.(() => (isConnected ? feed : undefined), signal)
    .catch((error: unknown) => log.warn(errorText(error)));
  const stopListening = onPost(account.accountId, (outcome) => {
    posting.take(outcome);
    // The lists know what became of a post that nobody answered for.
    if (outcome.kind === "unknown") waker.wake();
  });
  try {
    monitor = options.createMonitor(queue, signal, tellOfQueue(log, vitals, end));
    monitor.start();
    const admitted = (): void => {
      drain.request();
      options.onAdmitted();
    };
    await runFeed({
      client,
      policy: account.inbound,
      prepare: (userId) => {
        const server = serverKey(client.server.href);
        const feedKey = feedKeyOf(server, userId);
        const others = queue.setAsideOthers(feedKey);
        if (others > 0) {
          log.warn(
            `Set ${others} waiting messages of another server or user aside: the account has changed.`,
          );
        }
        const progress = loadProgress(journal, server, userId);
        feed = { feedKey, progress };
        const intake = createIntake({
          journal,
          progress,
          feedKey,
          judge: options.judge,
          laneOf: options.laneOf,
          takenElsewhere: createTakenElsewhere(options.otherFolders ?? (() => []), server, userId),
          assertConsumer: lease.assertHeld,
          onTaken: vitals.taken,
          now: world.now,
        });
        return { progress, intake };
      },
      assertWritable: lease.beat,
      onAdmitted: admitted,
      onState: (state) => {
        moveGate(gate, state);
        isConnected = state.kind === "read" || (isConnected && state.kind === "unreadable");
        if (state.kind === "catching-up" || isNewlyUnreadable(state)) posting.look();
        if (state.kind === "read" && state.report.admitted > 0) admitted();
        vitals.feed(state);
        status.feed(state);
      },
      onDropped: tellOfDropped(log, vitals, world.elapsed),
      signal,
      waker,
      ...world,
    });
    // The feed may have given up; what waits goes on waiting until somebody starts the account again.
    await untilAborted(signal);
    if (useless !== undefined) throw useless;
  } finally {
    ended.abort();
    drain.cancel();
    stopListening();
    await within(STOP_TIMEOUT_MS, Promise.allSettled([monitor?.stop(), posting.done, deleting]));
    stopBeating();
    writeTally();
    releaseLease(lease, log);
  }
}

/** What the lists do not answer, a post may not be answered either. */
function isNewlyUnreadable(state: FeedState): boolean {
  return state.kind === "unreadable" && state.failures === 1;
}

/** What a change of the connection means for waiting messages. */
function moveGate(gate: Gate, state: FeedState): void {
  switch (state.kind) {
    case "connecting":
      break;
    case "catching-up":
      gate.hold("catching-up");
      gate.release("disconnected");
      break;
    case "read":
      gate.release("catching-up");
      break;
    case "unreadable":
      if (state.failures >= READ_FAILURES_BEFORE_HANDLING) gate.release("catching-up");
      break;
    case "waiting":
    case "blocked":
    case "gave-up":
      gate.hold("disconnected");
      break;
  }
}

/**
 * What the monitor says of the queue: it looks twice a second, so the same complaint is worth one line.
 * A damaged file, and one that became somebody else's, end the consumer.
 */
function tellOfQueue(
  log: AccountLog,
  vitals: AccountVitals,
  end: (error: JournalError) => void,
): (error: unknown) => void {
  let lastText: string | undefined;
  return (error) => {
    const text = errorText(error);
    vitals.failure(text);
    if (text !== lastText) log.error(text);
    lastText = text;
    if (error instanceof JournalError && !isPassing(error)) end(error);
  };
}

/** Ten lines a minute: whoever can put garbage on the stream must not be able to fill the log. */
function tellOfDropped(
  log: AccountLog,
  vitals: AccountVitals,
  elapsed: () => number,
): (reason: DroppedFrameReason, bytes: number) => void {
  let said: number[] = [];
  let unsaid = 0;
  return (reason, bytes) => {
    vitals.count("dropped");
    said = said.filter((at) => elapsed() - at < MINUTE_MS);
    if (said.length >= DROPPED_LINES_A_MINUTE) {
      unsaid += 1;
      return;
    }
    said.push(elapsed());
    const more = unsaid === 0 ? "" : ` And ${unsaid} more before it.`;
    unsaid = 0;
    log.warn(`Dropped a frame of ${bytes} bytes (${reason}).${more}`);
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
