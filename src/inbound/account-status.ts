// Owns what an account says about itself while it runs: each change for the Gateway's status, and for the log what a person would want to read.
import {
  channelBlockedPatch,
  channelReadyPatch,
  channelStoppedPatch,
} from "openclaw/plugin-sdk/gateway-runtime";
import type { StatusPatch } from "../config/host-types.ts";
import type { AccountLog } from "./account-log.ts";
import type { BackfillReport } from "./feed/backfill.ts";
import type { FeedState } from "./feed/feed.ts";

export type StatusSink = (patch: StatusPatch) => void;

export interface AccountStatus {
  readonly feed: (state: FeedState) => void;
  /** No answer can be posted, for this reason; `undefined` when that is over. */
  readonly posting: (problem: string | undefined) => void;
  readonly blocked: (reason: string) => void;
  /** Something a person should know that stops nothing. */
  readonly notice: (text: string) => void;
  readonly stopped: () => void;
}

export function createAccountStatus(
  setStatus: StatusSink,
  log: AccountLog,
  now: () => number,
  /** Called with what a person should know. */
  onNotice: (text: string) => void = () => {},
): AccountStatus {
  let lastText: string | undefined;
  let posting: string | undefined;
  let isLive = false;
  const once = (text: string, say: (text: string) => void): void => {
    if (text !== lastText) say(text);
    lastText = text;
  };
  const ready = (): void => {
    // Connected, but whoever asks would get no answer: that is not ready.
    if (posting === undefined) setStatus(channelReadyPatch({ reconnectAttempts: 0 }));
    else setStatus({ lifecycle: "recovering", connected: true, lastError: posting });
  };
  /** For the log and for whoever asks: the host's status keeps a reason until the account ends. */
  const mention = (text: string): void => {
    log.warn(text);
    onNotice(text);
  };
  const notice = (text: string): void => {
    mention(text);
    setStatus({ stateReason: text });
  };
  const blocked = (reason: string): void => {
    isLive = false;
    setStatus(channelBlockedPatch(reason, { connected: false }));
  };

  return {
    feed(state) {
      switch (state.kind) {
        case "connecting":
          if (lastText === undefined) setStatus({ running: true, lifecycle: "starting" });
          break;
        case "catching-up":
          setStatus({ lastConnectedAt: now() });
          break;
        case "read":
          if (state.isFirst) {
            isLive = true;
            once("Connected: messages arrive.", log.info);
            ready();
          }
          tellOfReading(state.report, state.isFirst);
          break;
        case "unreadable":
          isLive = false;
          once(`${state.error.message} What was missed cannot be read; trying again.`, log.warn);
          setStatus({ lifecycle: "recovering", connected: true, lastError: state.error.message });
          break;
        case "waiting":
          isLive = false;
          once(`${state.error.message} Trying again.`, log.warn);
          setStatus({
            lifecycle: "recovering",
            connected: false,
            reconnectAttempts: state.failures,
            lastError: state.error.message,
            lastDisconnect: { at: now(), error: state.error.message },
          });
          break;
        case "blocked":
          once(`${state.error.message} Trying again every few minutes.`, log.error);
          blocked(state.error.message);
          break;
        case "gave-up":
          once(
            `${state.error.message} Gave up after inbound.maxReconnectAttempts; restart the channel to try again.`,
            log.error,
          );
          blocked(state.error.message);
          break;
      }
    },

    posting(problem) {
      posting = problem;
      if (problem === undefined) log.info("Answers can be posted again.");
      else log.error(`${problem} New messages wait until that is put right.`);
      if (isLive) ready();
    },

    blocked(reason) {
      once(reason, log.error);
      blocked(reason);
    },

    notice,

    stopped: () => setStatus(channelStoppedPatch()),
  };

  function tellOfReading(report: BackfillReport, isFirst: boolean): void {
    const { admitted, skipped, restarted } = report;
    if (restarted) {
      mention(
        "The server began to number its messages anew, after a reset or a restore. Only what is dated later than all before is new.",
      );
    }
    if (skipped !== undefined) {
      const when = skipped.date?.toISOString() ?? "an unknown time";
      notice(
        `Skipped what was posted up to ${when} (message ${skipped.id} and older): more or older than inbound.catchUp allows.`,
      );
    }
    if (admitted === 0) return;
    const messages = admitted === 1 ? "1 message" : `${admitted} messages`;
    if (report.first) log.info(`First start: ${messages} of the history for the agent.`);
    else if (isFirst) log.info(`Caught up: ${messages} had been posted while away.`);
    else mention(`Found ${messages} that the stream did not bring.`);
  }
}
