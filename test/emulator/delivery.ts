// Owns the way of a new message: its id, its commit, its frames, and the order in which simultaneous posts get there.
import type { Core } from "./core.ts";
import type { MessageRecord } from "./records.ts";

export interface Delivery {
  readonly message: MessageRecord;
  /**
   * Resolves when every stream has its frame.
   *
   * @throws {OutletGoneError} when a stream went away meanwhile: stored, and not sent to those after it.
   */
  readonly done: Promise<void>;
}

/** Unless something was ordered to be late, everything has happened when this returns. */
export function deliver(
  core: Core,
  draft: Omit<MessageRecord, "id">,
  { streamed = true }: { streamed?: boolean } = {},
): Delivery {
  const message = core.store.reserveMessage(draft);
  const isStreamed = streamed && !core.faults.takeDroppedFrame();
  return { message, done: finish(core, message, isStreamed) };
}

async function finish(core: Core, message: MessageRecord, isStreamed: boolean): Promise<void> {
  const { commit, frame } = core.faults.holdUp(message.id);
  if (commit !== undefined) await commit;
  const userId = core.store.application(message.applicationId)?.userId;
  core.store.commitMessage(message);
  // The application was deleted meanwhile, and its messages with it.
  if (userId === undefined) return;
  if (frame !== undefined) await frame;
  if (isStreamed) await core.streams.notify(userId, message);
}
