// Owns when a turn's messages are done with: when the host has the turn in writing or has ended it, and not before.
import type { ChannelIngressMonitorLifecycle } from "openclaw/plugin-sdk/channel-outbound";
import { fanInChannelIngressLifecycles } from "openclaw/plugin-sdk/channel-ingress-runtime";
import { errorText } from "../../config/error-text.ts";
import type { AccountLog } from "../account-log.ts";
import { watchTurn, type TurnMark } from "./turn-mark.ts";

/** The lifecycle of a turn, of however many messages it is made. */
export interface TurnLifecycle extends Omit<ChannelIngressMonitorLifecycle, "admission"> {
  /** The host has the turn in a transcript, from where it goes on after a crash. */
  readonly onWritten: () => void;
  /** The host has ended a turn that it had put into its own queue. */
  readonly onSettled: () => void;
  /** Aborts when it no longer matters what becomes of the turn. */
  readonly doneSignal: AbortSignal;
}

export interface Handover {
  readonly lifecycle: TurnLifecycle;
  /** Resolves when somebody answers for the turn, so that the next one of its conversation may follow. */
  readonly answered: Promise<void>;
  /** The call that ran the turn has returned. */
  readonly ended: () => Promise<void>;
  /** The call that ran the turn has rejected. */
  readonly failed: (error: unknown, isStopping: boolean) => Promise<void>;
}

export interface HandoverOptions {
  readonly lifecycles: readonly ChannelIngressMonitorLifecycle[];
  /** Called when the turn's messages go back into the journal, before the next turn may follow. */
  readonly onGivenBack: () => Promise<void>;
  /** Called with each sign of life, for those that wait behind this turn. */
  readonly onHeartbeat: () => void;
  /** Called when the agent takes the turn up: a turn that hangs has been ticked off long before. */
  readonly onTurn: () => TurnMark;
  readonly what: string;
  readonly log: AccountLog;
}

/**
 * The host adopts a turn that it runs at once after it has written it down, and one from its own queue up
 * to seconds before: a crash in between would lose a message that had been ticked off. So a turn from the
 * queue is held until the transcript has it, or until the host says that the turn has ended.
 *
 * `undefined` when there is nothing to hand over.
 */
export function createHandover(options: HandoverOptions): Handover | undefined {
  const { log } = options;
  const fan = fanInChannelIngressLifecycles(options.lifecycles);
  const { lifecycle } = fan;
  if (lifecycle === undefined) return undefined;
  const claims = lifecycle;
  const done = new AbortController();
  const run = watchTurn(options.onTurn, options.lifecycles.length);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let isTaken = false;
  let isQueuedByHost = false;
  /** The one end that the messages come to. */
  let end: Promise<void> | undefined;

  function conclude(settle: () => void | Promise<void>): Promise<void> {
    end ??= (async () => {
      done.abort();
      await settle();
    })();
    return end;
  }
  const complete = (): Promise<void> =>
    conclude(async () => {
      await claims.onAdopted();
      run.tickedOff();
    });
  async function giveBack(settle: () => void | Promise<void>): Promise<void> {
    try {
      await conclude(async () => {
        await settle();
        await options.onGivenBack();
      });
    } finally {
      answer();
    }
  }
  function inBackground(work: Promise<void>): void {
    void work.catch((error: unknown) =>
      log.error(`${options.what} could not be settled: ${errorText(error)}`),
    );
  }
  run.begin();
  // Given up on by the host's watchdog, or stopped: nobody else will answer.
  claims.abortSignal.addEventListener("abort", () => answer(), { once: true });

  return {
    answered,
    lifecycle: {
      ...claims,
      doneSignal: done.signal,
      onWritten() {
        isTaken = true;
        run.begin();
        inBackground(complete());
      },
      async onAdopted() {
        isTaken = true;
        run.begin();
        try {
          // However long it takes from here to the transcript, it is not stuck.
          if (isQueuedByHost && end === undefined) claims.onAdoptionFinalizing();
          else await complete();
        } finally {
          answer();
        }
      },
      onDeferred() {
        isTaken = true;
        isQueuedByHost = true;
        run.pause();
        claims.onDeferred();
      },
      onDeferredHeartbeat() {
        claims.onDeferredHeartbeat?.();
        options.onHeartbeat();
      },
      onFailed: (error: unknown) => giveBack(() => claims.onFailed?.(error)),
      onAbandoned: () => giveBack(() => claims.onAbandoned()),
      onSettled() {
        run.end();
        // Cut short by a stop before it was written down: it comes again, and is looked for in the transcript.
        const isCutShort = claims.abortSignal.aborted;
        const settled = isCutShort ? giveBack(() => claims.onAbandoned()) : complete();
        // What is given back has to be back before the next turn may follow.
        inBackground(settled.finally(answer));
      },
    },
    async ended() {
      if (!isQueuedByHost) run.end();
      if (!isTaken && claims.abortSignal.aborted) {
        // It was cut short: nobody has dealt with them, so they are not done.
        await giveBack(() => fan.cancel());
        return;
      }
      // In the host's own queue: it answers when the agent takes the turn up, and that queue is short.
      if (isQueuedByHost) return;
      await complete();
      answer();
    },
    async failed(error, isStopping) {
      if (!isQueuedByHost) run.end();
      if (isTaken) log.warn(`The turn of ${options.what} ended with an error: ${errorText(error)}`);
      // What is in the host's queue is the host's to answer for.
      if (isQueuedByHost) return;
      await giveBack(() => (isStopping ? fan.cancel() : fan.abandon(error)));
    },
  };
}
