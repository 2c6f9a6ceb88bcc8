// Owns how a stranger is let in: the code it is sent, seldom, and the word that it was approved.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import {
  createChannelPairingChallengeIssuer,
  createChannelPairingController,
} from "openclaw/plugin-sdk/channel-pairing";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { resolveAccount } from "../../config/accounts.ts";
import { targetOf } from "../../config/conversation-target.ts";
import { errorText } from "../../config/error-text.ts";
import { ownersOf } from "../../config/host-lists.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { isListed, senderId } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import { oneLine } from "../../gotify/one-line.ts";
import type { Challenges, Standing } from "../../journal/challenges.ts";
import type { Grants } from "../../journal/grants.ts";
import type { AccountLog } from "../account-log.ts";
import { sleep } from "../feed/sleep.ts";
import type { WayOut } from "./reply.ts";

/** How often the store is looked at while somebody waits for an approval. */
const LOOK_MS = 5_000;
/** Of so many that were sent no code the log says so; a server has no more applications than that. */
const MAX_NOTED_APPLICATIONS = 1_000;
/** Why an application that asks is sent no code. */
const NO_CODE: Readonly<Partial<Record<Standing, string>>> = {
  crowded: "three codes a day is all that an account sends, and others had them.",
  expired: "its last one has expired after an hour, and the next is sent a day after that one.",
};

type Controller = Pick<
  ReturnType<typeof createChannelPairingController>,
  "readStoreForDmPolicy" | "upsertPairingRequest"
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
  /** Remembers who asks: an approval is for that one, and not for what has its id by then. */
  readonly grants: Pick<Grants, "fits">;
  readonly wayOut: Pick<WayOut, "post">;
  readonly log: AccountLog;
  readonly signal: AbortSignal;
  /** The host's pairing and the clock; passed in where tests own them. */
  readonly controller?: Controller;
  readonly sleep?: typeof sleep;
}): Pairing {
  const { core, accountId, challenges, log, signal } = options;
  const controller: Controller =
    options.controller ?? createChannelPairingController({ core, channel: CHANNEL_ID, accountId });
  const readPaired = async (): Promise<string[]> =>
    (await controller.readStoreForDmPolicy(CHANNEL_ID, accountId)).map(String);
  /** Those of which the log has said that they were sent no code. */
  const unasked = new Set<number>();
  /** Those whose approval could not be told yet, and of which the log has said so. */
  const untold = new Set<number>();

  async function tell(cfg: OpenClawConfig, peerId: string, text: string): Promise<void> {
    await options.wayOut.post({
      cfg,
      accountId,
      to: targetOf(peerId),
      payload: { text },
      signal,
    });
  }

  /** A person who is not heard needs to learn it somewhere: nothing is pushed, so here. */
  function noteUnasked({ appId, name }: Stranger, why: string): void {
    if (unasked.has(appId) || unasked.size >= MAX_NOTED_APPLICATIONS) return;
    unasked.add(appId);
    log.warn(
      `Application ${appId}${name === undefined ? "" : ` (${oneLine(name)})`} asks to talk to the agent, and was sent no code: ${why} ` +
        `To let it in without one, add "${appId}" to allowFrom; machines belong into inbound.ignore.`,
    );
  }

  function noteChallenge(appId: number): void {
    challenges.noteChallenge(appId);
    // Should it ask in vain another day, that is news.
    unasked.delete(appId);
  }

  /** @returns the request's code; empty while the host has as many open requests as it keeps. */
  async function request(stranger: Stranger): Promise<string> {
    const id = senderId(accountId, stranger.appId);
    const { code } = await controller.upsertPairingRequest({ id, meta: {} });
    if (code === "") {
      noteUnasked(
        stranger,
        "OpenClaw keeps three open requests for an account, and has them: openclaw pairing list gotify.",
      );
    }
    return code;
  }

  /** True when it was told, or may have been: told twice is worse than not at all. */
  async function tellApproval(cfg: OpenClawConfig, appId: number): Promise<boolean> {
    // It was sent no code, so it waits for no answer to one: that would be a push out of the blue.
    if (!resolveAccount(cfg, accountId).pairingReplies) return true;
    try {
      await tell(cfg, String(appId), "Approved: you can talk to the agent now.");
      untold.delete(appId);
      return true;
    } catch (error) {
      const isTriedAgain =
        signal.aborted || (error instanceof PlatformMessageNotDispatchedError && error.retryable);
      if (!signal.aborted && !untold.has(appId)) {
        log.warn(
          `Could not tell application ${appId} that it was approved${isTriedAgain ? ", and try again" : ""}: ${errorText(error)}`,
        );
      }
      if (isTriedAgain) untold.add(appId);
      else untold.delete(appId);
      return !isTriedAgain;
    }
  }

  async function announce(waiting: readonly number[], cfg: () => OpenClawConfig): Promise<void> {
    // By now an approval may let nobody in.
    if (waiting.length === 0 || resolveAccount(cfg(), accountId).dmPolicy !== "pairing") return;
    const paired = await readPaired();
    for (const appId of waiting.filter((one) => paired.includes(senderId(accountId, one)))) {
      if (!untold.has(appId)) log.info(`Application ${appId} was approved.`);
      // Meant was the one that asked: what has its id by now would be told, and then not be heard.
      const isMeant = await options.grants.fits(appId).catch(() => undefined);
      if (isMeant === undefined) {
        // The server does not say, and could not be posted to either.
        untold.add(appId);
        continue;
      }
      if (!isMeant) untold.delete(appId);
      if (!isMeant || (await tellApproval(cfg(), appId))) challenges.noteAnnounced(appId);
    }
  }

  async function challengeNow(stranger: Stranger): Promise<void> {
    signal.throwIfAborted();
    const { cfg, account, appId, name, peerId } = stranger;
    if (isListed(account, account.inbound.ignore, appId)) return;
    const standing = challenges.standingOf(appId);
    const why = NO_CODE[standing];
    if (why !== undefined) noteUnasked(stranger, why);
    if (standing !== "free") return;
    // Somebody else had the id, and rights with it: those are to be looked at first.
    if (!(await options.grants.fits(appId))) return;
    if (!account.pairingReplies) {
      if ((await request(stranger)) === "") return;
      noteChallenge(appId);
      log.info(
        `Application ${appId} asks to talk to the agent. It was sent no code (pairing.replies is false); see openclaw pairing list gotify.`,
      );
      return;
    }
    await createChannelPairingChallengeIssuer({
      channel: CHANNEL_ID,
      accountId,
      async upsertPairingRequest() {
        const code = await request(stranger);
        // To the host a request is new once, also when the push with its code failed then.
        return { code, created: code !== "" };
      },
    })({
      senderId: senderId(accountId, appId),
      senderIdLine: introduce(cfg, accountId, appId, name),
      meta: {},
      sendPairingReply: async (text) => {
        await tell(cfg, peerId, text);
        // What did not arrive was no code.
        noteChallenge(appId);
      },
      onReplyError: (error) => log.warn(`Could not send the pairing code: ${errorText(error)}`),
    });
  }

  /** Those that are being sent a code, by application. */
  const underWay = new Map<number, Promise<void>>();
  /** Settles when all of them are through. */
  let last: Promise<unknown> = Promise.resolve();

  /**
   * One after the other, and what else an application says meanwhile is answered by the same code: its messages
   * are handled side by side where they name different conversations, and each would find that none was sent yet.
   */
  function challenge(stranger: Stranger): Promise<void> {
    const { appId } = stranger;
    const same = underWay.get(appId);
    if (same !== undefined) return same;

    const own = last.then(() => challengeNow(stranger)).finally(() => underWay.delete(appId));
    last = own.catch(() => {});
    underWay.set(appId, own);
    return own;
  }

  return {
    readPaired,
    challenge,

    async announceApprovals(currentConfig) {
      // What was approved while nothing ran is told now, also where its code has expired meanwhile.
      let waiting = challenges.untold;
      while (!signal.aborted) {
        try {
          await announce(waiting(), currentConfig);
          waiting = untold.size === 0 ? challenges.open : challenges.untold;
        } catch (error) {
          if (!signal.aborted) log.warn(`Could not look for approvals: ${errorText(error)}`);
        }
        await (options.sleep ?? sleep)(LOOK_MS, signal).catch(() => {});
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
  const who = `Your Gotify application: ${appId}${name === undefined ? "" : ` (${oneLine(name)})`}, account ${accountId}`;
  if (ownersOf(cfg).length > 0) return who;
  return (
    `${who}\n` +
    "OpenClaw has no owner yet, and whoever is approved first becomes it: an owner may approve what agents ask to do. " +
    "Approve an application that only you write with, never one that a machine posts to; or name the owner yourself first, in commands.ownerAllowFrom."
  );
}
