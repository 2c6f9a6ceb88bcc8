// Owns deleting and taking back: which message may go, and what goes with it.
import { readStamp } from "../../gotify/delivery-stamp.ts";
import { GotifyHttpError } from "../../gotify/errors.ts";
import { findMessage } from "../../gotify/find-message.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { ActionRefusedError, nameOf, type OpenConversation } from "./conversation.ts";

/** How far apart the ids of one reply's messages may be: others post meanwhile. */
const PARTS_SPREAD_IDS = 1_000;
const MAX_NEIGHBOURS = 400;

/**
 * The messages that an action on this one concerns: itself, and for `unsend` all parts of the reply.
 *
 * @throws {ActionRefusedError} for a message of another conversation, and for `unsend` of what is not ours.
 */
export async function chooseMessages(
  action: "delete" | "unsend",
  conversation: OpenConversation,
  id: number,
): Promise<readonly GotifyMessage[]> {
  const message = await findMessage(conversation.client, id);
  if (message === undefined) {
    throw new ActionRefusedError(`There is no message ${id} on the server (any more).`);
  }
  const author = conversation.authorOf(message);
  if (author === undefined) {
    throw new ActionRefusedError(
      `Message ${id} is no part of the conversation ${nameOf(conversation)}, so it was left alone. Name the conversation it is in.`,
    );
  }
  if (action === "delete") return [message];
  if (author !== "agent") {
    throw new ActionRefusedError(
      `Message ${id} was not posted by this OpenClaw, so it cannot be taken back. Use delete.`,
    );
  }
  return wholeReply(conversation, message);
}

/** A message that is gone already is as good as deleted. */
export async function deleteMessages(
  { client }: Pick<OpenConversation, "client">,
  messages: readonly GotifyMessage[],
  beforeEach: (() => void) | undefined,
): Promise<void> {
  for (const { id } of messages) {
    beforeEach?.();
    try {
      await client.deleteMessage(id);
    } catch (error) {
      const isGone = error instanceof GotifyHttpError && error.code === "GOTIFY_NOT_FOUND";
      if (!isGone) throw error;
    }
  }
}

/** A long reply is several messages; half of one taken back would be worse than none. */
async function wholeReply(
  conversation: OpenConversation,
  message: GotifyMessage,
): Promise<readonly GotifyMessage[]> {
  const stamp = readStamp(message.extras);
  if (stamp === undefined || stamp.parts <= 1) return [message];
  const parts: GotifyMessage[] = [];
  const pages = conversation.client.readPages({
    appId: message.appId,
    since: message.id + PARTS_SPREAD_IDS,
    maxMessages: MAX_NEIGHBOURS,
  });
  for await (const page of pages) {
    for (const other of page.messages) {
      const its = readStamp(other.extras);
      const isPart = its?.by === stamp.by && its.id === stamp.id && its.payload === stamp.payload;
      if (isPart && conversation.authorOf(other) === "agent") parts.push(other);
    }
    if ((page.messages.at(-1)?.id ?? 0) < message.id - PARTS_SPREAD_IDS) break;
  }
  return parts.some(({ id }) => id === message.id) ? parts.toReversed() : [message];
}
