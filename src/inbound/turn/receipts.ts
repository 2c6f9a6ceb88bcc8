// Owns the proof that a turn has reached its session: the host's transcript, heard as it grows and looked up after a crash.
import { createHash } from "node:crypto";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { PluginRuntime } from "../../config/runtime.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { asObject, asString } from "../../gotify/parse.ts";
import type { TurnMessage } from "./merge.ts";

/** The session a turn enters. */
export interface SessionRef {
  readonly agentId: string;
  readonly sessionKey: string;
}

export interface Receipts {
  /** Calls `onWritten` once, when the host writes the turn into a transcript. Forgotten when the signal aborts. */
  readonly expect: (key: string, onWritten: () => void, signal: AbortSignal) => void;
  /** The keys of all turns in the session's transcript. */
  readonly written: (cfg: OpenClawConfig, session: SessionRef) => Promise<ReadonlySet<string>>;
}

/**
 * The key under which the host keeps a channel's turn in its transcript: the same for the first time and
 * for every repetition. A host that chooses another key is noticed by nobody; a turn then counts as
 * done when the host says that it has ended.
 */
export function turnKey(turn: { accountId: string; to: string; messageId: string }): string {
  const parts = [CHANNEL_ID, turn.accountId, turn.to, turn.messageId];
  return `channel-user:v1:${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}

export function createReceipts(core: PluginRuntime, signal: AbortSignal): Receipts {
  const expected = new Map<string, () => void>();
  const unsubscribe = core.events.onSessionTranscriptUpdate(({ message }) => {
    const key = keyOf(message);
    if (key !== undefined) expected.get(key)?.();
  });
  signal.addEventListener("abort", unsubscribe, { once: true });

  return {
    expect(key, onWritten, done) {
      if (done.aborted) return;
      expected.set(key, onWritten);
      done.addEventListener("abort", () => void expected.delete(key), { once: true });
    },
    async written(cfg, session) {
      // Needed after a crash only, so it is no part of what every start loads.
      const store = await import("openclaw/plugin-sdk/session-store-runtime");
      const storePath = store.resolveStorePath(cfg.session?.store, { agentId: session.agentId });
      const scope = { ...session, storePath };
      const sessionId = store.getSessionEntry(scope)?.sessionId;
      if (sessionId === undefined) return new Set();
      const events = store.loadTranscriptEventsSync({ ...scope, sessionId });
      const keys = events.map((event) => keyOf(asObject(event)?.["message"]));
      return new Set(keys.filter((key) => key !== undefined));
    },
  };
}

/** Those of the messages that were handed over before, in a turn that is in writing. It is there under its newest message. */
export function writtenOf(
  messages: readonly TurnMessage[],
  isWritten: (id: string) => boolean,
): readonly TurnMessage[] {
  return messages.filter(({ handedIn }) => handedIn !== undefined && isWritten(handedIn));
}

function keyOf(message: unknown): string | undefined {
  const fields = asObject(message);
  return fields?.["role"] === "user" ? asString(fields["idempotencyKey"]) : undefined;
}
