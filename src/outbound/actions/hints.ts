// Owns what an agent is told about writing for a notification.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../../config/accounts.ts";

type AgentPrompt = NonNullable<ChannelPlugin["agentPrompt"]>;

export const agentPrompt: AgentPrompt = {
  messageToolHints: ({ cfg, accountId }) => [
    "- Gotify delivers push notifications: keep it short, and let the first line say it all. A phone shows little more.",
    "- Markdown is rendered: lists, links and code are fine; avoid wide tables and HTML. There are no edits, threads or reactions.",
    "- Set priority only when it should differ from the default: high (8) wakes people and is for what cannot wait, low (2) makes no sound, min (0) stays out of sight.",
    "- When a title helps, give one of a few words; clickUrl opens on a tap. One message is better than several: each of them buzzes.",
    ...(resolveAccount(cfg, accountId).tokenStatus === "missing"
      ? []
      : [
          '- To look something up in this conversation use action="read", with query to search it. Its answer says how to go on.',
        ]),
  ],
};
