// Owns one bridge as an account runs it, with the default merging and a stand-in for the agent.
import { GotifyClient } from "../src/gotify/client.ts";
import type { GotifyMessage } from "../src/gotify/message.ts";
import { createAccountStatus } from "../src/inbound/account-status.ts";
import { createAccountVitals } from "../src/inbound/account-vitals.ts";
import { consume } from "../src/inbound/consumer.ts";
import type { FeedState } from "../src/inbound/feed/feed.ts";
import type { Journal } from "../src/journal/journal.ts";
import { createJudge } from "../src/inbound/feed/judge.ts";
import { laneOf } from "../src/inbound/turn/lane.ts";
import { createMerger, type MergerOptions } from "../src/inbound/turn/merge.ts";
import { createMonitor } from "../src/inbound/monitor.ts";
import { beginVitals } from "../src/vitals/vitals.ts";
import { bridgeAccount } from "../test/support/bridge.ts";

export interface BenchBridgeOptions {
  readonly journal: Journal;
  readonly url: string;
  readonly clientToken: string;
  readonly appToken: string;
  readonly agent: MergerOptions["runTurn"];
  /** Called for each frame as the bridge gets it. */
  readonly onFrame?: (message: GotifyMessage) => void;
  readonly onState?: (state: FeedState) => void;
}

export interface BenchBridge {
  /** Resolves after the first reading: all that was missed is in the journal. */
  readonly ready: Promise<void>;
  readonly stop: () => Promise<void>;
}

const MAX_CATCH_UP = 100_000;

export function startBenchBridge(options: BenchBridgeOptions): BenchBridge {
  const { journal, url, clientToken, appToken, onFrame } = options;
  const controller = new AbortController();
  const ready = Promise.withResolvers<void>();
  const account = bridgeAccount(url, { catchUp: { maxMessages: MAX_CATCH_UP } });
  const client = new GotifyClient({ serverUrl: url, clientToken, appToken });
  const quiet = { info() {}, warn() {}, error: ready.reject };
  const vitals = beginVitals(account.accountId);
  const ended = consume({
    account,
    client: {
      server: client.server,
      openStream: (stream) =>
        client.openStream({
          ...stream,
          onMessage(message) {
            onFrame?.(message);
            return stream.onMessage(message);
          },
        }),
      readPages: (query, call) => client.readPages(query, call),
      currentUser: (call) => client.currentUser(call),
      health: (call) => client.health(call),
      probeAppToken: (call) => client.probeAppToken(call),
    },
    journal,
    judge: createJudge({
      isEcho: () => false,
      isCommand: () => false,
      watched: account.inbound.applications,
      minPriority: account.inbound.minPriority,
      now: Date.now,
    }),
    laneOf: (message) => laneOf(message, false),
    createMonitor: (queue, signal) =>
      createMonitor({
        queue,
        turns: createMerger({
          ...mergerDefaults(options.agent, signal),
          joinTurn: queue.joinTurn,
        }),
        onError: ready.reject,
        onLog: () => {},
        signal,
      }),
    status: {
      ...createAccountStatus(() => {}, quiet, Date.now),
      feed(state) {
        options.onState?.(state);
        if (state.kind === "read") ready.resolve();
        if (state.kind === "unreadable" || state.kind === "waiting") ready.reject(state.error);
      },
    },
    vitals: createAccountVitals(vitals, Date.now),
    log: quiet,
    onAdmitted: () => {},
    signal: controller.signal,
  });
  void ended.catch(ready.reject).finally(vitals.end);
  return {
    ready: ready.promise,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

/** What an account has when the operator set nothing. */
export function mergerDefaults(
  runTurn: MergerOptions["runTurn"],
  signal: AbortSignal,
): MergerOptions {
  return {
    isCommand: () => false,
    laneOf,
    standsAlone: () => false,
    windowMs: () => undefined,
    runTurn,
    log: { info() {}, warn() {}, error() {} },
    signal,
  };
}
