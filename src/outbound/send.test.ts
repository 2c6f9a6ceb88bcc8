import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator } from "../../test/emulator/index.ts";
import { startFaultyFront, type Spoiling } from "../../test/support/faulty-front.ts";
import { testPosting, waiting } from "../../test/support/posting.ts";
import { textLike } from "../../test/support/like.ts";
import { onPost } from "../config/account-signals.ts";
import { readStamp } from "../gotify/delivery-stamp.ts";
import { replyOf, withChannelData } from "./controls/native.ts";
import { sendReply, type SendRequest } from "./send.ts";

const LONG = ["first", "second", "third"].map((word) => `${word} `.repeat(80).trim()).join("\n\n");

async function setup(gotify: Record<string, unknown> = {}) {
  const process = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const emulator = await startEmulator({ now: () => new Date(process.clock.ms) });
  onTestFinished(() => emulator.stop());
  const front = await startFaultyFront(emulator.url);
  const application = emulator.createApplication("OpenClaw");
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: front.url,
        appToken: application.token,
        clientToken: emulator.createClient("OpenClaw").token,
        ...gotify,
      },
    },
  };
  const send = ({
    text = "hello",
    silent = false,
    ...request
  }: Partial<SendRequest> & { text?: string; silent?: boolean } = {}) =>
    sendReply(
      { cfg, to: "app:5", reply: replyOf({ text }, { silent }), ...request },
      process.posting,
    );
  return { ...process, emulator, front, application, send };
}

const stored = (emulator: Emulator) => emulator.store.messages();

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe("a reply", () => {
  test("lands in the account's application, with the account's priority and what it is about", async () => {
    const { emulator, application, send, activity } = await setup({ defaultPriority: "high" });
    const { messages, peerId } = await send({
      reply: replyOf(
        {
          text: "**hello**\0",
          channelData: {
            gotify: { answers: { agentId: "main", agentName: "Ada", messageId: 77 } },
          },
        },
        { silent: false },
      ),
    });
    expect(peerId).toBe("5");
    expect(stored(emulator)).toMatchObject([
      {
        id: messages[0]?.id,
        appid: application.id,
        message: "**hello**",
        title: "Ada",
        priority: 8,
        extras: {
          "client::display": { contentType: "text/markdown" },
          openclaw: {
            peerId: "5",
            agent: "main",
            answers: "77",
            delivery: { v: 1, by: "install-1", payload: 0, payloads: 1, part: 0, parts: 1 },
          },
        },
      },
    ]);
    expect(activity).toEqual(["default"]);
  });

  test("that is long becomes several messages, in order, of which the first is heard", async () => {
    const { emulator, send } = await setup({ partBytes: 600 });
    const posted: number[] = [];
    const { messages } = await send({ text: LONG, onPosted: ({ id }) => void posted.push(id) });
    expect(stored(emulator).map(({ priority }) => priority)).toEqual([5, 0, 0]);
    expect(stored(emulator).map(({ extras }) => readStamp(extras ?? {})?.part)).toEqual([0, 1, 2]);
    expect(
      stored(emulator)
        .map(({ message }) => message)
        .join("\n\n"),
    ).toBe(LONG);
    expect(posted).toEqual(messages.map(({ id }) => id));
  });

  test("is silent when asked to be", async () => {
    const { emulator, send } = await setup();
    await send({ silent: true });
    expect(stored(emulator)).toMatchObject([{ priority: 0 }]);
  });

  test.each(["", "  \n ", "\0"])("with nothing to be seen is not sent: %j", async (text) => {
    const { emulator, send } = await setup();
    expect(await send({ text })).toEqual({ messages: [], peerId: "5" });
    expect(stored(emulator)).toEqual([]);
  });

  test("carries the host's delivery id, and a new one each time without", async () => {
    const { emulator, send } = await setup();
    await send({ deliveryQueueId: "q-1", deliveryPartIndex: 1, deliveryPartCount: 3 });
    await send();
    await send();
    const stamps = stored(emulator).map(({ extras }) => readStamp(extras ?? {}));
    expect(stamps).toContainEqual(expect.objectContaining({ id: "q-1", payload: 1, payloads: 3 }));
    expect(new Set(stamps.map((stamp) => stamp?.id)).size).toBe(3);
  });

  test("is told to the host right before each post, and not before the server is known to be well", async () => {
    const { emulator, send, clock } = await setup({ partBytes: 600 });
    const seen: string[] = [];
    await send({
      text: LONG,
      onPlatformSendDispatch: async () => void seen.push(`dispatch ${stored(emulator).length}`),
      assertDirectAdapterHandoff: () => void seen.push(`handoff ${stored(emulator).length}`),
    });
    expect(seen).toEqual([0, 1, 2].flatMap((count) => [`dispatch ${count}`, `handoff ${count}`]));
    emulator.faults.databaseDown = true;
    clock.ms += 60_000;
    await failure(send({ onPlatformSendDispatch: async () => void seen.push("dispatch again") }));
    expect(seen).not.toContain("dispatch again");
  });

  test("waits for the one before it", async () => {
    const { emulator, send } = await setup();
    await Promise.all(["one", "two", "three"].map((text) => send({ text })));
    expect(stored(emulator).map(({ message }) => message)).toEqual(["one", "two", "three"]);
  });
});

describe("a reply that fails", () => {
  test.each<[string, RegExp, (emulator: Emulator) => void | Promise<void>]>([
    ["database down", /database is red/, (emulator) => void (emulator.faults.databaseDown = true)],
    ["proxy without a server", /proxy/, (emulator) => void (emulator.faults.badGateway = true)],
  ])("before anything was stored may be tried again: %s", async (_what, text, breakIt) => {
    const { emulator, send, posting } = await setup();
    await breakIt(emulator);
    const error = await failure(send({ deliveryQueueId: "q-1" }));
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable: true });
    expect(String(error)).toMatch(text);
    expect(stored(emulator)).toEqual([]);
    expect(waiting(posting)).toMatchObject([
      { id: "q-1", state: "waiting", target: "app:5", parts: [{ message: "hello" }] },
    ]);
  });

  test.each<[string, Spoiling, boolean]>([
    ["a wrong request", 400, false],
    ["a refused token", 401, false],
    ["a proxy's ban", 403, false],
    ["a wrong address", 404, false],
    ["a proxy's limit of size", 413, false],
    ["a proxy's limit of rate", 429, true],
  ])("with nothing stored says so: %s", async (_what, fault, retryable) => {
    const { emulator, front, send, posting } = await setup();
    front.spoil(fault);
    const error = await failure(send({ deliveryQueueId: "q-1" }));
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable });
    expect(stored(emulator)).toEqual([]);
    expect(waiting(posting)).toMatchObject([{ state: retryable ? "waiting" : "refused" }]);
  });

  test("because a proxy asks for a wait is not tried before its time", async () => {
    const { emulator, front, send, clock } = await setup();
    front.headers["retry-after"] = "12";
    front.spoil(429);
    await failure(send());
    const before = clock.ms;
    await send();
    expect(clock.ms - before).toBe(12_000);
    expect(stored(emulator)).toHaveLength(1);
  });

  test.each<[string, RegExp, Record<string, unknown>, Partial<SendRequest>]>([
    ["no token", /channels\.gotify\.appToken/, { appToken: undefined, clientToken: "C" }, {}],
    ["a target of another channel", /telegram:1/, {}, { to: "telegram:1" }],
    ["a token that no header can carry", /appToken contains blanks/, { appToken: "a b" }, {}],
  ])("for good is not tried again: %s", async (_what, text, gotify, request) => {
    const { emulator, send } = await setup(gotify);
    const error = await failure(send(request));
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable: false });
    expect(String(error)).toMatch(text);
    expect(stored(emulator)).toEqual([]);
  });

  test("because a file cannot be sent fails only where somebody asked for just that", async () => {
    const { emulator, send } = await setup();
    const payload = { text: "the report", mediaUrl: "/nowhere/report.pdf" };
    const explicit = withChannelData(payload, { isExplicit: true });
    const error = await failure(send({ reply: replyOf(explicit, { silent: false }) }));
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable: false });
    expect(String(error)).toMatch(/report\.pdf/);
    expect(String(error)).not.toContain("/nowhere");
    expect(stored(emulator)).toEqual([]);
    await send({ reply: replyOf(payload, { silent: false }) });
    expect(stored(emulator)).toMatchObject([
      { message: textLike(/^the report\n\n.*report\.pdf could not be sent/) },
    ]);
  });

  test("with nobody knowing what became of it is not called unsent", async () => {
    const { front, send, posting, clock } = await setup();
    const startedAt = clock.ms;
    front.spoil("reset");
    const error = await failure(send({ deliveryQueueId: "q-1" }));
    expect(error).not.toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ outcome: "unknown" });
    expect(waiting(posting)).toMatchObject([
      { state: "unknown", startedAt, answeredAt: undefined },
    ]);
  });

  test("with nobody knowing what became of it is not posted again when it is tried again", async () => {
    const { emulator, front, send, posting } = await setup();
    front.spoil("late-500");
    await failure(send({ deliveryQueueId: "q-1" }));
    const again = await failure(send({ deliveryQueueId: "q-1" }));
    expect(again).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(again).toMatchObject({ retryable: false, message: textLike(/may have arrived/) });
    expect(front.spoiled).toEqual(["late-500"]);
    expect(waiting(posting)).toMatchObject([{ id: "q-1", state: "unknown" }]);
    await front.letGo();
    expect(stored(emulator)).toHaveLength(1);
  });

  test("halfway is not called unsent, and what is left of it is noted", async () => {
    const { emulator, front, send, posting } = await setup({ partBytes: 600 });
    const seen: number[] = [];
    const error = await failure(
      send({
        text: LONG,
        deliveryQueueId: "q-1",
        onPosted: ({ id }) => {
          seen.push(id);
          front.spoil(429);
        },
      }),
    );
    expect(error).not.toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(seen).toHaveLength(1);
    expect(stored(emulator)).toHaveLength(1);
    expect(waiting(posting)).toMatchObject([
      { state: "waiting", reason: textLike(/^1 of 3 messages are stored\. /) },
    ]);
  });

  test("and arrives at the next try leaves nothing behind", async () => {
    const { emulator, front, send, posting } = await setup();
    front.spoil(429);
    await failure(send({ deliveryQueueId: "q-1" }));
    await send({ deliveryQueueId: "q-1" });
    expect(stored(emulator)).toHaveLength(1);
    expect(waiting(posting)).toEqual([]);
  });

  test("because the host said no is the host's affair, and nothing that the way in has to know", async () => {
    const { send, posting } = await setup();
    const told: unknown[] = [];
    onTestFinished(onPost("default", (outcome) => void told.push(outcome)));
    const no = new Error("the claim was lost");
    const request = { deliveryQueueId: "q-1", onPlatformSendDispatch: () => Promise.reject(no) };
    expect(await failure(send(request))).toMatchObject({ retryable: true });
    expect([told, waiting(posting)]).toEqual([[], []]);
    const { signal } = new AbortController();
    await failure(
      send({ deliveryQueueId: "q-2", signal: AbortSignal.any([signal, AbortSignal.abort()]) }),
    );
    expect(waiting(posting)).toEqual([]);
  });

  describe("because it was stopped right before its post", () => {
    const answer = replyOf(
      { text: "hello", channelData: { gotify: { answers: { messageId: 77 } } } },
      { silent: false },
    );
    const stoppedBy = (reason: Error): Partial<SendRequest> => ({
      deliveryQueueId: "q-1",
      assertDirectAdapterHandoff: () => {
        throw reason;
      },
    });

    test.each<[string, Partial<SendRequest>, boolean]>([
      ["an answer", { ...stoppedBy(new Error("stopping")), reply: answer }, true],
      ["anything else", stoppedBy(new Error("stopping")), false],
      [
        "an answer that waits in line",
        { deliveryQueueId: "q-1", reply: answer, signal: AbortSignal.abort() },
        true,
      ],
      ["anything else in line", { deliveryQueueId: "q-1", signal: AbortSignal.abort() }, false],
    ])("%s waits on, or does not: %#", async (_what, request, isKept) => {
      const { emulator, send, posting } = await setup();
      expect(await failure(send(request))).toBeInstanceOf(PlatformMessageNotDispatchedError);
      expect(waiting(posting).map(({ state, attempts }) => [state, attempts])).toEqual(
        isKept ? [["waiting", 0]] : [],
      );
      expect(stored(emulator)).toEqual([]);
    });

    test.each<[string, Partial<SendRequest>]>([
      ["by the host", stoppedBy(new Error("stopping"))],
      ["in line", { deliveryQueueId: "q-1", signal: AbortSignal.abort() }],
    ])("what waited before waits on: %s", async (_what, request) => {
      const { front, send, posting } = await setup();
      front.spoil(429);
      await failure(send({ deliveryQueueId: "q-1" }));
      const before = waiting(posting);
      await failure(send(request));
      expect(waiting(posting)).toMatchObject([
        { id: "q-1", state: "waiting", attempts: 1, parts: before[0]?.parts },
      ]);
    });

    test("what has arrived meanwhile stays arrived", async () => {
      const { send, posting } = await setup();
      await failure(send({ ...stoppedBy(new Error("stopping")), reply: answer }));
      posting.host.unsettled.write("default", (outbox) =>
        outbox.noteArrived({ id: "q-1", payload: 0 }, new Map([[0, { id: 9, appId: 1 }]])),
      );
      const request = { deliveryQueueId: "q-1", reply: answer };
      await failure(send({ ...request, signal: AbortSignal.abort() }));
      expect(await send(request)).toMatchObject({ messages: [{ id: 9 }] });
    });
  });

  test("is left to another process that has it just now", async () => {
    const { emulator, front, send, posting } = await setup();
    front.spoil(429);
    await failure(send({ deliveryQueueId: "q-1" }));
    const claimed: unknown[] = [];
    const error = await failure(
      send({
        deliveryQueueId: "q-1",
        onPlatformSendDispatch: async () => {
          const [seen] = waiting(posting);
          posting.host.unsettled.write("default", (outbox) => {
            if (seen !== undefined) claimed.push(outbox.claim(seen));
          });
        },
      }),
    );
    expect(claimed).toEqual([true]);
    expect(error).toMatchObject({ retryable: true, message: textLike(/by another process/) });
    expect(stored(emulator)).toEqual([]);
    expect(waiting(posting)).toMatchObject([{ id: "q-1", state: "unknown" }]);
  });

  test("is in doubt while it is tried again, should the process end in the middle of it", async () => {
    const { front, send, posting } = await setup();
    front.spoil(429);
    await failure(send({ deliveryQueueId: "q-1" }));
    const seen: unknown[] = [];
    front.onPost = () => void seen.push(waiting(posting).map(({ state }) => state));
    await send({ deliveryQueueId: "q-1" });
    expect(seen).toEqual([["unknown"]]);
  });

  test("because it was stopped before it began is proven unsent, also while it waits in line", async () => {
    const { emulator, send } = await setup();
    emulator.faults.hangNextPosts(1);
    const first = send({ text: "hangs" });
    await emulator.until(() => emulator.faults.hangingPosts === 1);
    const controller = new AbortController();
    const second = failure(send({ signal: controller.signal }));
    controller.abort(new Error("stopping"));
    const error = await second;
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable: true, message: "stopping" });
    const third = send({ text: "later" });
    emulator.faults.thawPosts();
    await Promise.all([first, third]);
    expect(stored(emulator).map(({ message }) => message)).toEqual(["hangs", "later"]);
  });

  test("because it was stopped while it was on its way is not called unsent", async () => {
    const { emulator, send } = await setup();
    emulator.faults.hangNextPosts(1);
    const controller = new AbortController();
    const reason = new Error("stopping");
    const work = failure(send({ signal: controller.signal }));
    await emulator.until(() => emulator.faults.hangingPosts === 1);
    controller.abort(reason);
    expect(await work).toBe(reason);
    emulator.faults.thawPosts();
  });
});
