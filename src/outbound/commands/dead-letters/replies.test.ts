import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../../test/emulator/index.ts";
import { startFaultyFront } from "../../../../test/support/faulty-front.ts";
import { textLike } from "../../../../test/support/like.ts";
import { testOffice } from "../../../../test/support/office.ts";
import { testPosting, waiting } from "../../../../test/support/posting.ts";
import { GotifyClient } from "../../../gotify/client.ts";
import { readStamp, stampExtras } from "../../../gotify/delivery-stamp.ts";
import { replyOf } from "../../controls/native.ts";
import { inOrder } from "../../post/in-order.ts";
import { reconcileUnknownSend } from "../../reconcile.ts";
import { sendReply } from "../../send.ts";
import { dropFromParams, listFromParams, resubmitFromParams, showFromParams } from "./work.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** When the host tries a delivery: at once, and after each of its rests. */
const KEY = { id: "", payload: 0 };
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
  const office = testOffice(cfg, process);
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
    resubmit: async (id: string, force = false) => {
      const { done } = await resubmitFromParams({ account: "default", id, force }, office);
      return { messages: done[0]?.messages };
    },
    drop: (id: string) => dropFromParams({ account: "default", id }, office),
    listed: () => listFromParams({}, office),
    show: (id: string) => showFromParams({ id }, office).letter,
    reconcile: (queueId: string) =>
      reconcileUnknownSend(
        {
          cfg,
          queueId,
          channel: "gotify",
          to: "app:5",
          payloads: [{ text: `reply ${queueId}` }],
          enqueuedAt: process.clock.ms,
          retryCount: 1,
        },
        process.posting,
      ),
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
    await expect(at.resubmit("d-1")).rejects.toThrow(/no dead letter "d-1"/);
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
    await expect(at.resubmit("d-1")).rejects.toThrow(/still tries to send reply d-1 itself/);
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

describe("dropping", () => {
  test("forgets the text and keeps the fact: a host that comes back to it sends nothing", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    await at.send("d-2").catch(() => {});
    at.emulator.faults.badGateway = false;
    await expect(at.drop("d-1")).rejects.toThrow(/still tries to send reply d-1 itself/);
    at.clock.ms += 16 * MINUTE_MS;
    expect(await at.drop("d-1")).toMatchObject({ done: [{ kind: "reply", id: "d-1" }] });
    expect(at.waiting()).toMatchObject([{ id: "d-1", parts: [] }, { id: "d-2" }]);
    expect(at.listed().letters.map(({ id }) => id)).toEqual(["d-2"]);
    // The Gateway was away all the time, and now the host tries what is left in its own queue.
    expect((await at.send("d-1")).messages).toEqual([]);
    expect(at.stored()).toEqual([]);
    await expect(at.resubmit("d-1")).rejects.toThrow(/no dead letter "d-1"/);
  });

  test("is what the host hears when it asks what became of a reply that was cut short", async () => {
    const at = await setup();
    at.front.spoil("reset");
    await at.send("d-1").catch(() => {});
    at.clock.ms += 16 * MINUTE_MS;
    await at.drop("d-1");
    expect(await at.reconcile("d-1")).toEqual({
      status: "unresolved",
      error: "Somebody dropped it.",
      retryable: false,
    });
    expect(at.stored()).toEqual([]);
  });

  test("waits for a post that is under way, and drops nothing that has changed since", async () => {
    const at = await setup();
    at.front.spoil(413);
    await at.send("d-1").catch(() => {});
    const posted = Promise.withResolvers<void>();
    const post = inOrder("default", undefined, async () => {
      await posted.promise;
      const [entry] = at.waiting();
      at.posting.host.unsettled.look("default", (outbox) => outbox.forget(entry ?? KEY));
    });
    const dropped = at.drop("d-1");
    posted.resolve();
    await post;
    await expect(dropped).rejects.toThrow(/has changed just now/);
  });
});

describe("a reply of several payloads", () => {
  test("is dropped as a whole, or not at all", async () => {
    const at = await setup();
    at.front.spoil(413);
    await at.send("two").catch(() => {});
    const failOnceMore = makeTwo(at);
    const posted = Promise.withResolvers<void>();
    const post = inOrder("default", undefined, async () => {
      await posted.promise;
      failOnceMore();
    });
    const dropped = at.drop("two");
    dropped.catch(() => {});
    at.clock.ms += SECOND_MS;
    posted.resolve();
    await post;
    await expect(dropped).rejects.toThrow(/has changed just now.*Nothing was dropped/);
    expect(at.waiting().map(({ parts }) => parts.length)).toEqual([1, 1]);
    await at.drop("two");
    expect(at.waiting().map(({ parts }) => parts.length)).toEqual([0, 0]);
  });

  test("tells which of it was sent when the rest fails", async () => {
    const at = await setup();
    at.emulator.faults.badGateway = true;
    await at.send("d-1").catch(() => {});
    at.emulator.faults.badGateway = false;
    makeTwo(at);
    at.clock.ms += 16 * MINUTE_MS;
    at.front.spoil("pass", 413);
    await expect(at.resubmit("d-1")).rejects.toThrow(
      /A part of reply d-1 was sent, .* as message 1; the rest was not: .*413/,
    );
    await at.resubmit("d-1");
    expect(at.stored()).toEqual(["d-1", "d-1"]);
  });
});

/** Makes the reply that waits one of two payloads. Returns what notes a further failure of the second. */
function makeTwo(at: Awaited<ReturnType<typeof setup>>): () => void {
  const [entry] = at.waiting();
  if (entry === undefined) throw new Error("Nothing waits.");
  const note = (): void => {
    at.posting.host.unsettled.look("default", (outbox) =>
      outbox.note({ ...entry, payload: 1, payloads: 2 }, true),
    );
  };
  note();
  return note;
}

test("a reply is listed with who wrote it, for whom, and why it was not sent, and one that is still tried only counted", async () => {
  const at = await setup();
  at.front.spoil(413);
  await at.send("5f0c1d2e-0001-4000-8000-000000000000", "**one**\n\u001b[2Jtwo").catch(() => {});
  at.front.spoil(413);
  await at.send("5f0c1d2e-0002-4000-8000-000000000000").catch(() => {});
  at.emulator.faults.badGateway = true;
  await at.send("77777777-0001-4000-8000-000000000000").catch(() => {});
  at.emulator.faults.badGateway = false;
  const { letters, stillTried } = at.listed();
  expect(stillTried).toBe(1);
  expect(letters).toEqual([
    {
      kind: "reply",
      id: "5f0c1d2e-0001",
      fullId: "5f0c1d2e-0001-4000-8000-000000000000",
      account: "default",
      from: "OpenClaw",
      to: "app:5",
      since: "2026-03-01T12:00:00.000Z",
      state: "refused",
      reason: textLike(/413/),
      attempts: 1,
      preview: "**one** [2Jtwo",
    },
    expect.objectContaining({ id: "5f0c1d2e-0002" }),
  ]);
  expect(at.show("5f0c1d2e-0001")).toMatchObject({
    givenUp: true,
    messages: [{ text: textLike(/\n.\[2Jtwo/), stored: null, priority: 5 }],
  });
  expect(at.show("77777777")).toMatchObject({ givenUp: false, state: "waiting" });
  // Digits alone are a message's number.
  expect(() => at.show("7777777")).toThrow(/no dead letter "7777777"/);
  await expect(at.resubmit("5f0c1d2e")).rejects.toThrow(/can mean reply 5f0c1d2e-0001 .*, reply/);
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
