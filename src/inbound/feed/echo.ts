// Owns whose post a message is: our own, which is never answered, or another OpenClaw's, which is counted.
import { readStamp } from "../../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../../gotify/message.ts";

/** True for what this installation posted itself, whichever application it was posted to. */
export function isOwnEcho(message: GotifyMessage, installId: string): boolean {
  return readStamp(message.extras)?.by === installId;
}

/** True for what another installation's agent posted: to be handled, but counted against a loop. */
export function isOtherAgent(message: GotifyMessage, installId: string): boolean {
  const stamp = readStamp(message.extras);
  return stamp !== undefined && stamp.by !== installId;
}
