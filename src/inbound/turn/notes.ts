// Owns the lines about senders that would repeat with each message: one for each is enough.
import type { ResolvedAccount } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { AccountLog } from "../account-log.ts";

const MAX_NOTED_APPLICATIONS = 1_000;

/** A push server is full of machines that were never meant for the agent: one line each is enough. */
export function createIgnoredNotes(log: AccountLog) {
  const noted = new Set<number>();
  return ({ appId }: GotifyMessage, account: ResolvedAccount): void => {
    if (noted.has(appId) || noted.size >= MAX_NOTED_APPLICATIONS) return;
    noted.add(appId);
    log.info(
      account.dmPolicy === "disabled"
        ? `Ignoring application ${appId}: dmPolicy is disabled, so nobody may talk to the agent.`
        : `Ignoring application ${appId}: it is not in allowFrom. Add "${appId}" there to let it talk to the agent.`,
    );
  };
}

/** One line when two agents are stopped, and one when the next message passes again. */
export function createLoopNotes(log: AccountLog) {
  const stopped = new Set<number>();
  return ({ appId, id }: GotifyMessage, isStopped: boolean): void => {
    if (isStopped && !stopped.has(appId)) {
      stopped.add(appId);
      log.warn(
        `Stopped a loop: another OpenClaw answers in application ${appId}, and this one answered it too often. Message ${id} and what follows soon are not handed to the agent (botLoopProtection).`,
      );
    }
    if (!isStopped && stopped.delete(appId)) {
      log.info(`Listening to the other OpenClaw in application ${appId} again.`);
    }
  };
}
