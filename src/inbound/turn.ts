// Owns one turn: a message from the journal through access, pairing, route and context to the agent, and the reply's way back.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import {
  bindIngressLifecycleToReplyOptions,
  type ChannelIngressMonitorLifecycle,
} from "openclaw/plugin-sdk/channel-outbound";
import { createChannelPairingController } from "openclaw/plugin-sdk/channel-pairing";
import { resolveAccount } from "../config/accounts.ts";
import { currentConfig } from "../config/host-types.ts";
import type { PluginRuntime } from "../config/runtime.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { resolveAccess } from "./access.ts";
import type { AccountLog } from "./account-log.ts";
import type { ApplicationNames } from "./application-names.ts";
import { chooseConversation, resolveRoute } from "./conversation.ts";
import { applicationPeer, senderId } from "./peer.ts";

const MAX_NOTED_APPLICATIONS = 1_000;

/** Posts for a conversation; the way out belongs to another room, so it is handed in. */
export type PostReply = (post: {
  cfg: OpenClawConfig;
  accountId: string;
  to: string;
  text: string;
  mediaUrls?: readonly string[];
  signal: AbortSignal;
}) => Promise<{ messageIds: string[] }>;

export interface TurnOptions {
  readonly core: PluginRuntime;
  readonly accountId: string;
  readonly names: ApplicationNames;
  readonly post: PostReply;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
}

/** Handles messages of one account. Rejects when a message shall be tried again. */
export function createTurnHandler(options: TurnOptions) {
  const { core, accountId, log } = options;
  const pairing = createChannelPairingController({ core, channel: CHANNEL_ID, accountId });
  const readPaired = async (): Promise<string[]> =>
    (await pairing.readStoreForDmPolicy(CHANNEL_ID, accountId)).map(String);

  // A push server is full of machines that were never meant for the agent: one line each is enough.
  const ignored = new Set<number>();
  const noteIgnored = (message: GotifyMessage, account: ResolvedAccount): void => {
    if (ignored.has(message.appId) || ignored.size >= MAX_NOTED_APPLICATIONS) return;
    ignored.add(message.appId);
    log.info(
      account.dmPolicy === "disabled"
        ? `Ignoring application ${message.appId}: dmPolicy is disabled, so nobody may talk to the agent.`
        : `Ignoring application ${message.appId}: it is not in allowFrom. Add "${message.appId}" there to let it talk to the agent.`,
    );
  };

  return async function handle(
    message: GotifyMessage,
    lifecycle: ChannelIngressMonitorLifecycle,
  ): Promise<void> {
    // Read for each message: a changed policy holds from the next message on, without a restart.
    const cfg = currentConfig(core);
    const account = resolveAccount(cfg, accountId);
    const sender = senderId(accountId, message.appId);
    // Whether is asked about the application alone; which conversation is asked afterwards.
    const own = applicationPeer(message);
    const question = { cfg, account, appId: message.appId, peerId: own.id, readPaired };

    const verdict = await resolveAccess(question);
    if (verdict.senderAccess.decision === "pairing") {
      await pairing.issueChallenge({
        senderId: sender,
        senderIdLine: `Your Gotify application: ${message.appId} (account ${accountId})`,
        meta: {},
        sendPairingReply: async (text) => {
          await options.post({ cfg, accountId, to: own.id, text, signal: options.signal });
        },
        onReplyError: (error) => log.warn(`Could not send the pairing code: ${String(error)}`),
      });
      return;
    }
    if (verdict.senderAccess.decision !== "allow") {
      noteIgnored(message, account);
      return;
    }

    const peer = chooseConversation(cfg, accountId, message);
    const { route, buildEnvelope } = resolveRoute(cfg, accountId, peer);
    const admitted = await resolveAccess({
      ...question,
      peerId: peer.id,
      turn: {
        agentId: route.agentId,
        sessionKey: route.sessionKey,
        messageId: String(message.id),
      },
    });
    if (admitted.ingress.admission !== "dispatch") {
      log.warn(
        `Message ${message.id} of application ${message.appId} was not handed to the agent: ${admitted.ingress.reasonCode}.`,
      );
      return;
    }

    core.channel.activity.record({ channel: CHANNEL_ID, accountId, direction: "inbound" });
    const appName = (await options.names.nameOf(message.appId)) ?? `application ${message.appId}`;
    const timestamp = message.date?.getTime() ?? Date.now();
    const text = withTitle(message, appName);
    // A binding may carry its own scope; the session has to be found again under the same one.
    const dmScope = route.dmScope === undefined ? {} : { dmScope: route.dmScope };
    const target = `${CHANNEL_ID}:${peer.id}`;
    const ctxPayload = core.channel.inbound.buildContext({
      channelIngress: admitted,
      channel: CHANNEL_ID,
      accountId: route.accountId,
      messageId: String(message.id),
      timestamp,
      from: target,
      sender: { id: sender, name: appName },
      conversation: { kind: "direct", id: peer.id, label: appName },
      route: {
        agentId: route.agentId,
        ...dmScope,
        accountId: route.accountId,
        routeSessionKey: route.sessionKey,
      },
      reply: { to: target, originatingTo: target },
      message: {
        body: buildEnvelope({ channel: "Gotify", from: appName, timestamp, body: text }),
        bodyForAgent: text,
        rawBody: message.message,
        commandBody: message.message,
      },
      access: { commands: { authorized: false } },
    });

    await core.channel.inbound.dispatch({
      cfg,
      channel: CHANNEL_ID,
      accountId,
      route: { agentId: route.agentId, ...dmScope, sessionKey: route.sessionKey },
      ctxPayload,
      delivery: {
        observeMessageSent: true,
        // Finals go through the host's own queue: they survive a restart between answer and post.
        durable: () => ({ to: peer.id }),
        // What the queue does not take (an interim block, say) is posted at once.
        deliver: async (payload) => {
          const reply = payload.text ?? "";
          const mediaUrls = [payload.mediaUrl, ...(payload.mediaUrls ?? [])]
            .filter((url) => url !== undefined)
            .filter((url, index, all) => all.indexOf(url) === index);
          if (reply.trim() === "" && mediaUrls.length === 0) return { visibleReplySent: false };
          const { messageIds } = await options.post({
            cfg,
            accountId,
            to: peer.id,
            text: reply,
            mediaUrls,
            signal: options.signal,
          });
          return { visibleReplySent: true, messageIds };
        },
        onError: (error, { kind }) =>
          log.warn(
            `Could not deliver the ${kind} reply to message ${message.id}: ${String(error)}`,
          ),
      },
      replyPipeline: {},
      replyOptions: { ...bindIngressLifecycleToReplyOptions(lifecycle) },
      record: {
        onRecordError: (error) =>
          log.warn(`Could not record message ${message.id} in its session: ${String(error)}`),
      },
    });
  };
}

/** The title is part of what an alert says; Gotify fills in the application's name when the sender left it out. */
function withTitle(message: GotifyMessage, appName: string): string {
  const title = message.title.trim();
  return title === "" || title === appName ? message.message : `${title}\n\n${message.message}`;
}
