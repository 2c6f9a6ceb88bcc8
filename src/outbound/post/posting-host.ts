// Owns what posting needs of the process it runs in, so that tests can own time, chance and the disk.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { installId } from "../../config/install-id.ts";
import { getRuntime } from "../../config/runtime.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { journaledReplies, type UnsettledReplies } from "./unsettled-replies.ts";

export interface PostingHost {
  /** This installation's id, for the stamp. */
  readonly installId: () => string;
  /** An id for a delivery that the host gives none. */
  readonly newDeliveryId: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  /** Rejects with the signal's reason when that aborts. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly recordActivity: (accountId: string) => void;
  readonly unsettled: UnsettledReplies;
  /** One line for the log. */
  readonly warn: (text: string) => void;
}

let shared: PostingHost | undefined;

/** The real one, shared by everything in this process. */
export function postingHost(): PostingHost {
  shared ??= {
    installId: () => installId(getRuntime().state.resolveStateDir()),
    newDeliveryId: randomUUID,
    now: Date.now,
    elapsed: () => performance.now(),
    sleep: async (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    recordActivity: (accountId) =>
      getRuntime().channel.activity.record({
        channel: CHANNEL_ID,
        accountId,
        direction: "outbound",
      }),
    unsettled: journaledReplies({ warn }),
    warn,
  };
  return shared;
}

function warn(text: string): void {
  getRuntime().logging.getChildLogger({ channel: CHANNEL_ID }).warn(text);
}
