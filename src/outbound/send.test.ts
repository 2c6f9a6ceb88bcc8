import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator } from "../../test/emulator/index.ts";
import { startLocalServer } from "../../test/support/local-server.ts";
import { sendText, type SendRequest } from "./send.ts";

async function setup(gotify: Record<string, unknown> = {}) {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const application = emulator.createApplication("OpenClaw");
  const cfg: OpenClawConfig = {
    channels: { gotify: { serverUrl: emulator.url, appToken: application.token, ...gotify } },
  };
  const activity: string[] = [];
  const host = { installId: () => "install-1", recordActivity: (id: string) => activity.push(id) };
  const send = (request: Partial<SendRequest> = {}) =>
    sendText({ cfg, to: "gotify:5", text: "hello", ...request }, host);
  return { emulator, application, send, activity };
}

const stored = (emulator: Emulator) => emulator.store.messages();

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe("a post", () => {
  test("lands in the account's application, as Markdown, with the account's priority and a stamp", async () => {
    const { emulator, application, send, activity } = await setup({ defaultPriority: 6 });
    const { message, peerId } = await send({ text: "**hello**\0" });
    expect(peerId).toBe("5");
    expect(stored(emulator)).toMatchObject([
      {
        id: message.id,
        appid: application.id,
        message: "**hello**",
        priority: 6,
        extras: {
          "client::display": { contentType: "text/markdown" },
          "openclaw::delivery": {
            v: 1,
            by: "install-1",
            payload: 0,
            payloads: 1,
            part: 0,
            parts: 1,
          },
        },
      },
    ]);
    expect(activity).toEqual(["default"]);
  });

  test("is silent when asked to be", async () => {
    const { emulator, send } = await setup();
    await send({ silent: true });
    expect(stored(emulator)).toMatchObject([{ priority: 0 }]);
  });

  test("carries the host's delivery id, and a new one each time without", async () => {
    const { emulator, send } = await setup();
    await send({ deliveryQueueId: "q-1", deliveryPartIndex: 1, deliveryPartCount: 3 });
    await send();
    await send();
    const stamps = stored(emulator).map(({ extras }) => extras?.["openclaw::delivery"]);
    expect(stamps).toContainEqual(expect.objectContaining({ id: "q-1", payload: 1, payloads: 3 }));
    expect(new Set(stamps.map((stamp) => JSON.stringify(stamp))).size).toBe(3);
  });

  test("tells the host right before it posts, and not before it knows that the server is well", async () => {
    const { emulator, send } = await setup();
    const seen: string[] = [];
    await send({
      onPlatformSendDispatch: async () => {
        seen.push(`dispatch ${stored(emulator).length}`);
      },
      assertDirectAdapterHandoff: () => seen.push(`handoff ${stored(emulator).length}`),
    });
    expect(seen).toEqual(["dispatch 0", "handoff 0"]);
    emulator.faults.databaseDown = true;
    await failure(send({ onPlatformSendDispatch: async () => void seen.push("dispatch again") }));
    expect(seen).not.toContain("dispatch again");
  });
});

describe("a post that fails", () => {
  test("goes through where a proxy lets nobody see the server's health", async () => {
    const front = await startLocalServer(({ url }, response) => {
      response.statusCode = url === "/health" ? 404 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: 7, appid: 1, message: "hello", title: "", priority: 5 }));
    });
    const { send } = await setup({ serverUrl: front.url });
    expect((await send()).message.id).toBe(7);
  });

  test.each<[string, boolean, RegExp, (emulator: Emulator) => void | Promise<void>]>([
    ["server down", true, /refused/, (emulator) => emulator.goDown()],
    [
      "database down",
      true,
      /database is red/,
      (emulator) => void (emulator.faults.databaseDown = true),
    ],
    [
      "proxy without a server",
      true,
      /proxy/,
      (emulator) => void (emulator.faults.badGateway = true),
    ],
  ])(
    "before anything was stored may be tried again: %s",
    async (_what, retryable, text, breakIt) => {
      const { emulator, send } = await setup();
      await breakIt(emulator);
      const error = await failure(send());
      expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
      expect(error).toMatchObject({ retryable });
      expect(String(error)).toMatch(text);
      expect(stored(emulator)).toEqual([]);
    },
  );

  test.each<[string, RegExp, Record<string, unknown>, Partial<SendRequest>]>([
    ["a wrong token", /app token \(401\)/, { appToken: "Awrong" }, {}],
    ["no token", /channels\.gotify\.appToken/, { appToken: undefined, clientToken: "C" }, {}],
    ["a target of another channel", /names no Gotify conversation/, {}, { to: "telegram:1" }],
    ["a token that no header can carry", /appToken contains blanks/, { appToken: "a b" }, {}],
    ["an empty text", /empty message/, {}, { text: "\0" }],
  ])("for good is not tried again: %s", async (_what, text, gotify, request) => {
    const { emulator, send } = await setup(gotify);
    const error = await failure(send(request));
    expect(error).toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ retryable: false });
    expect(String(error)).toMatch(text);
    expect(stored(emulator)).toEqual([]);
  });

  test("although it was stored is not called unsent", async () => {
    const { emulator, send } = await setup();
    emulator.faults.failNextPostsStored(1);
    const error = await failure(send());
    expect(stored(emulator)).toHaveLength(1);
    expect(error).not.toBeInstanceOf(PlatformMessageNotDispatchedError);
    expect(error).toMatchObject({ code: "GOTIFY_SERVER_ERROR" });
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
