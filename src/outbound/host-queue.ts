// Owns what the host's queue still has from the process before: each answer in it is taken into the outbox, before the host can throw it away.
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { errorText } from "../config/error-text.ts";
import { currentConfig } from "../config/host-types.ts";
import { getRuntime } from "../config/runtime.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { replyOf } from "./controls/native.ts";
import type { LeftoversRequest } from "./leftovers.ts";
import { planReply } from "./plan.ts";
import { outboxNote, type Posting } from "./send.ts";

/** An answer in the host's queue; what is read of the host's row. */
export interface QueuedAnswer {
  readonly id: string;
  readonly to: string;
  readonly payload: ReplyPayload;
  readonly silent: boolean;
  /** When its post began, in ms since 1970; `undefined` when none has. */
  readonly startedAt: number | undefined;
}

/**
 * The host tries a row of a dead process after a minute, and a final that is not the newest of its
 * conversation by then it drops without a word, to the plugin or to anybody. What is asked for first is what
 * would be lost: so the outbox has it before the first message is handed in.
 */
export async function adoptQueuedAnswers(
  { currentConfig: cfg, accountId, signal }: LeftoversRequest,
  { host }: Posting,
  list: (accountId: string) => Promise<readonly QueuedAnswer[]> = listQueuedAnswers,
): Promise<void> {
  try {
    for (const { id, to, payload, silent, startedAt } of await list(accountId)) {
      const key = { id, payload: 0, payloads: 1 };
      if (host.unsettled.look(accountId, (outbox) => outbox.find(key)) !== undefined) continue;
      const reply = replyOf(payload, { silent });
      const plan = await planReply({ cfg: cfg(), to, accountId, reply, signal });
      if (plan.parts.length === 0 || plan.destination.account.accountId !== accountId) continue;
      host.unsettled.write(accountId, (outbox) =>
        outbox.adopt({
          ...outboxNote(plan, key, new Map()),
          state: startedAt === undefined ? "waiting" : "unknown",
          reason: "OpenClaw ended before it was posted.",
          startedAt,
        }),
      );
    }
  } catch (error) {
    signal.throwIfAborted();
    host.warn(
      `Account ${accountId}: could not look into OpenClaw's queue: ${errorText(error)} Answers that wait there are sent when OpenClaw tries them again.`,
    );
  }
}

/** The finals of an account: what an agent sends by itself, its run can send again. */
async function listQueuedAnswers(accountId: string): Promise<readonly QueuedAnswer[]> {
  const { drainPendingDeliveries } = await import("openclaw/plugin-sdk/infra-runtime");
  const core = getRuntime();
  const found: QueuedAnswer[] = [];
  // The SDK offers no way to read the queue, but shows every row to whoever selects; nothing is selected.
  await drainPendingDeliveries({
    drainKey: `${CHANNEL_ID}:${accountId}:look`,
    logLabel: "Gotify",
    cfg: currentConfig(core),
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
