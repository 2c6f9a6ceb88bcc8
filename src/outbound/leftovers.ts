// Owns the answers that wait in the outbox and that nobody may come back for: they are sent once posts get through.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { onPost, type PostOutcome } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import type { OutboxEntry } from "../journal/outbox.ts";
import { completeReply, type Completion } from "./completion.ts";
import { adoptQueuedAnswers } from "./host-queue.ts";
import { addressed } from "./plan.ts";
import { SETTLE_MS } from "./post/read-back.ts";
import { sharedPosting, type Posting } from "./send.ts";
import { resolveDestination } from "./target/destination.ts";

const HOUR_MS = 3_600_000;
/** An answer that is older has lost its occasion, and is a person's to send. */
const MAX_AGE_MS = 24 * HOUR_MS;
/** How often one process looks for a post in doubt: what it does not find then, a person has to look at. */
const MAX_LOOKS = 3;
/** After a post that went through, until what is missing will not come any more. */
const SETTLED_MS = SETTLE_MS + 1_000;

export interface LeftoversRequest {
  readonly currentConfig: () => OpenClawConfig;
  readonly accountId: string;
  readonly signal: AbortSignal;
}

type GoodSign = Extract<PostOutcome["kind"], "posted" | "ready">;

type Adopt = (request: LeftoversRequest, posting: Posting) => Promise<void>;

/**
 * Runs for the life of the account, and rejects with the signal's reason. The host has a queue of its own,
 * and tries what is in it five times; but it throws an answer away as soon as its conversation has gone on.
 * Both ask the outbox in the account's lane, so whoever comes second finds it there.
 *
 * @param adopt takes over what the host's queue still has from the process before.
 */
export async function settleLeftovers(
  request: LeftoversRequest,
  posting: Posting = sharedPosting(),
  adopt: Adopt = adoptQueuedAnswers,
): Promise<never> {
  const { accountId, signal } = request;
  const { host } = posting;
  const startedAt = host.now();
  const signs = listen(accountId, signal);
  const young = (): readonly OutboxEntry[] =>
    (host.unsettled.look(accountId, (outbox) => outbox.list()) ?? []).filter(
      ({ notedAt }) => host.now() - notedAt < MAX_AGE_MS,
    );
  const looks = new Map<string, number>();
  const doubts = (): readonly OutboxEntry[] =>
    young().filter(
      ({ id, state, attempts, notedAt }) =>
        state === "unknown" &&
        // One that was noted since and has not failed is being posted right now.
        (attempts > 0 || notedAt < startedAt) &&
        (looks.get(id) ?? 0) < MAX_LOOKS,
    );
  try {
    await adopt(request, posting);
    for (;;) {
      const sign = await signs.next();
      await sendWaiting(young(), request, posting);
      // A post in doubt may still come: only a later one of ours tells that it will not.
      if (sign !== "posted" || doubts().length === 0) continue;
      await host.sleep(SETTLED_MS, signal);
      for (const entry of doubts()) {
        looks.set(entry.id, (looks.get(entry.id) ?? 0) + 1);
        await complete(entry, request, posting);
      }
    }
  } finally {
    signs.stop();
    // The account has ended: a restore may put another journal there.
    host.unsettled.close(accountId);
  }
}

/** In the order in which they were noted, until one does not get through. */
async function sendWaiting(
  entries: readonly OutboxEntry[],
  request: LeftoversRequest,
  posting: Posting,
): Promise<void> {
  for (const entry of entries.filter(({ state }) => state === "waiting")) {
    const { kind } = await complete(entry, request, posting);
    if (kind === "doubtful") return;
  }
}

async function complete(
  entry: OutboxEntry,
  { currentConfig, accountId, signal }: LeftoversRequest,
  posting: Posting,
): Promise<Completion> {
  try {
    const destination = await resolveDestination({
      cfg: currentConfig(),
      to: entry.target,
      accountId,
      answers: entry.appId === undefined ? {} : { appId: entry.appId },
      signal,
    });
    const plan = { ...addressed(entry.target, destination), parts: entry.parts };
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
