// Owns what the host asks about targets: prefixes, normal form, what one means, and the session it belongs to.
import {
  buildChannelOutboundSessionRoute,
  type ChannelPlugin,
} from "openclaw/plugin-sdk/channel-core";
import { normalizeAgentId, resolveAgentRoute } from "openclaw/plugin-sdk/routing";
import { targetOf } from "../../config/conversation-target.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { isGotifyError } from "../../gotify/errors.ts";
import {
  checkTarget,
  isHostsAccount,
  resolveConversation,
  settledTarget,
  type TargetRequest,
} from "./resolve-target.ts";
import { normalizeTarget, parseTarget, TARGET_FORMS } from "./target.ts";

type Messaging = NonNullable<ChannelPlugin["messaging"]>;
type ResolveTarget = NonNullable<NonNullable<ChannelPlugin["outbound"]>["resolveTarget"]>;
type ResolveRoute = NonNullable<Messaging["resolveOutboundSessionRoute"]>;

export const messagingAdapter: Messaging = {
  targetPrefixes: [CHANNEL_ID],
  // The host's own answer to what this channel makes of tables, where nothing is configured.
  defaultMarkdownTableMode: "bullets",
  targetIdComparison: "lowercase",
  // What the host makes of a session's key alone would look like an account's name.
  directTargetStyle: "user-prefixed",
  normalizeTarget,
  inferTargetChatType: () => "direct",
  targetResolver: {
    hint: TARGET_FORMS,
    looksLikeId: (raw) => parseTarget(raw) !== undefined,
    resolveTarget: async ({ cfg, accountId, input }) => {
      const { to, name } = await checkTarget({ cfg, accountId, to: input });
      const isLookedUp = to !== normalizeTarget(input);
      return {
        to,
        kind: "user",
        source: isLookedUp ? "directory" : "normalized",
        ...(name === undefined ? {} : { display: name }),
      };
    },
  },
  formatTargetDisplay: ({ target, display }) => {
    const to = normalizeTarget(target) ?? target.trim();
    return display === undefined || display.trim() === "" ? to : `${display.trim()} (${to})`;
  },
  // A conversation as the host keeps it, by its peer id or as it was addressed.
  resolveDeliveryTarget: ({ conversationId }) => {
    const to = normalizeTarget(conversationId) ?? normalizeTarget(`peer:${conversationId}`);
    return to === undefined ? null : { to };
  },
  resolveOutboundSessionRoute: async ({ cfg, agentId, accountId, target, resolvedTarget }) =>
    routeOf({ cfg, accountId, to: resolvedTarget?.to ?? target }, agentId),
};

/** For the host's outbound adapter: what can be said at once, without asking a server. */
export const resolveTarget: ResolveTarget = ({ cfg, to = "", accountId }) => {
  try {
    if (cfg === undefined) {
      const normal = normalizeTarget(to);
      return normal === undefined
        ? { ok: false, error: new Error(`Name a Gotify conversation. ${TARGET_FORMS}`) }
        : { ok: true, to: normal };
    }
    return { ok: true, to: settledTarget({ cfg, to, accountId }) };
  } catch (error) {
    if (isGotifyError(error)) return { ok: false, error };
    throw error;
  }
};

/** The same session that inbound messages have, so that both directions share it. */
async function routeOf(
  request: TargetRequest,
  agentId: string,
): Promise<Awaited<ReturnType<ResolveRoute>>> {
  const found = await resolveConversation(request).catch((error: unknown) => {
    // Without a session the host delivers all the same, and whoever posts says what is wrong.
    if (isGotifyError(error)) return undefined;
    throw error;
  });
  if (found === undefined) return null;
  const { account, peerId } = found;
  const { cfg } = request;
  const { accountId } = account;
  const peer = { kind: "direct" as const, id: peerId };
  const bindings = { cfg, channel: CHANNEL_ID, defaultAgentId: agentId, peer };
  const own = resolveAgentRoute({ ...bindings, accountId });
  const isOwnAgent = normalizeAgentId(own.agentId) === normalizeAgentId(agentId);
  // The host looks for bindings once more, of the account that it has in mind: a scope that it finds
  // there would replace this session by one of that account.
  const hosts = resolveAgentRoute({ ...bindings, accountId: request.accountId ?? null });
  const isKept = hosts.dmScope === (cfg.session?.dmScope ?? "main");
  return {
    ...buildChannelOutboundSessionRoute({
      cfg,
      agentId,
      channel: CHANNEL_ID,
      accountId,
      recipientSessionExact: isHostsAccount(request, account) || (isOwnAgent && isKept),
      peer,
      chatType: "direct",
      from: targetOf(peerId),
      to: `${CHANNEL_ID}:${found.to}`,
    }),
    ...(isOwnAgent ? { sessionKey: own.sessionKey, baseSessionKey: own.sessionKey } : {}),
  };
}
