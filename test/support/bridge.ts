// Owns a whole way in without OpenClaw around it: journal, feed and the host's monitor over a Gotify, with a function in place of the agent.
import { resolveAccount } from "../../src/config/accounts.ts";
import type { StatusPatch } from "../../src/config/host-types.ts";
import type { ResolvedAccount } from "../../src/config/types.ts";
import type { CallOptions } from "../../src/gotify/call-options.ts";
import { GotifyClient } from "../../src/gotify/client.ts";
import type { GotifyMessage } from "../../src/gotify/message.ts";
import { createAccountStatus } from "../../src/inbound/account-status.ts";
import { createAccountVitals, type AccountVitals } from "../../src/inbound/account-vitals.ts";
import { consume, type ConsumerClient, type ConsumerOptions } from "../../src/inbound/consumer.ts";
import type { FeedState } from "../../src/inbound/feed/feed.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { createJudge } from "../../src/inbound/feed/judge.ts";
import { laneOf } from "../../src/inbound/turn/lane.ts";
import type { TurnLifecycle } from "../../src/inbound/turn/handover.ts";
import { createMerger, type MergerOptions } from "../../src/inbound/turn/merge.ts";
import { createMonitor, type Monitor } from "../../src/inbound/monitor.ts";
import type { World } from "../../src/inbound/world.ts";
import { beginVitals } from "../../src/vitals/vitals.ts";

export interface BridgeOptions {
  readonly journal: Journal;
  readonly client: ConsumerClient;
  /** Stands in for the host: what it adopts has been dispatched. */
  readonly agent: (
    messages: readonly GotifyMessage[],
    lifecycle: TurnLifecycle,
    turn: Parameters<MergerOptions["runTurn"]>[0],
  ) => Promise<void>;
  readonly inbound?: Readonly<Record<string, unknown>>;
  readonly isEcho?: (message: GotifyMessage) => boolean;
  /** Called with each change of status; the log is kept anyway. */
  readonly onStatus?: (patch: StatusPatch) => void;
  /** Milliseconds to wait for more of the same conversation; 0 gives each message its own turn. */
  readonly windowMs?: number;
  readonly world?: World;
  /** Of the account's run, where that is longer than the bridge's. */
  readonly vitals?: AccountVitals;
  /** Called with the host's monitor, so that a test can stop it. */
  readonly onMonitor?: (monitor: Monitor) => void;
  readonly deleteHandled?: NonNullable<ConsumerOptions["deleteHandled"]>;
}

export interface Bridge {
  readonly states: readonly FeedState["kind"][];
  readonly log: readonly string[];
  /** Resolves when everything is closed; rejects with what ended the consumer. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export function startBridge(options: BridgeOptions): Bridge {
  const controller = new AbortController();
  const states: FeedState["kind"][] = [];
  const log: string[] = [];
  const sink = { info: note, warn: note, error: note };
  function note(text: string): void {
    log.push(text);
  }
  const account = bridgeAccount(options.client.server.href, options.inbound);
  const { vitals, endVitals } = vitalsFor(options, account.accountId);
  const setStatus = options.onStatus ?? (() => {});
  const status = createAccountStatus(setStatus, sink, Date.now, vitals.notice);
  const ended = consume({
    account,
    client: options.client,
    journal: options.journal,
    judge: createJudge({
      isEcho: options.isEcho ?? (() => false),
      isCommand: () => false,
      watched: account.inbound.applications,
      minPriority: account.inbound.minPriority,
      now: () => options.world?.now() ?? Date.now(),
    }),
    laneOf: (message) => laneOf(message, false),
    createMonitor: (queue, signal, onError) => {
      const monitor = createMonitor({
        queue,
        turns: createMerger({
          isCommand: () => false,
          laneOf,
          standsAlone: () => false,
          windowMs: () => options.windowMs ?? 0,
          runTurn: (turn) =>
            options.agent(
              turn.messages.map(({ message }) => message),
              turn.lifecycle,
              turn,
            ),
          joinTurn: (ids) => queue.joinTurn(ids),
          noteHandedIn: (ids) => queue.noteHandedIn(ids),
          handedIn: (id) => queue.handedIn(id),
          onTurn: vitals.turn,
          log: sink,
          signal,
        }),
        onError,
        onLog: note,
        signal,
      });
      options.onMonitor?.(monitor);
      return monitor;
    },
    status: {
      ...status,
      feed(state) {
        states.push(state.kind);
        status.feed(state);
      },
    },
    vitals,
    log: sink,
    onAdmitted: () => {},
    signal: controller.signal,
    ...(options.world === undefined ? {} : { world: options.world }),
    ...(options.deleteHandled === undefined ? {} : { deleteHandled: options.deleteHandled }),
  });
  // Who starts a bridge may look at its end later, or never.
  void ended.catch(() => {}).finally(endVitals);
  return {
    states,
    log,
    ended,
    async stop() {
      controller.abort();
      await ended.catch(() => {});
    },
  };
}

/** The run's own, or those of the account's run that it is a part of. */
function vitalsFor(
  { vitals, world }: BridgeOptions,
  accountId: string,
): { vitals: AccountVitals; endVitals: () => void } {
  if (vitals !== undefined) return { vitals, endVitals() {} };
  const now = world?.now ?? Date.now;
  const run = beginVitals(accountId, now, world?.elapsed);
  return { vitals: createAccountVitals(run, now), endVitals: run.end };
}

/** An account as the configuration would give it. */
export function bridgeAccount(
  serverUrl: string,
  inbound: Readonly<Record<string, unknown>> = {},
): ResolvedAccount {
  return resolveAccount({
    channels: { gotify: { serverUrl, appToken: "A", clientToken: "C", inbound: { ...inbound } } },
  });
}

/** A client whose watchdogs keep the pace of a faster world. */
export function fastClient(
  options: { serverUrl: string; clientToken: string; appToken: string },
  limits: {
    readonly timeoutMs: number;
    readonly openTimeoutMs: number;
    readonly pingIntervalMs: number;
    readonly pongTimeoutMs: number;
  },
): ConsumerClient {
  const client = new GotifyClient({ ...options, timeoutMs: limits.timeoutMs });
  const hasty = (call: CallOptions = {}): CallOptions => ({
    ...call,
    timeoutMs: Math.min(call.timeoutMs ?? limits.timeoutMs, limits.timeoutMs),
  });
  return {
    server: client.server,
    openStream: (stream) => client.openStream({ ...stream, ...limits, closeTimeoutMs: 50 }),
    readPages: (query, call) => client.readPages(query, call),
    currentUser: (call) => client.currentUser(call),
    health: (call) => client.health(hasty(call)),
    probeAppToken: (call) => client.probeAppToken(hasty(call)),
  };
}
