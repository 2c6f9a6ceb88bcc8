import { expect, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { createReceipts, turnKey, writtenOf } from "./receipts.ts";

type Listener = Parameters<PluginRuntime["events"]["onSessionTranscriptUpdate"]>[0];

/** The part of the host that tells of its transcripts. */
function createTranscripts() {
  const listeners = new Set<Listener>();
  const core = {
    events: {
      onSessionTranscriptUpdate(listener: Listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  const target = { agentId: "main", sessionId: "s", sessionKey: "agent:main:gotify:5" };
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that receipts touch of it
    core: core as unknown as PluginRuntime,
    listeners,
    write: (message?: unknown) => {
      for (const listener of listeners) listener({ target, message });
    },
  };
}

const key = turnKey({ accountId: "default", to: "gotify:5", messageId: "a:1:0:7" });

test("a turn is recognised when it is written, by its own key and as the user's word", () => {
  const { core, write } = createTranscripts();
  const receipts = createReceipts(core, new AbortController().signal);
  let written = 0;
  receipts.expect(key, () => (written += 1), new AbortController().signal);
  for (const other of [
    undefined,
    null,
    "user",
    { role: "user" },
    { role: "user", idempotencyKey: 7 },
    { role: "assistant", idempotencyKey: key },
    { role: "user", idempotencyKey: `${key}0` },
  ]) {
    write(other);
  }
  expect(written).toBe(0);
  write({ role: "user", content: "Hello", idempotencyKey: key });
  expect(written).toBe(1);
});

test("turns of other accounts, conversations and countings have other keys", () => {
  const turn = { accountId: "default", to: "gotify:5", messageId: "a:1:0:7" };
  const keys = [
    turn,
    { ...turn, accountId: "home" },
    { ...turn, to: "gotify:6" },
    { ...turn, messageId: "a:1:1:7" },
  ].map(turnKey);
  expect(new Set(keys).size).toBe(4);
});

test("nothing is kept of a turn that is done, nor of an account that has stopped", () => {
  const { core, listeners, write } = createTranscripts();
  const account = new AbortController();
  const receipts = createReceipts(core, account.signal);
  const turn = new AbortController();
  let written = 0;
  const count = (): void => {
    written += 1;
  };
  receipts.expect(key, count, turn.signal);
  turn.abort();
  receipts.expect(key, count, AbortSignal.abort());
  write({ role: "user", idempotencyKey: key });
  expect(written).toBe(0);
  account.abort();
  expect(listeners.size).toBe(0);
});

test("what was handed over before is found by the newest message of its turn, however it is grouped now", () => {
  const message: GotifyMessage = {
    id: 1,
    appId: 5,
    message: "Hello",
    title: "",
    priority: 0,
    extras: {},
    date: undefined,
  };
  const of = (id: string, handedIn?: string) => ({ id, handedIn, message });
  const found = (messages: readonly ReturnType<typeof of>[], ...written: string[]): string[] =>
    writtenOf(messages, (id) => written.includes(id)).map(({ id }) => id);
  const turn = [of("1", "3"), of("2", "3"), of("4"), of("5", "5")];
  expect(found(turn, "3")).toEqual(["1", "2"]);
  expect(found(turn, "5")).toEqual(["5"]);
  expect(found(turn)).toEqual([]);
  // Never handed over: whatever bears its key is somebody else's.
  expect(found([of("4")], "4")).toEqual([]);
});
