// Owns the last step in: a turn with its conversation becomes the host's context and goes to the agent.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import {
  bindIngressLifecycleToReplyOptions,
  resolveAgentOutboundIdentity,
} from "openclaw/plugin-sdk/channel-outbound";
import type { PluginRuntime } from "../../config/runtime.ts";
import { resolveRoute } from "../../config/conversation.ts";
import { targetOf } from "../../config/conversation-target.ts";
import type { Peer } from "../../config/peer.ts";
import { senderId } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { AccountLog } from "../account-log.ts";
import type { AccessVerdict } from "./access.ts";
import { wordsForAgent } from "./agent-text.ts";
import type { Applications } from "./applications.ts";
import type { TurnLifecycle } from "./handover.ts";
import { refusedByHost } from "./host-commands.ts";
import { fetchImage } from "./image-fetch.ts";
import { loopFacts } from "./loop-guard.ts";
import { collectImages } from "./media.ts";
import { createLoopNotes } from "./notes.ts";
import { turnKey, type Receipts } from "./receipts.ts";
import { replyDelivery, type WayOut } from "./reply.ts";

export interface DispatchOptions {
  readonly core: PluginRuntime;
  readonly accountId: string;
  /** Tells another OpenClaw's posts from ours. */
  readonly installId: string;
  readonly applications: Applications;
  readonly wayOut: WayOut;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
  /** Writes down that these rows' messages may be deleted on the server once they are completed, or takes it back. */
  readonly noteForDeletion?: ((rowIds: readonly string[], wanted: boolean) => void) | undefined;
}

/** What is the same for all messages of a turn, which come from one application and enter one conversation. */
export interface Turn {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly messages: readonly GotifyMessage[];
  /** By their ids in the journal. */
  readonly rowIds: readonly string[];
  /** The newest. */
  readonly last: GotifyMessage;
  /** The newest's id in the journal, by which the host knows the turn. */
  readonly id: string;
  readonly isCommand: boolean;
  readonly lifecycle: TurnLifecycle;
}

export type Dispatch = (turn: Turn, peer: Peer, admitted: AccessVerdict) => Promise<void>;

/** Resolves when the host has taken the turn, or has ended it. Rejects when it shall be tried again. */
export function createDispatcher(options: DispatchOptions, receipts: Receipts): Dispatch {
  const { core, accountId, applications, log } = options;
  const noteLoop = createLoopNotes(log);

  return async function dispatch(turn, peer, admitted) {
    const { cfg, account, messages, last, isCommand } = turn;
    core.channel.activity.record({ channel: CHANNEL_ID, accountId, direction: "inbound" });
    const { route, buildEnvelope } = resolveRoute(cfg, accountId, peer);
    const appName = (await applications.nameOf(last.appId)) ?? `application ${last.appId}`;
    const images = await collectImages(messages, {
      imageHosts: account.inbound.imageHosts,
      maxBytes: account.common.mediaMaxBytes,
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
    const target = targetOf(peer.id);
    const ctxPayload = core.channel.inbound.buildContext({
      channelIngress: admitted,
      channel: CHANNEL_ID,
      accountId: route.accountId,
      // Not the server's own: the host keeps ids for a while, and a server that begins anew gives them out again.
      messageId: turn.id,
      timestamp,
      // Who speaks, not where: the host's lists for elevated mode are compared with it, and a target holds a name
      // that its sender chose, or an id without its account.
      from: `${CHANNEL_ID}:${senderId(accountId, last.appId)}`,
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

    const refusal = isCommand
      ? refusedByHost({ cfg, account, appId: last.appId, ctx: ctxPayload, command })
      : undefined;
    if (refusal !== undefined) {
      const { signal } = options;
      await options.wayOut.post({
        cfg,
        accountId,
        to: target,
        payload: { text: refusal },
        signal,
      });
      return;
    }
    const facts = loopFacts({
      cfg,
      account,
      installId: options.installId,
      conversationId: peer.id,
      message: last,
    });
    const { lifecycle } = turn;
    receipts.expect(
      turnKey({ accountId, to: target, messageId: turn.id }),
      lifecycle.onWritten,
      lifecycle.doneSignal,
    );
    if (account.inbound.deleteHandled) options.noteForDeletion?.(turn.rowIds, true);
    const result = await core.channel.inbound.dispatch({
      cfg,
      channel: CHANNEL_ID,
      accountId,
      route: { agentId: route.agentId, ...dmScope, sessionKey: route.sessionKey },
      ctxPayload,
      delivery: replyDelivery({
        cfg,
        accountId,
        to: target,
        turn: {
          agentId: route.agentId,
          agentName: resolveAgentOutboundIdentity(cfg, route.agentId)?.name,
          messageId: last.id,
          appId: last.appId,
          appName,
        },
        wayOut: options.wayOut,
        log,
        signal: options.signal,
      }),
      replyPipeline: {},
      replyOptions: replyOptions(lifecycle, account),
      record: {
        onRecordError: (error) =>
          log.warn(`Could not record message ${last.id} in its session: ${String(error)}`),
      },
      ...(facts === undefined ? {} : { botLoopProtection: facts }),
    });
    // Nobody has read it.
    if (result.admission.kind === "drop") options.noteForDeletion?.(turn.rowIds, false);
    if (facts !== undefined) noteLoop(last, isStoppedLoop(result));
  };
}

/** The host's binding, with the end of a queued turn, which it leaves out, and what it leaves to the channel. */
function replyOptions(lifecycle: TurnLifecycle, { common }: ResolvedAccount) {
  const { turnAdoptionLifecycle } = bindIngressLifecycleToReplyOptions(lifecycle);
  const { onSettled } = lifecycle;
  return {
    turnAdoptionLifecycle: { ...turnAdoptionLifecycle, onSettled },
    ...(common.blockStreaming === undefined
      ? {}
      : { disableBlockStreaming: !common.blockStreaming }),
  };
}

function isStoppedLoop(result: {
  dispatched: boolean;
  admission: { kind: string; reason?: string };
}): boolean {
  const { admission } = result;
  return admission.kind === "drop" && admission.reason === "bot-loop-protection";
}
