// Owns what the channel makes of the host's presentations: Markdown, with the first link as what a tap opens.
import type { ChannelOutboundAdapter } from "openclaw/plugin-sdk/channel-contract";
import type { MessagePresentation } from "openclaw/plugin-sdk/interactive-runtime";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { readStored, withChannelData } from "./native.ts";
import { visibleText } from "./presentation-text.ts";

/**
 * Gotify has no buttons. They are declared because the host's own fallback says neither what to send back
 * for an approval nor where a disabled button has gone: here each becomes a link or a line to send.
 * Charts are left to the host, which writes them out as text.
 */
export const presentationCapabilities: NonNullable<
  ChannelOutboundAdapter["presentationCapabilities"]
> = {
  supported: true,
  buttons: true,
  selects: true,
  context: true,
  divider: true,
  charts: false,
  tables: true,
  limits: {
    actions: { supportsDisabled: true, supportsStyles: false },
    text: { markdownDialect: "markdown" },
  },
};

/** The payload with its presentation as text, and a new one: the host may still hold the old. */
export function renderPresentation(
  payload: ReplyPayload,
  presentation: MessagePresentation,
): ReplyPayload {
  const visible = visibleText({ ...payload, presentation });
  const stored = readStored(payload.channelData);
  const {
    presentation: _presentation,
    interactive: _interactive,
    location: _location,
    ...rest
  } = payload;
  return withChannelData(
    { ...rest, text: visible.text },
    {
      native: {
        clickUrl: stored.native.clickUrl ?? visible.firstUrl,
        contentType:
          stored.native.contentType ?? (visible.isMarkdown ? "text/markdown" : undefined),
      },
      kind: stored.kind ?? (visible.asksForApproval ? "approval" : undefined),
    },
  );
}
