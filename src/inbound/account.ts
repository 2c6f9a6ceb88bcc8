// Owns the life of one account in the Gateway: from start to abort, whatever becomes of its journal in between.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { onPost } from "../config/account-signals.ts";
import { accountsInOrder, resolveAccount } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { chooseConversation } from "../config/conversation.ts";
import { currentConfig, reportStatus } from "../config/host-types.ts";
import { installId } from "../config/install-id.ts";
import { errorText } from "../config/error-text.ts";
import { getRuntime } from "../config/runtime.ts";
import { accountFolder, accountPath } from "../config/state-folder.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { accountLog } from "./account-log.ts";
import { runUntilAborted } from "./account-loop.ts";
import { createAccountStatus, type StatusSink } from "./account-status.ts";
import { createAccountVitals } from "./account-vitals.ts";
import { consume } from "./consumer.ts";
import { deleteHandled } from "./after-handled.ts";
import { isOwnEcho } from "./feed/echo.ts";
import { createDeletions } from "../journal/deletions.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { openJournal } from "../journal/journal.ts";
import { createCommandTest, laneOf, type LaneOf } from "./turn/lane.ts";
import { createMonitor } from "./monitor.ts";
import {
  assertInFront,
  onChange,
  type OverlapError,
  tellChange,
  untilAlone,
  watchAlone,
} from "./other-receivers.ts";
import { createJudge } from "./feed/judge.ts";
import { sleep, untilAborted } from "./feed/sleep.ts";
import { sendOnly } from "./send-only.ts";
import { createSenders } from "./turn/senders.ts";
import { createTurns } from "./turn/turns.ts";
import type { WayOut } from "./turn/reply.ts";
import { beginVitals } from "../vitals/vitals.ts";
import { realWorld } from "./world.ts";

type Gateway = NonNullable<ChannelPlugin<ResolvedAccount>["gateway"]>;
type GatewayContext = Parameters<NonNullable<Gateway["startAccount"]>>[0];

/** Runs until the Gateway aborts it, and returns when everything it opened is closed. */
export async function runAccount(ctx: GatewayContext, wayOut: WayOut): Promise<void> {
  const { accountId, abortSignal: signal } = ctx;
  const setStatus: StatusSink = (patch) => reportStatus(ctx.setStatus, accountId, patch);
  const log = accountLog(accountId, ctx.log);
  const running = beginVitals(accountId);
  const vitals = createAccountVitals(running, Date.now);
  const status = createAccountStatus(setStatus, log, Date.now, vitals.notice);
  const stopListening = onPost(accountId, ({ kind }) => {
    if (kind === "posted") vitals.posted();
  });
  try {
    if (!ctx.account.inbound.enabled) {
      vitals.onlySends();
      log.info("Only sends: no client token is set, or inbound.enabled is false.");
      setStatus({ running: true, lifecycle: "ready" });
      await onlySend();
      return;
    }
    await runUntilAborted(runOnce, {
      accountId,
      signal,
      onBlocked(reason) {
        vitals.blocked(reason);
        status.blocked(reason);
      },
    });
  } catch (error) {
    running.endWith(errorText(error));
    throw error;
  } finally {
    stopListening();
    running.end();
    status.stopped();
    tellChange(accountId);
  }

  /** Needs no connection; returning would make the Gateway restart the account for ever. */
  async function onlySend(): Promise<void> {
    try {
      await sendOnly({
        accountId,
        client: accountClient(ctx.account),
        folder: accountFolder(getRuntime().state.resolveStateDir(), accountId),
        vitals,
        log,
        onPosting(problem) {
          if (problem === undefined) log.info("Messages can be posted again.");
          else log.error(problem);
          setStatus({ lastError: problem ?? null });
        },
        signal,
        world: realWorld,
      });
    } catch (error) {
      // What stands in the configuration cannot work: whoever changes that starts the account again.
      vitals.posting(errorText(error));
      log.error(errorText(error));
      await untilAborted(signal);
    }
  }

  async function runOnce(): Promise<void> {
    const core = getRuntime();
    const stateDir = core.state.resolveStateDir();
    // It may have stood back for an account that has changed since, so that no restart of its own brought the news.
    const account = resolveAccount(currentConfig(core), accountId);
    // Or it was just switched off, and whoever does that ends it.
    if (!account.enabled || !account.inbound.enabled) return untilAborted(signal);
    assertInFront(account);
    const client = accountClient(account);
    await untilAlone({
      currentConfig: () => currentConfig(core),
      account,
      signal,
      onWaiting(error, failures) {
        const waiting = { kind: "waiting", error, failures } as const;
        vitals.feed(waiting);
        status.feed(waiting);
      },
    });
    const ownId = installId(stateDir);
    const { journal, setAside } = openJournal(accountFolder(stateDir, accountId));
    if (setAside !== undefined) {
      status.notice(
        `The journal was damaged and is kept as ${setAside}. A new one begins here: what is stored on the server up to now is not answered.`,
      );
    }
    const ending = new AbortController();
    const whileRunning = AbortSignal.any([signal, ending.signal]);
    let overlap: OverlapError | undefined;
    /** Whether it still stands alone: another account may have come, or the server may say more by now. */
    const lookAgain = watchAlone({
      currentConfig: () => currentConfig(core),
      account,
      signal: ending.signal,
      onOverlap(error) {
        overlap = error;
        ending.abort();
      },
    });
    onChange((other) => {
      if (other !== accountId) lookAgain();
    }, ending.signal);
    tellChange(accountId);
    try {
      const senders = createSenders({
        core,
        accountId,
        client,
        journal,
        wayOut,
        log,
        notice: status.notice,
        signal: whileRunning,
      });
      void wayOut
        .settleLeftovers({
          currentConfig: () => currentConfig(core),
          accountId,
          signal: whileRunning,
        })
        .catch((error: unknown) => {
          if (!whileRunning.aborted) log.warn(`Could not complete answers: ${errorText(error)}`);
        });
      const isCommand = createCommandTest({
        commands: core.channel.commands,
        accountId,
        currentConfig: () => currentConfig(core),
      });
      const laneFor: LaneOf = (message, command) =>
        laneOf(message, command, chooseConversation(currentConfig(core), accountId, message));
      const deletions = createDeletions(journal);
      await consume({
        account,
        client,
        journal,
        judge: createJudge({
          isEcho: (message) => isOwnEcho(message, ownId),
          isCommand,
          watched: account.inbound.applications,
          minPriority: account.inbound.minPriority,
          now: Date.now,
        }),
        laneOf: (message) => laneFor(message, isCommand(message)),
        otherFolders: () =>
          accountsInOrder(currentConfig(core))
            .filter((other) => other.accountId !== accountId)
            .map((other) => accountPath(stateDir, other.accountId)),
        createMonitor: (queue, ended, onError) =>
          createMonitor({
            queue,
            turns: createTurns({
              core,
              accountId,
              installId: ownId,
              applications: senders.applications,
              grants: senders.grants,
              pairing: senders.pairing,
              isCommand,
              laneOf: laneFor,
              joinTurn: (ids) => queue.joinTurn(ids),
              noteHandedIn: (ids) => queue.noteHandedIn(ids),
              handedIn: (id) => queue.handedIn(id),
              onTurn: vitals.turn,
              noteForDeletion: deletions.note,
              wayOut,
              log,
              signal: ended,
            }),
            onError,
            onLog: log.warn,
            signal: ended,
          }),
        status: {
          ...status,
          feed(state) {
            status.feed(state);
            // A server that was replaced or restored has been away.
            if (state.kind !== "read") return;
            if (!state.isFirst) {
              void senders.lookAtNews();
              return;
            }
            void vitals.readVersion(client, whileRunning);
            void senders.look();
            lookAgain();
          },
        },
        vitals,
        log,
        deleteHandled: async (feed, ended) => {
          if (account.inbound.deleteHandled) {
            const isEcho = (message: GotifyMessage): boolean => isOwnEcho(message, ownId);
            const now = Date.now;
            await deleteHandled({
              client,
              deletions,
              feed,
              isEcho,
              log,
              sleep,
              now,
              signal: ended,
            });
          } else {
            // What was handled under another setting stays, also when that setting comes back.
            deletions.forget();
          }
        },
        onAdmitted: () => setStatus({ lastInboundAt: Date.now() }),
        signal: whileRunning,
      });
      if (overlap !== undefined) throw overlap;
    } finally {
      ending.abort();
      journal.close();
    }
  }
}
