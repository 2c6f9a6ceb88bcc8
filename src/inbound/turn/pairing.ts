// Owns how a stranger is let in: the code it is sent, seldom, and the word that it was approved.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { createChannelPairingController } from "openclaw/plugin-sdk/channel-pairing";
import { resolveAccount } from "../../config/accounts.ts";
import { targetOf } from "../../config/conversation-target.ts";
import { errorText } from "../../config/error-text.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { isListed, senderId } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { AccountLog } from "../account-log.ts";
import { sleep } from "../feed/sleep.ts";
import type { WayOut } from "./reply.ts";
import { ownersOf } from "./rights.ts";
import type { Challenges } from "../../journal/challenges.ts";

/** How often the store is looked at while somebody waits for an approval. */
const LOOK_MS = 5_000;

type Controller = Pick<
  ReturnType<typeof createChannelPairingController>,
  "readStoreForDmPolicy" | "upsertPairingRequest" | "issueChallenge"
>;

export interface Stranger {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly appId: number;
  readonly name: string | undefined;
  /** The conversation to answer in. */
  readonly peerId: string;
}

export interface Pairing {
  /** Who was approved, as the host keeps it. */
  readonly readPaired: () => Promise<string[]>;
  /** Sends a code, or does not: a machine that is told to be silent stays so. */
  readonly challenge: (stranger: Stranger) => Promise<void>;
  /** Tells those who wait when they have been approved, until the account stops; who was sent no code is told nothing. */
  readonly announceApprovals: (currentConfig: () => OpenClawConfig) => Promise<void>;
}

export function createPairing(options: {
  readonly core: PluginRuntime;
  readonly accountId: string;
  readonly challenges: Challenges;
  readonly wayOut: Pick<WayOut, "post">;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
  /** The host's pairing; passed in where tests own it. */
  readonly controller?: Controller;
}): Pairing {
  const { core, accountId, challenges, log, signal } = options;
  const controller: Controller =
    options.controller ?? createChannelPairingController({ core, channel: CHANNEL_ID, accountId });
  const readPaired = async (): Promise<string[]> =>
    (await controller.readStoreForDmPolicy(CHANNEL_ID, accountId)).map(String);

  async function tell(cfg: OpenClawConfig, peerId: string, text: string): Promise<void> {
    await options.wayOut.post({
      cfg,
      accountId,
      to: targetOf(peerId),
      payload: { text },
      signal,
    });
  }

  return {
    readPaired,

    async challenge({ cfg, account, appId, name, peerId }) {
      if (isListed(account, account.inbound.ignore, appId)) return;
      if (!challenges.mayChallenge(appId)) return;
      const id = senderId(accountId, appId);
      if (!account.pairingReplies) {
        await controller.upsertPairingRequest({ id, meta: {} });
        challenges.noteChallenge(appId);
        log.info(
          `Application ${appId} asks to talk to the agent. It was sent no code (pairing.replies is false); see openclaw pairing list gotify.`,
        );
        return;
      }
      await controller.issueChallenge({
        senderId: id,
        senderIdLine: introduce(cfg, accountId, appId, name),
        meta: {},
        sendPairingReply: async (text) => {
          await tell(cfg, peerId, text);
          // What did not arrive was no code.
          challenges.noteChallenge(appId);
        },
        onReplyError: (error) => log.warn(`Could not send the pairing code: ${errorText(error)}`),
      });
    },

    async announceApprovals(currentConfig) {
      while (!signal.aborted) {
        try {
          const waiting = challenges.open();
          const paired = waiting.length === 0 ? [] : await readPaired();
          for (const appId of waiting.filter((one) => paired.includes(senderId(accountId, one)))) {
            challenges.noteAnnounced(appId);
            log.info(`Application ${appId} was approved.`);
            const cfg = currentConfig();
            // It was sent no code, so it waits for no answer to one: that would be a push out of the blue.
            if (!resolveAccount(cfg, accountId).pairingReplies) continue;
            await tell(cfg, String(appId), "Approved: you can talk to the agent now.");
          }
        } catch (error) {
          if (!signal.aborted) log.warn(`Could not look for approvals: ${errorText(error)}`);
        }
        await sleep(LOOK_MS, signal).catch(() => {});
      }
    },
  };
}

/** Who asks, for whoever reads the push and decides; and what the decision means while there is no owner. */
function introduce(
  cfg: OpenClawConfig,
  accountId: string,
  appId: number,
  name: string | undefined,
): string {
  const who = `Your Gotify application: ${appId}${name === undefined ? "" : ` (${name})`}, account ${accountId}`;
  if (ownersOf(cfg).length > 0) return who;
  return (
    `${who}\n` +
    "OpenClaw has no owner yet, and whoever is approved first becomes it: an owner may approve what agents ask to do. " +
    "Approve an application that only you write with, never one that a machine posts to; or name the owner yourself first, in commands.ownerAllowFrom."
  );
}
