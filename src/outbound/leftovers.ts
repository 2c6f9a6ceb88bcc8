// Owns the replies that a process left behind when it died in the middle of posting them: they are completed once posts get through.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { onPost } from "../config/account-signals.ts";
import { errorText } from "../config/error-text.ts";
import type { OutboxEntry } from "../journal/outbox.ts";
import { completeReply, type Completion } from "./completion.ts";
import { addressed } from "./plan.ts";
import { SETTLE_MS } from "./post/read-back.ts";
import { sharedPosting, type Posting } from "./send.ts";
import { resolveDestination } from "./target/destination.ts";

const MINUTE_MS = 60_000;
/** An answer that is older has lost its occasion, and is a person's to send. */
const MAX_AGE_MS = 60 * MINUTE_MS;
/** After a post that went through, until what is missing will not come any more. */
const SETTLED_MS = SETTLE_MS + 1_000;

export interface LeftoversRequest {
  readonly currentConfig: () => OpenClawConfig;
  readonly accountId: string;
  readonly signal: AbortSignal;
}

/**
 * Runs until nothing is left, or the signal aborts. The host looks at its own rows too, and throws one away
 * when the conversation went on before; both read back first, so whoever comes second finds it there.
 */
export async function settleLeftovers(
  request: LeftoversRequest,
  posting: Posting = sharedPosting(),
): Promise<void> {
  const { accountId, signal } = request;
  const { host } = posting;
  const startedAt = host.now();
  const left = (): readonly OutboxEntry[] =>
    (host.unsettled.look(accountId, (outbox) => outbox.list()) ?? []).filter(
      ({ state, attempts, notedAt }) =>
        state === "unknown" &&
        attempts === 0 &&
        notedAt < startedAt &&
        host.now() - notedAt < MAX_AGE_MS,
    );
  while (left().length > 0) {
    await nextPost(accountId, signal);
    await host.sleep(SETTLED_MS, signal);
    for (const entry of left()) {
      const outcome = await complete(entry, request, posting);
      if (outcome.kind === "arrived") {
        host.warn(`Account ${accountId}: an answer that a crash cut short is complete now.`);
      }
    }
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
        isCertain: false,
        // The host may still have it, and must find out that it arrived.
        isByHand: true,
        signal,
      },
      posting,
    );
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "doubtful", reason: errorText(error) };
  }
}

/** Resolves with the account's next post that goes through. */
async function nextPost(accountId: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const posted = Promise.withResolvers<void>();
  const stopListening = onPost(accountId, ({ kind }) => {
    if (kind === "posted") posted.resolve();
  });
  const onAbort = (): void => posted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await posted.promise;
  } finally {
    stopListening();
    signal.removeEventListener("abort", onAbort);
  }
}
