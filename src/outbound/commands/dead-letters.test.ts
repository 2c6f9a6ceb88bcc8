import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { startFaultyFront } from "../../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../../test/support/posting.ts";
import { GotifyClient } from "../../gotify/client.ts";
import { readStamp, stampExtras } from "../../gotify/delivery-stamp.ts";
import { replyOf } from "../controls/native.ts";
import { sendReply } from "../send.ts";
import { resubmitReply } from "./dead-letters.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** When the host tries a delivery: at once, and after each of its rests. */
const HOST_TRIES_MS = [0, 5_000, 25_000, 120_000, 600_000];

async function setup() {
  const process = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const emulator = await startEmulator({ now: () => new Date(process.clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const appToken = emulator.createApplication("OpenClaw").token;
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: front.url,
        appToken,
        clientToken: emulator.createClient("OpenClaw").token,
      },
    },
  };
  return {
    ...process,
    emulator,
    front,
    client: new GotifyClient({ serverUrl: emulator.url, appToken }),
    waiting: () => waiting(process.posting),
    stored: () => emulator.store.messages().map(({ extras }) => readStamp(extras ?? {})?.id ?? ""),
    /** As the host's queue does. */
    send: (id: string, text = `reply ${id}`) =>
      sendReply(
        { cfg, to: "app:5", reply: replyOf({ text }, { silent: false }), deliveryQueueId: id },
        process.posting,
      ),
    resubmit: (id: string, force = false) =>
      resubmitReply(cfg, { accountId: "default", id, force }, process.posting),
  };
}

describe("an outage of an hour", () => {
  test("leaves every waiting reply in the dead letters, from where each is sent once", async () => {
    const at = await setup();
    const ids = ["d-1", "d-2", "d-3"];
    at.emulator.faults.badGateway = true;
    for (const restMs of HOST_TRIES_MS) {
      at.clock.ms += restMs;
      for (const id of ids) {
        await expect(at.send(id)).rejects.toBeInstanceOf(PlatformMessageNotDispatchedError);
      }
    }
    at.clock.ms += 60 * MINUTE_MS;
    at.emulator.faults.badGateway = false;
    expect(at.stored()).toEqual([]);
    expect(at.waiting().map(({ id, attempts }) => [id, attempts])).toEqual(
      ids.map((id) => [id, HOST_TRIES_MS.length]),
    );
    for (const id of ids) await at.resubmit(id);
    expect(at.stored()).toEqual(ids);
    await expect(at.resubmit("d-1")).rejects.toThrow(/No reply d-1 waits/);
  });

  test("delivers once by itself what the host still tries when it is over", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    at.clock.ms += 60 * MINUTE_MS;
    at.emulator.faults.badGateway = false;
    await at.send("d-1");
    expect(at.stored()).toEqual(["d-1"]);
    expect(at.waiting()).toEqual([]);
  });
});

describe("sending again by hand", () => {
  test("is refused while the host still tries", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    at.emulator.faults.badGateway = false;
    await expect(at.resubmit("d-1")).rejects.toThrow(/still tries to send d-1 itself/);
    expect(at.stored()).toEqual([]);
  });

  test("is not done once more by a host that comes back to it", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    at.emulator.faults.badGateway = false;
    at.clock.ms += 16 * MINUTE_MS;
    const { messages } = await at.resubmit("d-1");
    expect((await at.send("d-1")).messages.map(({ id }) => id)).toEqual(messages);
    expect(at.stored()).toEqual(["d-1"]);
  });

  test("finds what arrived, and posts nothing", async () => {
    const at = await setup();
    at.front.spoil("reset");
    await at.send("d-1").catch(() => {});
    expect(at.waiting()).toMatchObject([{ state: "unknown" }]);
    // The server had it all the time, and now it is done.
    const stamp = { by: "install-1", id: "d-1", payload: 0, payloads: 1, part: 0, parts: 1 };
    const late = await at.client.sendMessage({
      message: "reply d-1",
      extras: stampExtras(stamp),
    });
    at.clock.ms += 16 * MINUTE_MS;
    expect(await at.resubmit("d-1")).toEqual({ messages: [late.id] });
    expect(at.stored()).toEqual(["d-1"]);
  });

  test("with a doubt takes the operator's word, and says so", async () => {
    const at = await setup();
    at.front.spoil("reset");
    await at.send("d-1").catch(() => {});
    at.clock.ms += 16 * MINUTE_MS;
    await expect(at.resubmit("d-1")).rejects.toThrow(/may still come.*--force/);
    expect(at.stored()).toEqual([]);
    await at.resubmit("d-1", true);
    expect(at.stored()).toEqual(["d-1"]);
  });

  test("that is in doubt itself is not taken for unsent by the host", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    at.emulator.faults.badGateway = false;
    at.clock.ms += 16 * MINUTE_MS;
    at.front.spoil("reset");
    await expect(at.resubmit("d-1")).rejects.toThrow(/may have arrived/);
    await expect(at.send("d-1")).rejects.toMatchObject({
      name: "PlatformMessageNotDispatchedError",
      retryable: false,
    });
    expect(at.stored()).toEqual([]);
  });

  test("of what was refused works once the reason is gone, as it was written then", async () => {
    const at = await setup();
    at.front.spoil(413);
    await at.send("d-1", "as it was").catch(() => {});
    expect(at.waiting()).toMatchObject([{ state: "refused" }]);
    await at.resubmit("d-1");
    expect(at.emulator.store.messages()).toMatchObject([{ message: "as it was" }]);
  });
});

test("a reply goes on as it was begun, whatever the configuration is by then", async () => {
  const at = await setup();
  at.emulator.faults.badGateway = true;
  await at.send("d-1", "as it was").catch(() => {});
  at.emulator.faults.badGateway = false;
  at.clock.ms += 5 * SECOND_MS;
  await at.send("d-1", "as it is now");
  expect(at.emulator.store.messages()).toMatchObject([{ message: "as it was" }]);
});
