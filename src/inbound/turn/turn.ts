// Owns one turn: messages from the journal through access, pairing, route and context to the agent.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { bindIngressLifecycleToReplyOptions } from "openclaw/plugin-sdk/channel-outbound";
import { createChannelPairingController } from "openclaw/plugin-sdk/channel-pairing";
import { resolveAccount } from "../../config/accounts.ts";
import { currentConfig } from "../../config/host-types.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { resolveAccess, type AccessVerdict } from "./access.ts";
import type { AccountLog } from "../account-log.ts";
import { wordsForAgent } from "./agent-text.ts";
import type { ApplicationNames } from "./application-names.ts";
import { chooseConversation, resolveRoute } from "./conversation.ts";
import { fetchImage } from "./image-fetch.ts";
import { loopFacts } from "./loop-guard.ts";
import { collectImages } from "./media.ts";
import type { MergerOptions, TurnLifecycle } from "./merge.ts";
import { applicationPeer, senderId, type Peer } from "./peer.ts";
import { replyDelivery, type PostReply } from "./reply.ts";

const MAX_NOTED_APPLICATIONS = 1_000;

export interface TurnOptions {
  readonly core: PluginRuntime;
  readonly accountId: string;
  /** Tells another OpenClaw's posts from ours. */
  readonly installId: string;
  readonly names: ApplicationNames;
  readonly post: PostReply;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
}

/** What is the same for all messages of a turn, which come from one application and enter one conversation. */
interface Turn {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly messages: readonly GotifyMessage[];
  /** The newest: the host knows the turn by its id. */
  readonly last: GotifyMessage;
  readonly isCommand: boolean;
  readonly lifecycle: TurnLifecycle;
}

/** Handles the turns of one account. Rejects when the messages shall be tried again. */
export function createTurnRunner(options: TurnOptions): MergerOptions["runTurn"] {
  const { core, accountId, log } = options;
  const pairing = createChannelPairingController({ core, channel: CHANNEL_ID, accountId });
  const readPaired = async (): Promise<string[]> =>
    (await pairing.readStoreForDmPolicy(CHANNEL_ID, accountId)).map(String);
  const noteIgnored = createIgnoredNotes(log);
  const noteLoop = createLoopNotes(log);

  return async function run({ messages, isCommand, lifecycle }) {
    const last = messages.at(-1);
    if (last === undefined) return;
    // Read for each turn: a changed policy holds from the next message on, without a restart.
    const cfg = currentConfig(core);
    const account = resolveAccount(cfg, accountId);
    // Whether is asked about the application alone; which conversation is asked afterwards.
    const own = applicationPeer(last);
    const question = { cfg, account, appId: last.appId, peerId: own.id, readPaired, isCommand };

    const verdict = await resolveAccess(question);
    if (verdict.senderAccess.decision === "pairing") {
      await pairing.issueChallenge({
        senderId: senderId(accountId, last.appId),
        senderIdLine: `Your Gotify application: ${last.appId} (account ${accountId})`,
        meta: {},
        sendPairingReply: async (text) => {
          await options.post({ cfg, accountId, to: own.id, text, signal: options.signal });
        },
        onReplyError: (error) => log.warn(`Could not send the pairing code: ${String(error)}`),
      });
      return;
    }
    if (verdict.senderAccess.decision !== "allow") {
      noteIgnored(last, account);
      return;
    }

    const peer = chooseConversation(cfg, accountId, last);
    const { route } = resolveRoute(cfg, accountId, peer);
    const admitted = await resolveAccess({
      ...question,
      peerId: peer.id,
      turn: {
        agentId: route.agentId,
        sessionKey: route.sessionKey,
        messageId: String(last.id),
      },
    });
    if (admitted.ingress.admission !== "dispatch") {
      log.warn(
        `Message ${last.id} of application ${last.appId} was not handed to the agent: ${admitted.ingress.reasonCode}.`,
      );
      return;
    }
    await dispatch({ cfg, account, messages, last, isCommand, lifecycle }, peer, admitted);
  };

  async function dispatch(turn: Turn, peer: Peer, admitted: AccessVerdict): Promise<void> {
    const { cfg, account, messages, last, isCommand } = turn;
    core.channel.activity.record({ channel: CHANNEL_ID, accountId, direction: "inbound" });
    const { route, buildEnvelope } = resolveRoute(cfg, accountId, peer);
    const appName = (await options.names.nameOf(last.appId)) ?? `application ${last.appId}`;
    const images = await collectImages(messages, {
      imageHosts: account.inbound.imageHosts,
      fetchImage,
      save: core.channel.media.saveMediaBuffer,
      signal: options.signal,
      onRefused: log.warn,
    });
    const words = wordsForAgent({ messages, appName, numberOf: images.numberOf });
    const timestamp = last.date?.getTime() ?? Date.now();
    const command = last.message.trim();
    const text = isCommand ? command : words.text;
    // A binding may carry its own scope; the session has to be found again under the same one.
    const dmScope = route.dmScope === undefined ? {} : { dmScope: route.dmScope };
    const target = `${CHANNEL_ID}:${peer.id}`;
    const ctxPayload = core.channel.inbound.buildContext({
      channelIngress: admitted,
      channel: CHANNEL_ID,
      accountId: route.accountId,
      messageId: String(last.id),
      timestamp,
      from: target,
      sender: { id: senderId(accountId, last.appId), name: appName },
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
        rawBody: text,
        commandBody: isCommand ? command : "",
      },
      media: images.facts,
      supplemental: { channelStructuredContext: [...words.context] },
      access: { commands: { authorized: isCommand && admitted.commandAccess.authorized } },
      ...(isCommand
        ? { command: { kind: "text-slash" as const, body: command } }
        : // A leading slash is plain text here: left to the host, it would be dropped as a forbidden command.
          { extra: { CommandInterpretationSuppressed: true } }),
    });

    const facts = loopFacts({
      cfg,
      account,
      installId: options.installId,
      conversationId: peer.id,
      message: last,
    });
    const result = await core.channel.inbound.dispatch({
      cfg,
      channel: CHANNEL_ID,
      accountId,
      route: { agentId: route.agentId, ...dmScope, sessionKey: route.sessionKey },
      ctxPayload,
      delivery: replyDelivery({
        cfg,
        accountId,
        to: peer.id,
        messageId: last.id,
        post: options.post,
        log,
        signal: options.signal,
      }),
      replyPipeline: {},
      replyOptions: { ...bindIngressLifecycleToReplyOptions(turn.lifecycle) },
      record: {
        onRecordError: (error) =>
          log.warn(`Could not record message ${last.id} in its session: ${String(error)}`),
      },
      ...(facts === undefined ? {} : { botLoopProtection: facts }),
    });
    if (facts !== undefined) noteLoop(last, isStoppedLoop(result));
  }
}

function isStoppedLoop(result: {
  dispatched: boolean;
  admission: { kind: string; reason?: string };
}): boolean {
  const { admission } = result;
  return admission.kind === "drop" && admission.reason === "bot-loop-protection";
}

/** A push server is full of machines that were never meant for the agent: one line each is enough. */
function createIgnoredNotes(log: AccountLog) {
  const noted = new Set<number>();
  return ({ appId }: GotifyMessage, account: ResolvedAccount): void => {
    if (noted.has(appId) || noted.size >= MAX_NOTED_APPLICATIONS) return;
    noted.add(appId);
    log.info(
      account.dmPolicy === "disabled"
        ? `Ignoring application ${appId}: dmPolicy is disabled, so nobody may talk to the agent.`
        : `Ignoring application ${appId}: it is not in allowFrom. Add "${appId}" there to let it talk to the agent.`,
    );
  };
}

/** One line when two agents are stopped, and one when the next message passes again. */
function createLoopNotes(log: AccountLog) {
  const stopped = new Set<number>();
  return ({ appId, id }: GotifyMessage, isStopped: boolean): void => {
    if (isStopped && !stopped.has(appId)) {
      stopped.add(appId);
      log.warn(
        `Stopped a loop: another OpenClaw answers in application ${appId}, and this one answered it too often. Message ${id} and what follows soon are not handed to the agent (botLoopProtection).`,
      );
    }
    if (!isStopped && stopped.delete(appId)) {
      log.info(`Listening to the other OpenClaw in application ${appId} again.`);
    }
  };
}
