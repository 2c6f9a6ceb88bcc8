import { expect, test } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import type { AccountConfig } from "../../config/types.ts";
import { assembleParts } from "./parts.ts";
import type { Reply } from "../reply.ts";

function assemble(
  reply: Partial<Reply> = {},
  options: {
    config?: AccountConfig;
    peerId?: string;
    blocks?: readonly string[];
    bigImageUrl?: string;
  } = {},
) {
  const gotify = {
    serverUrl: "https://gotify.lan",
    appToken: "Aaaaaaaaaaaaaaa",
    ...options.config,
  };
  return assembleParts({
    reply: {
      text: "Hello.",
      mediaUrls: [],
      kind: "answer",
      silent: false,
      native: {},
      answers: {},
      isExplicit: false,
      by: "agent",
      ...reply,
    },
    account: resolveAccount({ channels: { gotify } }, null),
    peerId: options.peerId ?? "ops",
    media: { blocks: options.blocks ?? [], bigImageUrl: options.bigImageUrl },
  });
}

const LONG = Array.from({ length: 120 }, (_, index) => `Paragraph ${index} of a long answer.`).join(
  "\n\n",
);
const SMALL_PARTS = { partBytes: 1_000 };
const PNG = "![a](data:image/png;base64,AAAA)";

test("nothing to be seen is nothing to be sent", () => {
  expect(assemble({ text: " \n\t" })).toEqual([]);
  expect(assemble({ text: "", native: { clickUrl: "https://x/", title: "T" } })).toEqual([]);
});

test("a reply says whose it is and what it answers", () => {
  const [part] = assemble({
    answers: { agentId: "ada", agentName: "Ada", messageId: 12, appId: 3 },
  });
  expect(part).toEqual({
    message: "Hello.",
    title: "Ada",
    priority: 5,
    extras: {
      "client::display": { contentType: "text/plain" },
      openclaw: { peerId: "ops", agent: "ada", answers: "12" },
    },
  });
});

test("parts are numbered, the first is heard, and only it does something", () => {
  const parts = assemble(
    {
      text: LONG,
      answers: { agentName: "Ada" },
      native: {
        priority: 9,
        clickUrl: "https://x/",
        intentUrl: "intent://x",
        extras: { "a::b": 1 },
      },
      by: "operator",
    },
    { config: SMALL_PARTS, bigImageUrl: "https://x/a.png" },
  );
  const [first, ...rest] = parts;
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.map(({ title }) => title)).toEqual(
    parts.map((_, index) => `Ada (${index + 1}/${parts.length})`),
  );
  expect(parts.map(({ priority }) => priority)).toEqual([9, ...rest.map(() => 0)]);
  expect(first?.extras).toMatchObject({
    "client::notification": { click: { url: "https://x/" }, bigImageUrl: "https://x/a.png" },
    "android::action": { onReceive: { intentUrl: "intent://x" } },
    "a::b": 1,
  });
  for (const { extras } of rest) {
    expect(Object.keys(extras).toSorted()).toEqual(["client::display", "openclaw"]);
  }
  expect(parts.map(({ message }) => message).join("\n\n")).toContain("Paragraph 119");
});

test("the same reply becomes the same messages again", () => {
  const again = () => assemble({ text: LONG }, { config: SMALL_PARTS, blocks: [PNG] });
  expect(again()).toEqual(again());
});

test.each([
  ["an answer", {}, {}, 5],
  ["the account's own", { config: { defaultPriority: "high" } }, {}, 8],
  ["an application's, as the one answered", {}, { answers: { appId: 3 } }, 7],
  ["an application's, as the conversation", { peerId: "3" }, {}, 7],
  ["an error", {}, { kind: "error" }, 8],
  ["a configured error", { config: { priorities: { error: 3 } } }, { kind: "error" }, 3],
  ["an approval", {}, { kind: "approval", answers: { appId: 3 } }, 8],
  ["what the message says", {}, { kind: "error", native: { priority: -2 } }, -2],
  ["silence", {}, { silent: true, native: { priority: 8 } }, 0],
  ["silence that is already quieter", {}, { silent: true, native: { priority: -2 } }, -2],
] as const)("the priority is decided by %s", (_, options, reply, priority) => {
  const config: AccountConfig = {
    applications: { "app:3": { priority: 7 } },
    ...("config" in options ? options.config : {}),
  };
  expect(assemble(reply, { ...options, config }).map((part) => part.priority)).toEqual([priority]);
});

test("the parts after the first are never louder than it", () => {
  const config = { ...SMALL_PARTS, priorities: { quiet: 2 } };
  const priorities = assemble({ text: LONG, native: { priority: 1 } }, { config }).map(
    ({ priority }) => priority,
  );
  expect(new Set(priorities)).toEqual(new Set([1]));
});

test("a picture stands below a text that fits with it, and the whole is Markdown", () => {
  const [part, ...rest] = assemble({ text: "one\ntwo" }, { blocks: [PNG, "x.txt: <https://x/>"] });
  expect(rest).toEqual([]);
  expect(part?.message).toMatch(/^one {2}\ntwo\n\n!\[a\].*\n\nx\.txt: <https:\/\/x\/>$/);
  expect(part?.extras["client::display"]).toEqual({ contentType: "text/markdown" });
});

test("a picture alone is a message", () => {
  expect(assemble({ text: " " }, { blocks: [PNG] }).map(({ message }) => message)).toEqual([PNG]);
});

test("pictures on the web share a message; how many it takes depends on no file's bytes", () => {
  const web = "![a](https://cams.example/1.png)";
  const count = (blocks: readonly string[]) => assemble({}, { blocks }).length;
  expect(count([web, web, web])).toBe(1);
  const gone = "_(door.png could not be sent: it is gone.)_";
  expect(count([PNG, web])).toBe(count([gone, web]));
  expect(count([PNG, PNG])).toBe(3);
  expect(count([gone, PNG])).toBe(3);
});

test("pictures that do not fit are messages of their own, after the text, and quiet", () => {
  const large = `![a](data:image/png;base64,${"A".repeat(40_000)})`;
  const parts = assemble({}, { blocks: [large, large] });
  expect(parts.map(({ message }) => message)).toEqual(["Hello.", large, large]);
  expect(parts.map(({ priority }) => priority)).toEqual([5, 0, 0]);
  expect(assemble({ text: "" }, { blocks: [large, large] })).toHaveLength(2);
  const all = assemble({ text: LONG }, { config: SMALL_PARTS, blocks: [PNG] });
  expect(all.at(-1)?.message).toBe(PNG);
});

test("a picture that no message could hold is named instead", () => {
  const [part] = assemble({}, { blocks: ["A".repeat(70_000)] });
  expect(part?.message).toBe("Hello.\n\n(a file that is too large for a message)");
});

test("plain text stays plain, and its pictures come after it", () => {
  const text = "# not a heading\n![a](https://evil/x)";
  const parts = assemble(
    { text, native: { contentType: "text/plain" }, answers: { agentName: "Ada" } },
    { blocks: [PNG] },
  );
  expect(parts.map(({ message, title }) => [message, title])).toEqual([
    [text, "Ada (1/2)"],
    [PNG, "Ada (2/2)"],
  ]);
  expect(parts.map(({ extras }) => extras["client::display"])).toEqual([
    { contentType: "text/plain" },
    { contentType: "text/markdown" },
  ]);
});

test("a picture written into the text is not split with it", () => {
  const large = `![plot](data:image/png;base64,${"A".repeat(20_000)})`;
  const parts = assemble({ text: `${LONG}\n\n${large}\n\nend` }, { config: SMALL_PARTS });
  expect(parts.at(-1)?.message).toBe(large);
});

test("an agent's image from anywhere is a link, an operator's is an image", () => {
  const text = "![a](https://evil/x.png)";
  expect(assemble({ text })[0]?.message).toBe("[a](https://evil/x.png)");
  expect(assemble({ text, by: "operator" })[0]?.message).toBe(text);
});

test("a split does not turn code into an image", () => {
  const text = `Look: \`${"a ".repeat(900)}![a](https://evil/x.png)\``;
  for (const { message, extras } of assemble({ text }, { config: SMALL_PARTS })) {
    expect(extras["client::display"]).toEqual({ contentType: "text/markdown" });
    const outsideOfCode = message.replace(/`[^`]*`/g, "");
    expect(outsideOfCode).not.toContain("![");
  }
});

test("a big image that may not be shown is linked once", () => {
  const native = { bigImageUrl: "https://evil/x.png" };
  expect(assemble({ native })[0]?.message).toBe("Hello.\n\n<https://evil/x.png>");
  expect(assemble({ native, text: "See https://evil/x.png" })).toHaveLength(1);
  expect(assemble({ native })[0]?.extras).not.toHaveProperty(["client::notification"]);
  const smuggled = { bigImageUrl: "https://evil/x>![a](https://evil/y)" };
  expect(assemble({ native: smuggled })[0]?.message).toBe(
    "Hello.\n\n<https://evil/x%3E![a](https://evil/y)>",
  );
});

test.each([
  [undefined, "- **x** – b: y"],
  ["bullets", "- **x** – b: y"],
  ["code", "```\na  b\n-  -\nx  y\n```"],
  ["block", "```\na  b\n-  -\nx  y\n```"],
  ["off", "|a|b|\n|-|-|\n|x|y|"],
] as const)("with markdown.tables %s, a table is as that says", (tables, message) => {
  const [part] = assemble(
    { text: "|a|b|\n|-|-|\n|x|y|" },
    { config: tables === undefined ? {} : { markdown: { tables } } },
  );
  expect(part?.message).toBe(message);
});

test("textChunkLimit counts characters and partBytes bytes, and a message ends where the first is reached", () => {
  const text = "汉字".repeat(1_500);
  const lengths = (config: AccountConfig): number[] =>
    assemble({ text }, { config }).map(({ message }) => message.length);
  expect(lengths({ textChunkLimit: 2_000 })).toEqual([2_000, 1_000]);
  expect(lengths({ textChunkLimit: 9_000 })).toEqual([3_000]);
  expect(lengths({ partBytes: 3_000 })).toEqual([1_000, 1_000, 1_000]);
  expect(lengths({ textChunkLimit: 2_000, partBytes: 3_000 })).toEqual([1_000, 1_000, 1_000]);
  expect(lengths({ textChunkLimit: 600, partBytes: 3_000 })).toEqual([600, 600, 600, 600, 600]);
});

test("streaming.chunkMode newline splits between paragraphs, also where a part stays short for it", () => {
  const intro = "An introduction of one line.";
  const list = Array.from({ length: 60 }, (_, index) => `- item ${index} of a list`).join("\n");
  const [first] = assemble(
    { text: `${intro}\n\n${list}` },
    { config: { partBytes: 1_000, streaming: { chunkMode: "newline" } } },
  );
  expect(first?.message).toBe(intro);
  const [fuller] = assemble(
    { text: `${intro}\n\n${list}` },
    { config: { partBytes: 1_000, streaming: { chunkMode: "length" } } },
  );
  expect(fuller?.message).toContain("item 5");
});
