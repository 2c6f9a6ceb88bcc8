// Owns finding one message by its id, for which Gotify has no call.
import type { CallOptions } from "./call-options.ts";
import type { GotifyClient } from "./client.ts";
import type { GotifyMessage } from "./message.ts";

/** `undefined` when the server has none of that id for this user. @throws what the list throws. */
export async function findMessage(
  client: Pick<GotifyClient, "listMessages">,
  id: number,
  options: CallOptions = {},
): Promise<GotifyMessage | undefined> {
  // The newest below the next id is it, if it is there.
  const { messages } = await client.listMessages({ since: id + 1, limit: 1 }, options);
  return messages.find((message) => message.id === id);
}
