import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { startFaultyFront } from "../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { readStamp } from "../gotify/delivery-stamp.ts";
import { replyOf } from "./controls/native.ts";
import { settleLeftovers } from "./leftovers.ts";
import { createPosting, sendReply } from "./send.ts";

const MINUTE_MS = 60_000;

/** A process that has died in the middle of posting `d-1`, and the one after it. */
async function setup() {
  const dead = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const emulator = await startEmulator({ now: () => new Date(dead.clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: front.url,
        appToken: emulator.createApplication("OpenClaw").token,
        clientToken: emulator.createClient("OpenClaw").token,
      },
    },
  };
  const send = (posting: typeof dead.posting, id: string, signal?: AbortSignal) =>
    sendReply(
      {
        cfg,
        to: "app:5",
        reply: replyOf({ text: id }, { silent: false }),
        deliveryQueueId: id,
        signal,
      },
      posting,
    );
  const reached = new Promise<void>((resolve) => {
    front.onPost = resolve;
  });
  front.spoil("hang");
  const death = new AbortController();
  const dying = send(dead.posting, "d-1", death.signal).catch(() => {});
  await reached;
  const left = waiting(dead.posting);
  // A dead process notes nothing more, and holds up nobody.
  death.abort();
  await dying;
  dead.posting.host.unsettled.write("default", (outbox) => {
    for (const entry of left) {
      outbox.forget(entry);
      outbox.note(entry, false);
    }
  });
  dead.clock.ms += MINUTE_MS;
  const posting = createPosting(dead.posting.host);
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { signal } = controller;
  return {
    clock: dead.clock,
    controller,
    waiting: () => waiting(posting),
    settle: () =>
      settleLeftovers({ currentConfig: () => cfg, accountId: "default", signal }, posting),
    send: (id: string) => send(posting, id),
    stored: () => emulator.store.messages().map(({ extras }) => readStamp(extras ?? {})?.id ?? ""),
  };
}

test("an answer that a dead process was posting is noted before the post", async () => {
  const at = await setup();
  expect(at.waiting()).toMatchObject([{ id: "d-1", state: "unknown", attempts: 0 }]);
});

test("it is posted once another one has gone through, and the host finds it there", async () => {
  const at = await setup();
  const settled = at.settle();
  expect(at.stored()).toEqual([]);
  await at.send("d-2");
  await settled;
  expect(at.stored()).toEqual(["d-2", "d-1"]);
  expect(at.waiting()).toMatchObject([{ id: "d-1", state: "arrived" }]);
  await at.send("d-1");
  expect(at.stored()).toEqual(["d-2", "d-1"]);
});

test("one that is older than an hour is left to a person", async () => {
  const at = await setup();
  at.clock.ms += 60 * MINUTE_MS;
  await at.settle();
  expect(at.waiting()).toMatchObject([{ id: "d-1", state: "unknown" }]);
  expect(at.stored()).toEqual([]);
});

test("waiting for it ends with the account", async () => {
  const at = await setup();
  const settled = at.settle();
  at.controller.abort(new Error("stopping"));
  await expect(settled).rejects.toThrow("stopping");
});
