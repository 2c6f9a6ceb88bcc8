// Owns whom the host's own lists name: its owners, and those whom it lets do more than talk.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject } from "../gotify/parse.ts";
import { CHANNEL_ID } from "./types.ts";

/**
 * The host's owners, of whatever channel, in lower case; empty while the first approved pairing becomes one.
 * It counts nobody who is named by a wildcard.
 */
export function ownersOf(cfg: OpenClawConfig): readonly string[] {
  return entriesOf(cfg.commands?.ownerAllowFrom)
    .map((entry) => entry.toLowerCase())
    .filter((entry) => entry !== "" && entry !== "*" && !entry.endsWith(":*"));
}

/** Owners, and whoever may use elevated mode or commands: all that the host finds by the sender's id. */
export function namedByHost(cfg: OpenClawConfig): readonly string[] {
  const elevated = asObject(cfg.tools?.elevated?.allowFrom);
  const commands = asObject(cfg.commands?.allowFrom);
  const lists = [elevated?.[CHANNEL_ID], commands?.[CHANNEL_ID], commands?.["*"]];
  return (
    [...ownersOf(cfg), ...lists.flatMap(entriesOf)]
      // As the elevated list may say which of a sender's marks it means.
      .map((entry) => entry.replace(/^(?:id|from):/i, ""))
  );
}

function entriesOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map((entry) => String(entry).trim()) : [];
}
