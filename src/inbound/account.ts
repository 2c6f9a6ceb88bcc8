// Owns the life of one account in the Gateway: journal, monitor and feed start together, say how they are, and end together.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import {
  channelBlockedPatch,
  channelReadyPatch,
  channelStoppedPatch,
} from "openclaw/plugin-sdk/gateway-runtime";
import { accountClient } from "../config/client.ts";
import { reportStatus, type StatusPatch } from "../config/host-types.ts";
import { installId } from "../config/install-id.ts";
import { getRuntime } from "../config/runtime.ts";
import { accountFolder } from "../config/state-folder.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { accountLog, type AccountLog } from "./account-log.ts";
import { createApplicationNames } from "./application-names.ts";
import { runFeed, type FeedState } from "./feed.ts";
import { createJournalQueue } from "./journal-queue.ts";
import { openJournal } from "./journal.ts";
import { createMonitor, dropReason } from "./monitor.ts";
import { sleep } from "./sleep.ts";
import { serverKey } from "./wire.ts";
import { createTurnHandler, type PostReply } from "./turn.ts";

type Gateway = NonNullable<ChannelPlugin<ResolvedAccount>["gateway"]>;
type GatewayContext = Parameters<NonNullable<Gateway["startAccount"]>>[0];
type StatusSink = (patch: StatusPatch) => void;

/** Runs until the Gateway aborts it, and returns when everything it opened is closed. */
export async function runAccount(ctx: GatewayContext, post: PostReply): Promise<void> {
  const { account, accountId, abortSignal: signal } = ctx;
  const setStatus: StatusSink = (patch) => reportStatus(ctx.setStatus, accountId, patch);
  const log = accountLog(ctx.accountId, ctx.log);

  if (!account.inbound.enabled) {
    // Sending needs no connection; returning would make the Gateway restart the account for ever.
    log.info("Only sends: no client token is set, or inbound.enabled is false.");
    setStatus({ running: true, lifecycle: "ready" });
    await aborted(signal);
    setStatus(channelStoppedPatch());
    return;
  }

  const core = getRuntime();
  const stateDir = core.state.resolveStateDir();
  const client = accountClient(account);
  const journal = openJournal(accountFolder(stateDir, accountId));
  try {
    const ownId = installId(stateDir);
    const monitor = createMonitor({
      queue: createJournalQueue(journal, {
        channelId: CHANNEL_ID,
        accountId,
        queueName: `${CHANNEL_ID}:${accountId}`,
      }),
      installId: ownId,
      serverKey: serverKey(client.server.href),
      deliver: createTurnHandler({
        core,
        accountId,
        names: createApplicationNames({ client, signal }),
        post,
        log,
        signal,
      }),
      onError: (error) => log.error(`The journal does not work: ${describe(error)}`),
      onLog: log.warn,
      signal,
    });
    monitor.start();
    try {
      await runFeed({
        client,
        policy: account.inbound,
        signal,
        sleep,
        admit: async (message) => {
          const reason = dropReason(message, ownId);
          if (reason === "no-id") log.warn("Dropped a message without an id.");
          if (reason !== undefined) return;
          await monitor.admit(message);
          setStatus({ lastInboundAt: Date.now() });
        },
        onState: createStateReporter(setStatus, log),
        onDropped: (reason, bytes) => log.warn(`Dropped a frame of ${bytes} bytes (${reason}).`),
        onAdmissionError: (error) =>
          log.error(`A message could not be written down: ${describe(error)}. Reconnecting.`),
      });
      await aborted(signal);
    } finally {
      await monitor.stop();
    }
  } finally {
    journal.close();
    setStatus(channelStoppedPatch());
  }
}

/** Tells the Gateway each change, and the log each change a person would want to read. */
function createStateReporter(setStatus: StatusSink, log: AccountLog) {
  let lastText: string | undefined;
  const once = (text: string, say: (text: string) => void): void => {
    if (text !== lastText) say(text);
    lastText = text;
  };
  return (state: FeedState): void => {
    switch (state.kind) {
      case "connecting":
        if (lastText === undefined) setStatus({ running: true, lifecycle: "starting" });
        break;
      case "live":
        once("Connected: messages arrive.", log.info);
        setStatus(channelReadyPatch({ reconnectAttempts: 0 }));
        break;
      case "waiting":
        once(`${state.error.message} Trying again.`, log.warn);
        setStatus({
          lifecycle: "recovering",
          connected: false,
          reconnectAttempts: state.failures,
          lastError: state.error.message,
          lastDisconnect: { at: Date.now(), error: state.error.message },
        });
        break;
      case "blocked":
      case "gave-up": {
        const after =
          state.kind === "blocked"
            ? "Trying again every few minutes."
            : "Gave up after inbound.maxReconnectAttempts; restart the channel to try again.";
        once(`${state.error.message} ${after}`, log.error);
        setStatus(channelBlockedPatch(state.error.message, { connected: false }));
        break;
      }
    }
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
