// Owns the answers that wait in the outbox and that nobody may come back for: they are sent once posts get through.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { onPost, type PostOutcome } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import type { OutboxEntry } from "../journal/outbox.ts";
import { completeReply, type Completion } from "./completion.ts";
import { adoptQueuedAnswers, listQueuedAnswers, type ListQueuedAnswers } from "./host-queue.ts";
import { originOf, planEntry } from "./plan.ts";
import { SETTLE_MS } from "./post/read-back.ts";
import { sharedPosting, type Posting } from "./posting.ts";

const HOUR_MS = 3_600_000;
/** An answer that is older has lost its occasion, and is a person's to send. */
const MAX_AGE_MS = 24 * HOUR_MS;
/** How often one process looks at an entry that nothing comes of: then a person has to. */
const MAX_LOOKS = 3;
/** After a post that went through, until what is missing will not come any more. */
const SETTLED_MS = SETTLE_MS + 1_000;

export interface LeftoversRequest {
  readonly currentConfig: () => OpenClawConfig;
  readonly accountId: string;
  readonly signal: AbortSignal;
}

type GoodSign = Extract<PostOutcome["kind"], "posted" | "ready">;

/**
 * Runs for the life of the account, and rejects with the signal's reason. Only what is owed to somebody is
 * sent: of everything else, whoever asked for it was told that it failed, or the host goes on trying. The
 * host tries a final as well, five times, but throws it away as soon as its conversation has gone on. Both
 * ask the outbox in the account's lane, so whoever comes second finds it there.
 *
 * @param list what the host's queue holds for the account.
 */
export async function settleLeftovers(
  request: LeftoversRequest,
  posting: Posting = sharedPosting(),
  list: ListQueuedAnswers = listQueuedAnswers,
): Promise<never> {
  const { accountId, signal } = request;
  const { host } = posting;
  const startedAt = host.now();
  const signs = listen(accountId, signal);
  const looks = new Map<string, number>();
  /** Those that the host's queue was asked about, of the ones that are there now. */
  let asked: ReadonlySet<string> = new Set();
  const listed = (): readonly OutboxEntry[] | undefined =>
    host.unsettled.look(accountId, (outbox) => outbox.list());
  const entries = (): readonly OutboxEntry[] =>
    (listed() ?? []).filter(
      ({ id, notedAt }) => host.now() - notedAt < MAX_AGE_MS && (looks.get(id) ?? 0) < MAX_LOOKS,
    );
  const waiting = (): readonly OutboxEntry[] =>
    entries().filter(({ state }) => state === "waiting");
  const doubts = (): readonly OutboxEntry[] =>
    entries().filter(
      ({ isOwed, state, attempts, notedAt, startedAt: begunAt }) =>
        isOwed &&
        state === "unknown" &&
        // One that began since and has not failed is being posted right now.
        (attempts > 0 || (begunAt ?? notedAt) < startedAt),
    );
  const settle = async (entry: OutboxEntry): Promise<Completion> => {
    const outcome = await complete(entry, request, posting);
    if (outcome.kind !== "arrived" && !isServers(outcome)) {
      looks.set(entry.id, (looks.get(entry.id) ?? 0) + 1);
      // A Gateway runs for months: what is gone from the outbox is not counted for ever.
      const kept = listed()?.map(({ id }) => id);
      if (kept !== undefined)
        for (const id of looks.keys()) if (!kept.includes(id)) looks.delete(id);
    }
    return outcome;
  };
  try {
    let isAdopted = await adoptQueuedAnswers(request, posting, "all", list);
    for (;;) {
      const sign = await signs.next();
      if (!isAdopted) isAdopted = await adoptQueuedAnswers(request, posting, "all", list);
      // A final that names no message, such as one of a turn that the host continued by itself.
      const unnamed = entries().filter(({ isOwed }) => !isOwed);
      if (unnamed.some(({ id }) => !asked.has(id))) {
        await adoptQueuedAnswers(request, posting, "known", list);
      }
      asked = new Set(unnamed.map(({ id }) => id));
      // In the order in which they were noted. One that does not get through speaks for those behind it.
      for (const entry of waiting().filter(({ isOwed }) => isOwed)) {
        if (isServers(await settle(entry))) break;
      }
      // A post in doubt may still come: only a later one of ours tells that it will not.
      if (sign !== "posted" || doubts().length === 0) continue;
      await host.sleep(SETTLED_MS, signal);
      for (const entry of doubts()) await settle(entry);
    }
  } finally {
    signs.stop();
    // The account has ended: a restore may put another journal there.
    host.unsettled.close(accountId);
  }
}

function isServers(outcome: Completion): boolean {
  return outcome.kind === "doubtful" && outcome.isServers === true;
}

async function complete(
  entry: OutboxEntry,
  { currentConfig, accountId, signal }: LeftoversRequest,
  posting: Posting,
): Promise<Completion> {
  try {
    const plan = await planEntry(currentConfig(), accountId, entry, signal);
    if (originOf(plan.destination) !== entry.origin) {
      return { kind: "failed", reason: "It was meant for another server or application." };
    }
    const { id, payload, payloads, stored, answeredAt } = entry;
    return await completeReply(
      {
        plan,
        key: { id, payload, payloads },
        sinceAt: entry.notedAt,
        startedAt: entry.startedAt ?? entry.notedAt,
        answeredAt,
        stored,
        isCertain: entry.state === "waiting",
        isFromOutbox: true,
        signal,
      },
      posting,
    );
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "doubtful", reason: errorText(error) };
  }
}

/** The account's good signs, one after the other. Of those that come while nobody asks, the best is kept. */
function listen(accountId: string, signal: AbortSignal) {
  let kept: GoodSign | undefined;
  let wake = Promise.withResolvers<void>();
  const stopListening = onPost(accountId, ({ kind }) => {
    if (kind !== "posted" && kind !== "ready") return;
    // A post that went through says more than a look.
    if (kept !== "posted") kept = kind;
    wake.resolve();
  });
  const onAbort = (): void => wake.resolve();
  signal.addEventListener("abort", onAbort);
  return {
    async next(): Promise<GoodSign> {
      for (;;) {
        signal.throwIfAborted();
        if (kept !== undefined) {
          const sign = kept;
          kept = undefined;
          return sign;
        }
        wake = Promise.withResolvers<void>();
        await wake.promise;
      }
    },
    stop(): void {
      stopListening();
      signal.removeEventListener("abort", onAbort);
    },
  };
}
