import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { startFaultyFront } from "../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { waitFor } from "../../test/support/wait.ts";
import { reportPost } from "../config/account-signals.ts";
import { readStamp } from "../gotify/delivery-stamp.ts";
import { replyOf } from "./controls/native.ts";
import type { QueuedAnswer } from "./host-queue.ts";
import { settleLeftovers } from "./leftovers.ts";
import { createPosting, type Posting } from "./posting.ts";
import { sendReply } from "./send.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const queued = (id: string, more: Partial<QueuedAnswer> = {}): QueuedAnswer => ({
  id,
  to: "app:5",
  payload: { text: id },
  silent: false,
  startedAt: undefined,
  ...more,
});

/** For what answers no message. */
const NOBODY = -1;

const answering = (messageId: number) =>
  messageId === NOBODY ? {} : { channelData: { gotify: { answers: { messageId } } } };

async function setup(gotify: Record<string, unknown> = {}) {
  const { posting, clock, warnings } = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const emulator = await startEmulator({ now: () => new Date(clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const box: { cfg: OpenClawConfig } = {
    cfg: {
      channels: {
        gotify: {
          serverUrl: front.url,
          appToken: emulator.createApplication("OpenClaw").token,
          clientToken: emulator.createClient("OpenClaw").token,
          ...gotify,
        },
      },
    },
  };
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const request = {
    currentConfig: () => box.cfg,
    accountId: "default",
    signal: controller.signal,
  };
  const sendBy = (by: Posting, id: string, signal?: AbortSignal, answers = 7) =>
    sendReply(
      {
        cfg: box.cfg,
        to: "app:5",
        reply: replyOf({ text: id, ...answering(answers) }, { silent: false }),
        deliveryQueueId: id,
        signal,
      },
      by,
    );
  const settling: Promise<unknown>[] = [];
  /** What the host's own queue holds. */
  const queue: QueuedAnswer[] = [];
  const settle = async (by: Posting = posting): Promise<unknown> => {
    const settled = settleLeftovers(request, by, async () => queue).catch(
      (error: unknown) => error,
    );
    settling.push(settled);
    return settled;
  };
  onTestFinished(async () => {
    controller.abort();
    await Promise.all(settling);
  });
  return {
    box,
    queue,
    posting,
    clock,
    warnings,
    emulator,
    front,
    controller,
    request,
    settle,
    sendBy,
    send: (id: string) => sendBy(posting, id),
    waiting: () => waiting(posting).map(({ id, state }) => [id, state]),
    stored: () => emulator.store.messages().map(({ extras }) => readStamp(extras ?? {})?.id ?? ""),
    /** What the way in says when it has looked and found everything good. */
    ready: () => reportPost("default", { kind: "ready" }),
    /** Leaves a reply in the outbox that the server refused for a moment. */
    async refuse(id: string, answers?: number) {
      front.spoil(429);
      await sendBy(posting, id, undefined, answers).catch(() => {});
    },
  };
}

describe("a reply that waits", () => {
  test("is sent when posts can be made again, in order, and the host finds it there", async () => {
    const at = await setup();
    await at.refuse("d-1");
    await at.refuse("d-2");
    void at.settle();
    expect(at.stored()).toEqual([]);
    at.ready();
    await waitFor("both", () => at.stored().length === 2);
    expect(at.stored()).toEqual(["d-1", "d-2"]);
    await waitFor("the note", () => at.waiting().every(([, state]) => state === "arrived"));
    await Promise.all([at.send("d-1"), at.send("d-2")]);
    expect(at.stored()).toEqual(["d-1", "d-2"]);
  });

  test("is sent once, when the host tries it at the same moment", async () => {
    const at = await setup();
    void at.settle();
    for (const first of ["host", "outbox"]) {
      await at.refuse(first);
      if (first === "outbox") at.ready();
      const sent = at.send(first);
      if (first === "host") at.ready();
      expect((await sent).messages).toHaveLength(1);
      await at.send(`after ${first}`);
    }
    expect(at.stored()).toEqual(["host", "after host", "outbox", "after outbox"]);
  });

  test("holds back those behind it while it does not get through", async () => {
    const at = await setup();
    await at.refuse("d-1");
    await at.refuse("d-2");
    void at.settle();
    at.front.spoil(429);
    at.ready();
    await waitFor("the try", () => at.front.spoiled.length === 3);
    at.ready();
    await waitFor("both", () => at.stored().length === 2);
    expect(at.stored()).toEqual(["d-1", "d-2"]);
  });

  test("for a day is left to a person", async () => {
    const at = await setup();
    await at.refuse("d-1");
    at.clock.ms += 24 * HOUR_MS;
    void at.settle();
    await at.send("d-2");
    await at.send("d-3");
    expect(at.stored()).toEqual(["d-2", "d-3"]);
    expect(at.waiting()).toEqual([["d-1", "waiting"]]);
  });
});

describe("what waits, and is not to be sent", () => {
  /** Whatever waits and is owed is gone after this. */
  const settled = async (at: Awaited<ReturnType<typeof setup>>): Promise<void> => {
    await at.refuse("owed");
    at.ready();
    await waitFor("what is owed", () => at.stored().includes("owed"));
  };

  test("is what was asked for by somebody who was told that it failed", async () => {
    const at = await setup();
    void at.settle();
    await at.refuse("a tool's", NOBODY);
    await settled(at);
    expect(at.stored()).toEqual(["owed"]);
    expect(at.waiting()).toContainEqual(["a tool's", "waiting"]);
  });

  test("unless the host's queue says that it is a turn's own answer", async () => {
    const at = await setup();
    void at.settle();
    await at.refuse("continued", NOBODY);
    at.queue.push(queued("continued"));
    await settled(at);
    expect(at.stored()).toEqual(["continued", "owed"]);
  });

  test("is what was meant for another server", async () => {
    const at = await setup();
    await at.refuse("for the old one");
    const other = await startEmulator({ now: () => new Date(at.clock.ms) });
    onTestFinished(() => other.stop());
    at.box.cfg = {
      channels: {
        gotify: {
          serverUrl: other.url,
          appToken: other.createApplication("OpenClaw").token,
          clientToken: other.createClient("OpenClaw").token,
        },
      },
    };
    void at.settle();
    await at.send("for the new one");
    at.ready();
    await at.send("another");
    expect(other.store.messages().map(({ message }) => message)).toEqual([
      "for the new one",
      "another",
    ]);
  });
});

test("an answer that cannot be placed does not hold back those behind it", async () => {
  const at = await setup();
  await at.refuse("d-1");
  at.posting.host.unsettled.write("default", (outbox) => {
    const [entry] = outbox.list();
    if (entry === undefined) throw new Error("Nothing waits.");
    outbox.forget(entry);
    outbox.note({ ...entry, target: "app:nobody's" }, true);
  });
  at.clock.ms += 1;
  await at.refuse("d-2");
  void at.settle();
  at.ready();
  await waitFor("the second", () => at.stored().includes("d-2"));
  expect(at.waiting()).toContainEqual(["d-1", "waiting"]);
});

test("an answer whose place could not be asked for during an outage waits as well", async () => {
  const at = await setup({ replyTo: "origin" });
  for (const name of ["1", "2", "3", "4"]) at.emulator.createApplication(name);
  await at.emulator.goDown();
  await at.send("d-1").catch(() => {});
  expect(at.waiting()).toEqual([["d-1", "waiting"]]);
  await at.emulator.comeBack();
  void at.settle();
  at.ready();
  await waitFor("the answer", () => at.stored().length === 1);
  expect(at.emulator.store.messages()).toMatchObject([{ appid: 5 }]);
});

describe("what a dead process left in the host's queue", () => {
  test("is sent, and read back first where its post had begun", async () => {
    const at = await setup();
    at.queue.push(queued("d-1"), queued("d-2", { startedAt: at.clock.ms - 5_000 }));
    void at.settle();
    await waitFor("both", () => at.waiting().length === 2);
    at.ready();
    await waitFor("the second", () => at.stored().includes("d-2"));
    expect(at.stored()).toEqual(["d-1", "d-2"]);
  });

  test("is looked for again, when the queue could not be read", async () => {
    const at = await setup();
    let isBroken = true;
    const list = async () => {
      if (isBroken) throw new Error("locked");
      return [queued("d-1")];
    };
    const settled = settleLeftovers(at.request, at.posting, list).catch(() => {});
    await waitFor("the line in the log", () => at.warnings.length === 1);
    isBroken = false;
    at.ready();
    await waitFor("the answer", () => at.stored().length === 1);
    expect(at.stored()).toEqual(["d-1"]);
    at.controller.abort();
    await settled;
  });
});

describe("an answer that a dead process was posting", () => {
  async function afterDeath() {
    const at = await setup();
    const reached = new Promise<void>((resolve) => {
      at.front.onPost = resolve;
    });
    at.front.spoil("hang");
    const death = new AbortController();
    const dying = at.sendBy(at.posting, "d-1", death.signal).catch(() => {});
    await reached;
    const left = waiting(at.posting);
    // A dead process notes nothing more, and holds up nobody.
    death.abort();
    await dying;
    at.posting.host.unsettled.write("default", (outbox) => {
      for (const entry of left) {
        outbox.forget(entry);
        outbox.note(entry, false);
      }
    });
    at.clock.ms += MINUTE_MS;
    const next = createPosting(at.posting.host);
    return { ...at, settle: () => at.settle(next), send: (id: string) => at.sendBy(next, id) };
  }

  test("is noted before the post", async () => {
    const at = await afterDeath();
    expect(waiting(at.posting)).toMatchObject([{ id: "d-1", state: "unknown", attempts: 0 }]);
  });

  test("is posted once another one has gone through, and the host finds it there", async () => {
    const at = await afterDeath();
    void at.settle();
    at.ready();
    expect(at.stored()).toEqual([]);
    await at.send("d-2");
    await waitFor("the answer", () => at.stored().length === 2);
    expect(at.stored()).toEqual(["d-2", "d-1"]);
    await waitFor("the note", () => at.waiting().every(([, state]) => state === "arrived"));
    await at.send("d-1");
    expect(at.stored()).toEqual(["d-2", "d-1"]);
  });

  test("and that reads differently today is looked at three times, and then left to a person", async () => {
    const at = await afterDeath();
    const stamp = {
      v: 1,
      by: "install-1",
      id: "d-1",
      payload: 0,
      payloads: 1,
      part: 0,
      parts: 1,
    };
    at.emulator.push({
      appid: 1,
      message: "what it would not say",
      extras: { openclaw: { delivery: stamp } },
    });
    const readings = (): number =>
      at.emulator.store
        .requests()
        .filter(({ method, url }) => method === "GET" && url.startsWith("/message")).length;
    void at.settle();
    for (const looks of [1, 2, 3]) {
      await at.send(`sign ${looks}`);
      await waitFor("a look", () => readings() === looks);
    }
    await at.send("sign 4");
    // What waits is sent after a look, had there been one.
    await at.refuse("d-9");
    at.ready();
    await waitFor("the next one", () => at.stored().includes("d-9"));
    expect(readings()).toBe(4);
    expect(at.waiting()).toContainEqual(["d-1", "unknown"]);
  });
});

test("waiting ends with the account", async () => {
  const at = await setup();
  const settled = at.settle();
  at.controller.abort(new Error("stopping"));
  expect(await settled).toMatchObject({ message: "stopping" });
});
