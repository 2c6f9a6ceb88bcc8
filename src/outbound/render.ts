// Owns turning a reply's text into the draft of a Gotify message.
import type { GotifyMessageDraft } from "../gotify/message.ts";
import { stampExtras, type DeliveryStamp } from "../gotify/delivery-stamp.ts";

/** No sound, no vibration, out of the way. */
const SILENT_PRIORITY = 0;

export interface RenderOptions {
  readonly text: string;
  readonly priority: number;
  readonly silent: boolean;
  readonly stamp: DeliveryStamp;
}

export function renderMessage(options: RenderOptions): GotifyMessageDraft {
  return {
    // PostgreSQL stores no NUL, and nobody reads one.
    message: options.text.replaceAll("\0", ""),
    priority: options.silent ? SILENT_PRIORITY : options.priority,
    extras: {
      "client::display": { contentType: "text/markdown" },
      ...stampExtras(options.stamp),
    },
  };
}
