// Owns one turn's way through the doors: access, pairing, what the id was granted to, conversation, and what the session has already.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../../config/accounts.ts";
import { chooseConversation, resolveRoute } from "../../config/conversation.ts";
import { targetOf } from "../../config/conversation-target.ts";
import { currentConfig } from "../../config/host-types.ts";
import { applicationPeer, assertedPeer, type Peer } from "../../config/peer.ts";
import { resolveAccess } from "./access.ts";
import type { Grants } from "../../journal/grants.ts";
import type { Pairing } from "./pairing.ts";
import type { MergerOptions, TurnMessage } from "./merge.ts";
import { createDispatcher, type DispatchOptions } from "./dispatch.ts";
import { createIgnoredNotes } from "./notes.ts";
import { isApproval } from "./rights.ts";
import { createReceipts, turnKey, writtenOf, type SessionRef } from "./receipts.ts";

export interface TurnOptions extends DispatchOptions {
  readonly grants: Grants;
  readonly pairing: Pairing;
}

/** Handles the turns of one account. Rejects when the messages shall be tried again. */
export function createTurnRunner(options: TurnOptions): MergerOptions["runTurn"] {
  const { core, accountId, log } = options;
  const { applications, grants, pairing } = options;
  const { readPaired } = pairing;
  const noteIgnored = createIgnoredNotes(log);
  const receipts = createReceipts(core, options.signal);
  const dispatch = createDispatcher(options, receipts);

  return async function run({ messages, isCommand, lifecycle, noteHandedIn }) {
    const newest = messages.at(-1);
    if (newest === undefined) return;
    const { appId } = newest.message;
    // Read for each turn: a changed policy holds from the next message on, without a restart.
    const cfg = currentConfig(core);
    const account = resolveAccount(cfg, accountId);
    // Whether is asked about the application alone; which conversation is asked afterwards.
    const own = applicationPeer(newest.message);
    const question = {
      cfg,
      account,
      appId,
      peerId: own.id,
      readPaired,
      isCommand,
      isApproval: isCommand && isApproval(newest.message.message),
    };

    const verdict = await resolveAccess(question);
    if (verdict.senderAccess.decision === "pairing") {
      // It was often made just now, and whoever reads its code wants to know whose it is.
      const stranger = await applications.lookUp(appId).catch(() => undefined);
      await pairing.challenge({ cfg, account, appId, name: stranger?.name, peerId: own.id });
      return;
    }
    if (verdict.senderAccess.decision !== "allow") {
      noteIgnored(newest.message, account);
      return;
    }
    // Whoever lets everybody talk means whatever has the id now. But rights were given to somebody, and the host
    // finds some of them by the id alone, in a plain message as well: an owner's tools, or elevated mode.
    const isByName = isCommand || !account.allowFrom.includes("*") || grants.isRemembered(appId);
    if (isByName && !(await grants.fits(appId))) return;

    const peer = conversationOf(cfg, messages) ?? assertedPeer(newest.message);
    const { route } = resolveRoute(cfg, accountId, peer);
    const unwritten = await withoutWritten(messages, cfg, { ...route, to: targetOf(peer.id) });
    if (account.inbound.deleteHandled) {
      const written = messages.filter((message) => !unwritten.includes(message));
      options.noteForDeletion?.(idsOf(written), true);
    }
    const last = unwritten.at(-1);
    if (last === undefined) return;
    const { agentId, sessionKey } = route;
    const admitted = await resolveAccess({
      ...question,
      peerId: peer.id,
      turn: { agentId, sessionKey, messageId: last.id },
    });
    if (admitted.ingress.admission !== "dispatch") {
      log.warn(
        `Message ${last.message.id} of application ${appId} was not handed to the agent: ${admitted.ingress.reasonCode}.`,
      );
      return;
    }
    noteHandedIn(unwritten);
    const turn = {
      cfg,
      account,
      messages: unwritten.map(({ message }) => message),
      rowIds: idsOf(unwritten),
      last: last.message,
      id: last.id,
      isCommand,
      lifecycle,
    };
    await dispatch(turn, peer, admitted);
  };

  /** The one they share; `undefined` where a change of the configuration has parted them meanwhile. */
  function conversationOf(cfg: OpenClawConfig, messages: readonly TurnMessage[]): Peer | undefined {
    const peers = messages.map(({ message }) => chooseConversation(cfg, accountId, message));
    return peers.every(({ id }) => id === peers[0]?.id) ? peers[0] : undefined;
  }

  /** What the session does not have yet. Only what was handed over before is looked for. */
  async function withoutWritten(
    messages: readonly TurnMessage[],
    cfg: OpenClawConfig,
    session: SessionRef & { to: string },
  ): Promise<readonly TurnMessage[]> {
    if (messages.every(({ handedIn }) => handedIn === undefined)) return messages;
    const keys = await receipts.written(cfg, session);
    const keyOf = (messageId: string): string => turnKey({ accountId, to: session.to, messageId });
    const written = writtenOf(messages, (id) => keys.has(keyOf(id)));
    if (written.length === 0) return messages;
    const ids = written.map(({ message }) => message.id).join(", ");
    log.info(`Not handed over again, the agent's session has it from before the restart: ${ids}.`);
    return messages.filter((message) => !written.includes(message));
  }
}

function idsOf(messages: readonly TurnMessage[]): readonly string[] {
  return messages.map(({ id }) => id);
}
