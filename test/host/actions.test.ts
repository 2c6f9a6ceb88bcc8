// Owns the message tool over Gotify on a real host: what the command line and an agent may read, delete and send, and what they may not.
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { hostVersion, isOlderHost } from "../support/openclaw.ts";
import type { ModelAnswer } from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

/** The first supported host answers `openclaw message` with "Unknown channel" for an installed plugin. */
const COMMAND_KNOWS_PLUGINS = !hostVersion().startsWith("2026.8.");

let stage: Stage;
let side: GotifySide;
/** An account whose handled messages are deleted. */
let tidy: GotifySide;
let machine: Credential;

const Output = z.object({
  ok: z.boolean().optional(),
  error: z.unknown().optional(),
  dryRun: z.boolean().optional(),
  payload: z
    .object({
      conversation: z.string().optional(),
      complete: z.boolean().optional(),
      messages: z
        .array(z.object({ id: z.string(), user: z.string(), text: z.string() }))
        .optional(),
      deleted: z.array(z.string()).optional(),
    })
    .loose()
    .optional(),
});

beforeAll(async () => {
  [side, tidy] = await Promise.all([startGotifySide(), startGotifySide()]);
  machine = side.emulator.createApplication("Backup");
  stage = await openStage({
    gotify: {
      ...side.account({ allowFrom: [side.person.id, machine.id] }),
      accounts: { tidy: tidy.account({ inbound: { afterHandled: "delete" } }) },
    },
    script: ({ said }) => `Re: ${said}`,
    // Otherwise the model would have to look for the message tool first.
    sections: { tools: { toolSearch: false } },
  });
  await connected(stage, "default", "tidy");
  await warmUp(side);
  for (const [text, from] of [
    ["first question", side.person],
    ["backup is done", machine],
    ["second question", side.person],
  ] as const) {
    await side.say(text, from);
    await side.replyWith(`Re: ${text}`);
  }
  return async () => {
    await stage.stop();
    await side.stop();
    await tidy.stop();
  };
});

const stored = (of = side) => of.emulator.store.messages().map(({ message }) => message);

async function act(action: string, ...args: string[]) {
  const { code, stdout, stderr } = await stage.gateway.run(
    "message",
    action,
    "--channel",
    "gotify",
    ...args,
    "--json",
  );
  // The host writes what went wrong to either.
  const json = /^\{[^]*\}\s*$/m.exec(stdout)?.[0];
  return { code, said: `${stdout}\n${stderr}`, ...Output.parse(JSON.parse(json ?? "{}")) };
}

describe.skipIf(!COMMAND_KNOWS_PLUGINS)("openclaw message", () => {
  test("reads a conversation with its answers, page by page, and no other", async () => {
    const target = ["--target", `app:${side.person.id}`];
    const { payload } = await act("read", ...target, "--limit", "3");
    expect(payload?.messages?.map(({ user, text }) => [user, text])).toEqual([
      ["agent", expect.stringContaining("Re: second question")],
      ["Ada's phone", "second question"],
      ["agent", expect.stringContaining("Re: first question")],
    ]);
    expect(payload?.complete).toBe(false);
    const before = payload?.messages?.at(-1)?.id ?? "";
    const older = await act("read", ...target, "--limit", "1", "--before", before);
    expect(older.payload?.messages).toMatchObject([{ text: "first question" }]);
  });

  // 2026.9.1's command wants a `--guild-id` for it, which Gotify has not.
  test.skipIf(isOlderHost())("searches an application's conversation", async () => {
    const args = ["--query", "BACKUP", "--channel-ids"];
    const { payload } = await act("search", ...args, `app:${machine.id}`);
    expect(payload?.messages?.map(({ text }) => text)).toEqual([
      expect.stringContaining("Re: backup is done"),
      "backup is done",
    ]);
    const nothing = await act("search", ...args, `app:${side.person.id}`);
    expect(nothing.payload).toMatchObject({ messages: [], complete: true });
  });

  test("deletes what is in the conversation, nothing on a dry run, and nothing foreign", async () => {
    const mine = await side.say("to be deleted");
    const foreign = await side.say("to be kept", side.stranger);
    const target = ["--target", `app:${side.person.id}`];
    await side.replyWith("Re: to be deleted");
    const dry = await act("delete", ...target, "--message-id", `${mine.id}`, "--dry-run");
    expect([dry.code, dry.dryRun]).toEqual([0, true]);
    const refused = await act("delete", ...target, "--message-id", `${foreign.id}`);
    expect(refused.code).toBe(1);
    expect(refused.said).toContain("no part of the conversation");
    expect(stored()).toEqual(expect.arrayContaining(["to be deleted", "to be kept"]));
    const done = await act("delete", ...target, "--message-id", `${mine.id}`);
    expect([done.code, done.payload?.deleted]).toEqual([0, [String(mine.id)]]);
    expect(stored()).not.toContain("to be deleted");
    expect(stored()).toContain("to be kept");
  });

  test("sends, and on a dry run only says so", async () => {
    const target = `app:${side.person.id}`;
    const dry = await act("send", "--target", target, "--message", "dry words", "--dry-run");
    expect([dry.code, dry.dryRun, stored().join()]).toEqual([
      0,
      true,
      expect.not.stringContaining("dry words"),
    ]);
    const sent = await act("send", "--target", target, "--message", "wet words");
    expect(sent.code).toBe(0);
    expect((await side.replyWith("wet words")).appid).toBe(side.bot.id);
  });
});

describe("openclaw gotify send", () => {
  type Flags = Readonly<Record<string, string | true>>;

  const send = (flags: Flags) =>
    stage.gateway.run(
      "gotify",
      "send",
      ...Object.entries(flags).flatMap(([name, value]) =>
        value === true ? [`--${name}`] : [`--${name}`, value],
      ),
    );

  test("posts with everything that Gotify can show", async () => {
    const { code, stdout } = await send({
      app: "Ada's phone",
      message: "**Dinner** is ready",
      title: "Kitchen",
      priority: "high",
      "content-type": "markdown",
      "click-url": "https://example.com/menu",
      "intent-url": "intent://kitchen",
      "big-image": "https://example.com/dish.png",
      extras: '{"home::kitchen":{"oven":true}}',
      json: true,
    });
    expect(code).toBe(0);
    const sent = z
      .object({ ok: z.literal(true), messages: z.array(z.object({ id: z.number() })) })
      .parse(JSON.parse(stdout));
    const reply = await side.replyWith("Dinner");
    expect(sent.messages).toEqual([{ id: reply.id }]);
    expect(reply).toMatchObject({
      appid: side.bot.id,
      title: "Kitchen",
      priority: 8,
      extras: {
        "client::display": { contentType: "text/markdown" },
        "client::notification": {
          click: { url: "https://example.com/menu" },
          bigImageUrl: "https://example.com/dish.png",
        },
        "android::action": { onReceive: { intentUrl: "intent://kitchen" } },
        "home::kitchen": { oven: true },
        openclaw: { peerId: String(side.person.id) },
      },
    });
  });

  test("is silent when asked to be, takes pictures, and says in words what it did", async () => {
    const { code, stdout } = await send({
      to: `app:${side.person.id}`,
      message: "quiet words",
      silent: true,
      media: "https://example.com/dog.png",
    });
    const reply = await side.replyWith("quiet words");
    expect(reply.priority).toBe(0);
    expect(reply.message).toContain("https://example.com/dog.png");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`message ${reply.id}`)]);
  });

  test("refuses in one line, and posts nothing, where nobody would find the answer", async () => {
    const before = stored().length;
    const { code, stderr } = await send({ app: "77", message: "x" });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^There is no application 77 .*\n$/)]);
    expect(stored()).toHaveLength(before);
  });
});

describe("an agent", () => {
  /** Has the agent call the message tool once, and tells what the tool answered. */
  async function tool(text: string, input: Record<string, unknown>): Promise<string> {
    stage.model.script(({ said, toolResults }): ModelAnswer => {
      if (!said.includes(text)) return `Re: ${said}`;
      return toolResults.length > 0 ? `Done: ${text}` : { tool: "message", input };
    });
    await side.say(text);
    await side.replyWith(`Done: ${text}`);
    const turn = stage.model.requests.findLast(
      ({ said, toolResults }) => said.includes(text) && toolResults.length > 0,
    );
    return (turn?.toolResults ?? []).join("\n");
  }

  test("is told how to write for a notification, and what the tool can do", async () => {
    await side.say("what were you told?");
    const turn = await waitFor("the turn", () =>
      stage.model.requests.find(({ said }) => said.includes("what were you told?")),
    );
    expect(turn.system).toContain("first line say it all");
    expect(turn.tools).toContain("message");
  });

  test("reads and searches the conversation it answers, and no other", async () => {
    const read = await tool("look back", { action: "read", limit: 2 });
    expect(read).toContain("look back");
    expect(read).toContain(`app:${side.person.id}`);
    const search = await tool("look it up", { action: "read", query: "SECOND question" });
    expect(search).toContain("second question");
    expect(search).not.toContain("look back");
    const elsewhere = await tool("look elsewhere", {
      action: "read",
      target: `gotify:${machine.id}`,
    });
    expect(elsewhere).not.toContain("backup is done");
    expect(elsewhere).toMatch(/exact current conversation/);
  });

  test("takes its own answer back, deletes a message, and leaves foreign ones alone", async () => {
    const { id } = await side.replyWith("Re: second question");
    expect(await tool("take it back", { action: "unsend", messageId: String(id) })).toContain(
      `"${id}"`,
    );
    const mine = await side.say("delete me");
    await side.replyWith("Re: delete me");
    await tool("remove it", { action: "delete", messageId: String(mine.id) });
    const foreign = await side.say("leave me", side.stranger);
    const refused = await tool("remove theirs", {
      action: "delete",
      messageId: String(foreign.id),
    });
    expect(refused).toContain("no part of the conversation");
    expect(stored()).not.toContain("delete me");
    expect(stored().some((text) => text.includes("Re: second question"))).toBe(false);
    expect(stored()).toContain("leave me");
  });

  test("sends with controls of its own", async () => {
    await tool("call me", {
      action: "send",
      target: `gotify:${side.person.id}`,
      message: "The tool speaks",
      title: "Calling",
      priority: "high",
      clickUrl: "https://example.com/call",
    });
    expect(await side.replyWith("The tool speaks")).toMatchObject({
      title: "Calling",
      priority: 8,
      extras: { "client::notification": { click: { url: "https://example.com/call" } } },
    });
  });
});

test("a handled message is deleted where the operator wants it; strangers' and answers stay", async () => {
  await tidy.say("not for you", tidy.stranger);
  await tidy.say("do it and forget it");
  await tidy.replyWith("Re: do it and forget it");
  await waitFor("the message to be gone", () => !stored(tidy).includes("do it and forget it"));
  expect(stored(tidy)).toContain("not for you");
  expect(stored(tidy).some((text) => text.includes("Re: do it"))).toBe(true);
  // And the feed goes on as if nothing had happened.
  await tidy.say("and another thing");
  await tidy.replyWith("Re: and another thing");
  const asked = stage.model.requests.filter(({ said }) => said.includes("do it and forget it"));
  expect(asked).toHaveLength(1);
  // The others' account keeps everything.
  expect(stored()).toContain("first question");
});
