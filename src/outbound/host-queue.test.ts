import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, test } from "vitest";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { adoptQueuedAnswers, type QueuedAnswer } from "./host-queue.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const CFG: OpenClawConfig = {
  channels: {
    gotify: {
      serverUrl: "http://127.0.0.1:9",
      appToken: "A",
      clientToken: "C",
      accounts: { work: { serverUrl: "http://127.0.0.1:10", appToken: "W", clientToken: "X" } },
    },
  },
};

async function adopt(
  list: () => Promise<readonly QueuedAnswer[]>,
  at = testPosting(NOW),
  which: "all" | "known" = "all",
) {
  const request = {
    currentConfig: () => CFG,
    accountId: "default",
    signal: new AbortController().signal,
  };
  const isComplete = await adoptQueuedAnswers(request, at.posting, which, list);
  return { ...at, isComplete };
}

const queued = (id: string, more: Partial<QueuedAnswer> = {}): QueuedAnswer => ({
  id,
  to: "gotify:5",
  payload: { text: `${id} is done` },
  silent: false,
  startedAt: undefined,
  ...more,
});

test("what the host's queue has waits in the outbox, as it will be posted", async () => {
  const { posting } = await adopt(async () => [
    queued("d-1"),
    queued("d-2", { startedAt: NOW - 5_000 }),
    queued("d-0", { to: "telegram:1" }),
    queued("d-3", { payload: { text: " " } }),
    queued("d-5", { payload: { text: "see", mediaUrl: "/tmp/chart.png" } }),
    queued("d-4", { to: "gotify:work" }),
  ]);
  expect(waiting(posting)).toMatchObject([
    {
      id: "d-1",
      state: "waiting",
      target: "gotify:5",
      attempts: 0,
      parts: [{ message: "d-1 is done" }],
    },
    { id: "d-2", state: "unknown", startedAt: NOW - 5_000 },
  ]);
});

test("what is known of it already stays", async () => {
  const at = await adopt(async () => [queued("d-1")]);
  const before = waiting(at.posting);
  await adopt(async () => [queued("d-1", { payload: { text: "another" }, startedAt: NOW })], at);
  expect(waiting(at.posting)).toEqual(before);
});

test("a queue that cannot be looked into costs a line in the log", async () => {
  const { warnings, isComplete } = await adopt(async () =>
    Promise.reject(new Error("no such table")),
  );
  expect(isComplete).toBe(false);
  expect(warnings).toEqual([
    expect.stringMatching(/default.*OpenClaw's queue: no such table.*again/),
  ]);
});

test("what is only looked at is marked as owed, and nothing else is taken over", async () => {
  const at = testPosting(NOW);
  at.posting.host.unsettled.write("default", (outbox) =>
    outbox.note(
      {
        id: "d-1",
        payload: 0,
        payloads: 1,
        target: "gotify:5",
        parts: [],
        state: "waiting",
        stored: new Map(),
        reason: "refused",
        isOwed: false,
        origin: "here",
      },
      true,
    ),
  );
  await adopt(async () => [queued("d-1"), queued("d-2")], at, "known");
  expect(waiting(at.posting)).toMatchObject([{ id: "d-1", isOwed: true }]);
});
