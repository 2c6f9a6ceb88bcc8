import { expect, test } from "vitest";
import { parseNative, readStored, replyOf, withChannelData } from "./native.ts";

test("what cannot be read is left out field by field", () => {
  expect(
    parseNative({
      title: 5,
      priority: "loud",
      clickUrl: " https://x/ ",
      bigImageUrl: "",
      contentType: "text/html",
      intentUrl: null,
      extras: { big: 1n },
      unknown: true,
    }),
  ).toEqual({ clickUrl: "https://x/" });
  for (const value of [undefined, null, 5, "x", []]) expect(parseNative(value)).toEqual({});
});

test("names of priorities and short names of formats are understood", () => {
  expect(parseNative({ priority: "high", contentType: "plain" })).toEqual({
    priority: 8,
    contentType: "text/plain",
  });
});

test("what is said of a reply survives the queue, and is added to without touching what was there", () => {
  const payload = {
    text: "x",
    channelData: { other: { a: 1 }, gotify: { title: "T", priority: 3 } },
  };
  const before = structuredClone(payload);
  const added = withChannelData(payload, {
    native: { priority: 9, clickUrl: undefined },
    answers: { agentId: "ada", messageId: 7 },
    kind: "approval",
  });
  expect(payload).toEqual(before);
  const queued: unknown = JSON.parse(JSON.stringify(added.channelData));
  expect(queued).toMatchObject({ other: { a: 1 } });
  expect(readStored(queued)).toEqual({
    native: { title: "T", priority: 9 },
    answers: { agentId: "ada", messageId: 7 },
    kind: "approval",
  });
  expect(readStored(withChannelData(added, { answers: { appId: 2 } }).channelData).answers).toEqual(
    {
      agentId: "ada",
      messageId: 7,
      appId: 2,
    },
  );
});

test("a payload cannot make an operator of its author", () => {
  const payload = { text: "x", channelData: { gotify: { by: "operator" } } };
  expect(replyOf(payload, { silent: false }).by).toBe("agent");
});

test("files are listed once, in order", () => {
  const payload = { mediaUrl: "/a", mediaUrls: ["/a", " ", "/b"] };
  expect(replyOf(payload, { silent: true })).toMatchObject({
    text: "",
    mediaUrls: ["/a", "/b"],
    silent: true,
    kind: "answer",
  });
});

test.each([
  ["an error", { text: "x", isError: true }, "error"],
  [
    "a pending approval",
    { text: "x", channelData: { execApproval: { approvalId: "1" } } },
    "approval",
  ],
  ["a settled one", { channelData: { execApproval: { state: "resolved" } } }, "answer"],
  ["what says so itself", { isError: true, channelData: { gotify: { kind: "answer" } } }, "answer"],
])("%s is known as what it is", (_, payload, kind) => {
  expect(replyOf(payload, { silent: false }).kind).toBe(kind);
});

test("what the host has not rendered is rendered all the same", () => {
  const reply = replyOf(
    {
      text: "Which?",
      interactive: {
        blocks: [
          {
            type: "buttons",
            buttons: [{ label: "Docs", action: { type: "url", url: "https://docs/" } }],
          },
        ],
      },
      location: { latitude: 52.5, longitude: 13.4, name: "Home" },
    },
    { silent: false },
  );
  expect(reply.text).toBe("Which?\n\nLocation: Home (52.5, 13.4)\n\n- [Docs](https://docs/)");
  expect(reply.native.clickUrl).toBe("https://docs/");
});
