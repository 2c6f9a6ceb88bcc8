// Owns what the host's queue still has from the process before: each answer in it is taken into the outbox, before the host can throw it away.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { errorText } from "../config/error-text.ts";
import { getRuntime } from "../config/runtime.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { GotifyConfigError } from "../gotify/errors.ts";
import { replyOf } from "./controls/native.ts";
import type { LeftoversRequest } from "./leftovers.ts";
import { planReply } from "./plan.ts";
import { outboxNote } from "./noting.ts";
import type { Posting } from "./posting.ts";

/** An answer in the host's queue; what is read of the host's row. */
export interface QueuedAnswer {
  readonly id: string;
  readonly to: string;
  readonly payload: ReplyPayload;
  readonly silent: boolean;
  /** When its post began, in ms since 1970; `undefined` when none has. */
  readonly startedAt: number | undefined;
}

export type ListQueuedAnswers = (
  accountId: string,
  cfg: OpenClawConfig,
) => Promise<readonly QueuedAnswer[]>;

/**
 * The host tries a row of a dead process after a minute, and a final that is not the newest of its
 * conversation by then it drops without a word, to the plugin or to anybody. What is asked for first is what
 * would be lost: so the outbox has it before that.
 *
 * @param which `known` takes none over, and marks those that stand in the outbox already as owed.
 * @returns false when it should be tried again.
 */
export async function adoptQueuedAnswers(
  { currentConfig, accountId, signal }: LeftoversRequest,
  { host }: Posting,
  which: "all" | "known",
  list: ListQueuedAnswers = listQueuedAnswers,
): Promise<boolean> {
  const cfg = currentConfig();
  let isComplete = true;
  const failed = (what: string, error: unknown): void => {
    signal.throwIfAborted();
    isComplete = false;
    host.warn(
      `Account ${accountId}: could not take over ${what}: ${errorText(error)} OpenClaw tries it again itself.`,
    );
  };
  const rows = await list(accountId, cfg).catch((error: unknown) => {
    failed("what waits in OpenClaw's queue", error);
    return [];
  });
  for (const { id, to, payload, silent, startedAt } of rows) {
    const key = { id, payload: 0, payloads: 1 };
    try {
      const isKnown = host.unsettled.look(accountId, (outbox) => outbox.find(key)) !== undefined;
      if (isKnown) host.unsettled.write(accountId, (outbox) => outbox.markOwed(id));
      const reply = replyOf(payload, { silent });
      // Only the host says which files an agent may send, and only when it sends them.
      if (isKnown || which === "known" || reply.mediaUrls.some(isLocal)) continue;
      const plan = await planReply({ cfg, to, accountId, reply, isOffline: true, signal });
      if (plan.parts.length === 0 || plan.destination.account.accountId !== accountId) continue;
      host.unsettled.write(accountId, (outbox) =>
        outbox.adopt({
          ...outboxNote(plan, key, new Map()),
          state: startedAt === undefined ? "waiting" : "unknown",
          reason: "OpenClaw ended before it was posted.",
          startedAt,
          isOwed: true,
        }),
      );
    } catch (error) {
      // What can never be sent is the host's to say.
      if (error instanceof GotifyConfigError) continue;
      failed(`answer ${id}`, error);
    }
  }
  return isComplete;
}

function isLocal(url: string): boolean {
  return !/^https?:/i.test(url);
}

/** The finals of an account: what an agent sends by itself, its run can send again. */
export async function listQueuedAnswers(
  accountId: string,
  cfg: OpenClawConfig,
): Promise<readonly QueuedAnswer[]> {
  const { drainPendingDeliveries } = await import("openclaw/plugin-sdk/infra-runtime");
  const core = getRuntime();
  const found: QueuedAnswer[] = [];
  // The SDK offers no way to read the queue, but shows every row to whoever selects. Nothing is selected: at
  // most it ends what the host had decided to end.
  await drainPendingDeliveries({
    drainKey: `${CHANNEL_ID}:${accountId}:look`,
    logLabel: "Gotify",
    cfg,
    log: core.logging.getChildLogger({ channel: CHANNEL_ID }),
    selectEntry: (row) => {
      const [entry, ...others] = row.preparedBatch.entries;
      if (
        row.channel === CHANNEL_ID &&
        row.accountId === accountId &&
        row.deliveryCompletion?.kind === "pending-final" &&
        entry?.status === "accepted" &&
        others.length === 0
      ) {
        found.push({
          id: row.id,
          to: row.to,
          payload: entry.payload,
          silent: row.silent === true,
          startedAt:
            row.recoveryState === undefined || row.recoveryState === "producer_claimed"
              ? undefined
              : (row.platformSendStartedAt ?? row.enqueuedAt),
        });
      }
      return { match: false };
    },
  });
  return found;
}
