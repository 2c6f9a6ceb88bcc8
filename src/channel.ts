// Owns the channel: a table of contents, one line for each adapter, each living in a folder below.
import { createChatChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { allowlistAdapter } from "./admin/allowlist.ts";
import { createDirectory } from "./admin/directory.ts";
import { resolver } from "./admin/resolver.ts";
import { channelBase } from "./channel-base.ts";
import type { ResolvedAccount } from "./config/types.ts";
import { receiveAdapter } from "./inbound/receive.ts";
import { approvalCapability } from "./inbound/turn/approvals.ts";
import type { AccountProbe } from "./operate/probe.ts";
import { createStatus } from "./operate/status.ts";
import { messageAdapter, outboundAdapter, wayOut } from "./outbound/adapters.ts";
import { messageActions } from "./outbound/actions/actions.ts";
import { agentPrompt } from "./outbound/actions/hints.ts";
import { messagingAdapter } from "./outbound/target/messaging.ts";
import { ownApplications } from "./outbound/target/own-application.ts";

export const gotifyChannel = createChatChannelPlugin<ResolvedAccount, AccountProbe>({
  base: {
    ...channelBase,
    status: createStatus(ownApplications.find),
    message: { ...messageAdapter, receive: receiveAdapter },
    messaging: messagingAdapter,
    actions: messageActions,
    agentPrompt,
    directory: createDirectory(ownApplications.find),
    resolver,
    allowlist: allowlistAdapter,
    approvalCapability,
    gateway: {
      ...channelBase.gateway,
      // The stream, the journal and the monitor are loaded only where an account really runs.
      startAccount: async (ctx) => {
        const { runAccount } = await import("./inbound/account.ts");
        await runAccount(ctx, wayOut);
      },
    },
  },
  pairing: {
    idLabel: "Gotify application",
    normalizeAllowEntry: (entry) => entry.trim().toLowerCase(),
  },
  // Gotify has no replies to a message: with any other mode a final would ask for one and lose its durability.
  threading: { resolveReplyToMode: () => "off" },
  outbound: outboundAdapter,
});
