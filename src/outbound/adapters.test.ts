import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { verifyChannelMessageAdapterCapabilityProofs } from "openclaw/plugin-sdk/channel-outbound";
import { encodePngRgba } from "openclaw/plugin-sdk/media-runtime";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator } from "../../test/emulator/index.ts";
import { startFaultyFront } from "../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { anyNumber, textLike } from "../../test/support/like.ts";
import { createMessageAdapter, DURABLE_CAPABILITIES, outboundAdapter } from "./adapters.ts";

const START_MS = Date.parse("2026-03-01T12:00:00Z");
const SECOND_MS = 1_000;

async function setup() {
  const process = testPosting(START_MS);
  const emulator = await startEmulator({ now: () => new Date(process.clock.ms) });
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
  const adapter = createMessageAdapter(() => process.posting);
  return { ...process, emulator, front, adapter, context: { cfg, to: "app:5" } };
}

type Setup = Awaited<ReturnType<typeof setup>>;

const stored = (emulator: Emulator) => emulator.store.messages();

/** What the host asks after a send of unknown outcome. */
function question({ context }: Setup, text: string) {
  return {
    ...context,
    queueId: "q-1",
    channel: "gotify",
    enqueuedAt: START_MS,
    platformSendStartedAt: START_MS,
    retryCount: 1,
    payloads: [{ text }],
  };
}

test("every declared capability is kept", async () => {
  const results = await verifyChannelMessageAdapterCapabilityProofs({
    adapterName: "gotify",
    adapter: createMessageAdapter(() => {
      throw new Error("Nothing is sent here.");
    }),
    proofs: {
      text: async () => {
        const { adapter, emulator, context } = await setup();
        const result = await adapter.send?.text?.({ ...context, text: "hello" });
        expect(stored(emulator)).toMatchObject([{ message: "hello", priority: 5 }]);
        expect(result?.receipt.platformMessageIds).toEqual([String(stored(emulator)[0]?.id)]);
      },
      media: async () => {
        const { adapter, emulator, context, folder } = await setup();
        const file = join(folder, "door.png");
        writeFileSync(file, encodePngRgba(randomBytes(20 * 20 * 4), 20, 20));
        await adapter.send?.media?.({
          ...context,
          text: "the door",
          mediaUrl: file,
          mediaLocalRoots: [folder],
        });
        expect(stored(emulator)).toMatchObject([
          { message: textLike(/^the door\n\n!\[.*\]\(data:image\/png;base64,/) },
        ]);
      },
      payload: async () => {
        const { adapter, emulator, context } = await setup();
        await adapter.send?.payload?.({
          ...context,
          text: "hello",
          payload: {
            text: "hello",
            channelData: {
              gotify: { title: "Door", priority: "high", clickUrl: "https://a.example" },
            },
          },
        });
        expect(stored(emulator)).toMatchObject([
          {
            title: "Door",
            priority: 8,
            extras: { "client::notification": { click: { url: "https://a.example" } } },
          },
        ]);
      },
      silent: async () => {
        const { adapter, emulator, context } = await setup();
        await adapter.send?.text?.({ ...context, text: "hello", silent: true });
        expect(stored(emulator)).toMatchObject([{ priority: 0 }]);
      },
      // The host applies them before it calls; what it then hands over is what is posted, nothing else.
      messageSendingHooks: async () => {
        const { adapter, emulator, context } = await setup();
        await adapter.send?.text?.({ ...context, text: "as a hook has changed it" });
        expect(stored(emulator).map(({ message }) => message)).toEqual([
          "as a hook has changed it",
        ]);
      },
      reconcileUnknownSend: async () => {
        const stage = await setup();
        const { adapter, emulator, front, context } = stage;
        front.spoil("stored-502");
        emulator.faults.databaseDown = false;
        const unread = { ...context, text: "hello", deliveryQueueId: "q-1" };
        await adapter.send?.text?.(unread);
        expect(
          await adapter.durableFinal?.reconcileUnknownSend?.(question(stage, "hello")),
        ).toMatchObject({
          status: "sent",
          messageId: String(stored(emulator)[0]?.id),
        });
        expect(stored(emulator)).toHaveLength(1);
      },
    },
  });
  expect(results.filter(({ status }) => status === "verified")).toHaveLength(
    Object.keys(DURABLE_CAPABILITIES).length,
  );
  expect(outboundAdapter.deliveryCapabilities?.durableFinal).toEqual(DURABLE_CAPABILITIES);
});

test("a send that a crash cut short before the post is posted when the host asks, once that is safe", async () => {
  const stage = await setup();
  const { adapter, emulator, clock } = stage;
  const ask = () => adapter.durableFinal?.reconcileUnknownSend?.(question(stage, "hello"));
  clock.ms += 35 * SECOND_MS;
  expect(await ask()).toMatchObject({ status: "unresolved", retryable: true });
  await adapter.send?.text?.({ ...stage.context, text: "the next one" });
  clock.ms += 9 * SECOND_MS;
  expect(await ask()).toMatchObject({ status: "unresolved", retryable: true });
  clock.ms += 2 * SECOND_MS;
  expect(await ask()).toMatchObject({ status: "sent" });
  expect(stored(emulator).map(({ message }) => message)).toEqual(["the next one", "hello"]);
  expect(await ask()).toMatchObject({ status: "sent" });
  expect(stored(emulator)).toHaveLength(2);
});

test("a refusal is not asked about again", async () => {
  const stage = await setup();
  const { adapter, front } = stage;
  front.spoil(413);
  await adapter.send
    ?.text?.({ ...stage.context, text: "hello", deliveryQueueId: "q-1" })
    .catch(() => {});
  expect(
    await adapter.durableFinal?.reconcileUnknownSend?.(question(stage, "hello")),
  ).toMatchObject({
    status: "unresolved",
    retryable: false,
    error: textLike(/too large \(413\)/),
  });
});

test("what the host asks about goes on as it was begun", async () => {
  const stage = await setup();
  const { adapter, front, emulator } = stage;
  front.spoil("pass", 429);
  const begun = {
    ...stage.context,
    text: `${"one ".repeat(860)}\n\n${"two ".repeat(100)}`,
    deliveryQueueId: "q-1",
  };
  await adapter.send?.text?.(begun).catch(() => {});
  expect(stored(emulator)).toHaveLength(1);
  const changed = question(stage, "something else by now");
  expect(await adapter.durableFinal?.reconcileUnknownSend?.(changed)).toMatchObject({
    status: "sent",
  });
  expect(stored(emulator).map(({ message }) => message.slice(0, 3))).toEqual(["one", "two"]);
});

test("a reply that the host gives up stays, and says so", async () => {
  const stage = await setup();
  const { adapter, front, posting } = stage;
  front.spoil("reset");
  await adapter.send
    ?.text?.({ ...stage.context, text: "hello", deliveryQueueId: "q-1" })
    .catch(() => {});
  await adapter.durableFinal?.afterUnknownSendTerminal?.(question(stage, "hello"));
  expect(waiting(posting)).toMatchObject([{ id: "q-1", state: "unknown", givenUpAt: anyNumber() }]);
});

test("several payloads of one delivery are not guessed at", async () => {
  const stage = await setup();
  const payloads = [{ text: "one" }, { text: "two" }];
  expect(
    await stage.adapter.durableFinal?.reconcileUnknownSend?.({ ...question(stage, ""), payloads }),
  ).toMatchObject({ status: "unresolved", retryable: false });
});

test("an agent's inner voice does not leave the house", () => {
  expect(
    outboundAdapter.sanitizeText?.({
      text: "<think>they must not know</think>All is well.",
      payload: {},
    }),
  ).toBe("All is well.");
  const normalize = outboundAdapter.normalizePayload;
  expect(normalize?.({ payload: { text: "hm", isReasoning: true }, cfg: {} })).toBeNull();
  expect(normalize?.({ payload: { text: "so", isCommentary: true }, cfg: {} })).toBeNull();
  expect(normalize?.({ payload: { text: "All is well." }, cfg: {} })).not.toBeNull();
});
