import type { ChannelMessageActionContext } from "openclaw/plugin-sdk/channel-contract";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { expect, test } from "vitest";
import type { AccountConfig } from "../../config/types.ts";
import { readStored } from "./native.ts";
import { prepareSendPayload, SEND_PARAMS_SCHEMA } from "./send-params.ts";

async function prepare(
  params: Record<string, unknown>,
  options: {
    payload?: ReplyPayload;
    config?: AccountConfig;
    ctx?: Partial<ChannelMessageActionContext>;
  } = {},
) {
  const gotify = {
    serverUrl: "https://gotify.lan",
    appToken: "Aaaaaaaaaaaaaaa",
    ...options.config,
  };
  return prepareSendPayload(
    {
      to: "5",
      payload: options.payload ?? { text: "x" },
      ctx: {
        channel: "gotify",
        action: "send",
        cfg: { channels: { gotify } },
        params,
        ...options.ctx,
      },
    },
    (agentId) => (agentId === "ada" ? "Ada" : undefined),
  );
}

async function stored(...args: Parameters<typeof prepare>) {
  return readStored((await prepare(...args))?.channelData);
}

test("what an agent adds to a send ends up beside the text", async () => {
  const { native } = await stored({
    message: "x",
    priority: "high",
    title: "T",
    clickUrl: "https://x/",
    textFormat: "plain",
    // The host's name for the type of an attachment.
    contentType: "image/png",
  });
  expect(native).toEqual({
    priority: 8,
    title: "T",
    clickUrl: "https://x/",
    contentType: "text/plain",
  });
});

test("a number in a text, extras as JSON and what a model left empty are understood", async () => {
  const config = { fromAgents: { extras: true } };
  const params = { priority: "7", extras: '{"a::b":1}', title: "", clickUrl: null };
  expect((await stored(params, { config })).native).toEqual({
    priority: 7,
    extras: { "a::b": 1 },
  });
});

test("channelData counts, and the parameters win over it", async () => {
  const payload = {
    text: "x",
    channelData: { other: 1, gotify: { title: "A", contentType: "text/markdown", priority: 3 } },
  };
  const prepared = await prepare({ title: "B" }, { payload });
  expect(prepared?.channelData).toMatchObject({ other: 1 });
  expect(readStored(prepared?.channelData).native).toEqual({
    title: "B",
    contentType: "text/markdown",
    priority: 3,
  });
});

test("an agent cannot say whom it answers or what kind of message it is", async () => {
  const payload = {
    channelData: { gotify: { kind: "approval", answers: { appId: 9, agentName: "Eve" } } },
  };
  expect(await stored({}, { payload })).toEqual({
    native: {},
    answers: {},
    kind: undefined,
    isExplicit: true,
  });
});

test("a send from a session carries the agent's name, one from a terminal does not", async () => {
  const inSession = { ctx: { agentId: "ada", sessionKey: "agent:ada:main" } };
  expect((await stored({}, inSession)).answers).toEqual({ agentId: "ada", agentName: "Ada" });
  expect((await stored({}, { ctx: { agentId: "ada" } })).answers).toEqual({});
});

test.each([
  [{ priority: "loud" }, "priority has to be min, low, normal, high, max or a whole number."],
  [{ priority: 1.5 }, "priority has to be"],
  [{ title: 5 }, "title has to be a text."],
  [{ clickUrl: "intent://x" }, "http:// or https://"],
  [{ textFormat: "html" }, "textFormat has to be markdown or plain."],
  [{ intentUrl: "intent://x" }, "fromAgents.intentUrls"],
  [{ extras: { "a::b": 1 } }, "fromAgents.extras"],
  [{ extras: "[1]" }, "extras has to be an object"],
])("%j is refused with what would be right", async (params, reason) => {
  await expect(prepare(params)).rejects.toThrow(reason);
  await expect(prepare(params)).rejects.toThrow(/^Not sent\. /);
});

test("an image from elsewhere is no reason not to send", async () => {
  expect((await stored({ bigImageUrl: "https://evil/x.png" })).native).toEqual({
    bigImageUrl: "https://evil/x.png",
  });
});

test("a send is never declined, everything else always", async () => {
  expect(await prepare({})).toMatchObject({ text: "x" });
  expect(await prepare({}, { ctx: { action: "read" } })).toBeNull();
});

test("the description takes no name that the host's own tool uses, and blocks no other channel's sends", () => {
  const own = new Set(["message", "media", "contentType", "mimeType", "silent", "target"]);
  expect(Object.keys(SEND_PARAMS_SCHEMA.properties).filter((name) => own.has(name))).toEqual([]);
  expect(SEND_PARAMS_SCHEMA.actions).toEqual([]);
});
