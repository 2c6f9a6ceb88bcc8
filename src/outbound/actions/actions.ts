// Owns what the host's message tool can do over Gotify, and for which accounts. What an action does is loaded when it runs.
import type {
  ChannelMessageActionAdapter,
  ChannelMessageActionName,
  ChannelMessageToolSchemaContribution,
} from "openclaw/plugin-sdk/channel-contract";
import { resolveAgentOutboundIdentity } from "openclaw/plugin-sdk/channel-outbound";
import { listAccountIds } from "../../config/account-ids.ts";
import { resolveAccount } from "../../config/accounts.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { prepareSendPayload, SEND_PARAMS_SCHEMA } from "../controls/send-params.ts";

/** What agents are told of. `search` is not among them: the host lets no agent search on a third-party channel. */
const READING: readonly ChannelMessageActionName[] = ["read", "delete", "unsend"];
const OWN: ReadonlySet<ChannelMessageActionName> = new Set([...READING, "search"]);

/** The search that agents have instead. */
const QUERY: ChannelMessageToolSchemaContribution = {
  properties: {
    query: {
      type: "string",
      description:
        'Search text. With action="read" on Gotify: only messages with it in title or body, in any case.',
    },
  },
  actions: [],
};

export const messageActions: ChannelMessageActionAdapter = {
  describeMessageTool({ cfg, accountId }) {
    const accounts = (accountId ? [accountId] : listAccountIds(cfg))
      .map((id) => resolveAccount(cfg, id))
      .filter((account) => account.enabled && account.configured);
    if (accounts.length === 0) return null;
    const canRead = accounts.some(mayRead);
    return {
      actions: canRead ? ["send", ...READING] : ["send"],
      // Gotify has no buttons, but a presentation reads well as text and links.
      capabilities: ["presentation"],
      schema: canRead ? [SEND_PARAMS_SCHEMA, QUERY] : [SEND_PARAMS_SCHEMA],
    };
  },
  supportsAction: ({ action }) => OWN.has(action),
  resolveExecutionMode: () => "local",
  messageActionTargetAliases: {
    // The host takes a message's id for a target of its own and would ask for nothing else: with this, a
    // message that is named alone is looked for in the conversation that is being answered.
    unsend: { aliases: ["messageId"], deliveryTargetAliases: [] },
  },
  prepareSendPayload: (prepared) =>
    prepareSendPayload(
      prepared,
      (agentId) => resolveAgentOutboundIdentity(prepared.ctx.cfg, agentId)?.name,
    ),
  async handleAction(ctx) {
    const { runAction } = await import("./run.ts");
    return runAction(ctx);
  },
};

/** A token that this process could not read counts: whoever runs the action may have it. */
function mayRead({ tokenStatus }: ResolvedAccount): boolean {
  return tokenStatus !== "missing";
}
