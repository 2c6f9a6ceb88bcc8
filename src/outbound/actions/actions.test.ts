import type { ChannelMessageActionContext } from "openclaw/plugin-sdk/channel-contract";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startEmulator } from "../../../test/emulator/index.ts";
import { stampExtras } from "../../gotify/delivery-stamp.ts";
import { parseServerUrl } from "../../gotify/url.ts";
import { serverKey } from "../../journal/wire.ts";
import { messageActions } from "./actions.ts";
import type { ActionHost } from "./host.ts";
import { runAction } from "./run.ts";
import { createOwnApplications } from "../target/own-application.ts";
import { resolveConversation } from "../target/resolve-target.ts";

type Context = ChannelMessageActionContext;
type Extras = Parameters<Awaited<ReturnType<typeof startEmulator>>["push"]>[0]["extras"];

const Answer = z.object({
  ok: z.literal(true),
  conversation: z.string(),
  messages: z
    .array(
      z.strictObject({
        id: z.string(),
        user: z.string(),
        own: z.boolean(),
        title: z.string(),
        text: z.string(),
        priority: z.number(),
        timestamp: z.string(),
      }),
    )
    .optional(),
  complete: z.boolean().optional(),
  readBackTo: z.object({ id: z.string(), timestamp: z.string() }).optional(),
  note: z.string().optional(),
  deleted: z.array(z.string()).optional(),
  wouldDelete: z.array(z.string()).optional(),
});

const OWN = "install-1";

/** Ada writes to the agent, a backup reports to it; the agent answers in an application of its own. */
async function setup(gotify: Record<string, unknown> = {}) {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("OpenClaw");
  const ada = emulator.createApplication("Ada's phone");
  const backup = emulator.createApplication("Backup");
  const client = emulator.createClient("OpenClaw");
  const cfg = {
    session: { dmScope: "per-account-channel-peer" as const },
    channels: {
      gotify: {
        serverUrl: emulator.url,
        appToken: bot.token,
        clientToken: client.token,
        allowFrom: [String(ada.id)],
        ...gotify,
      },
    },
  };
  const ownApplications = createOwnApplications(() => "/nowhere");
  let ownId: number | undefined = bot.id;
  const grants = new Map<number, "fits" | "suspended">();
  let epoch: number | undefined = 0;
  const host: ActionHost = {
    installId: () => OWN,
    ownApplication: async () => ownId,
    resolve: (request) => resolveConversation({ ...request, ownApplications }),
    grants: () => grants,
    epochOf: () => epoch,
  };

  const say = (message: string, from = ada, extras?: Extras, title?: string): number =>
    emulator.push({
      appid: from.id,
      message,
      ...(extras === undefined ? {} : { extras }),
      ...(title === undefined ? {} : { title }),
    }).id;
  const answer = (
    message: string,
    peer: string,
    { from = bot, part = 0, parts = 1, id = message, by = OWN } = {},
  ): number => {
    const stamp = stampExtras({ by, id, payload: 0, payloads: 1, part, parts });
    const ours = z.object({ openclaw: z.record(z.string(), z.json()) }).parse(stamp).openclaw;
    return say(message, from, { openclaw: { ...ours, peerId: peer } });
  };
  const operator = { conversationReadOrigin: "direct-operator" as const, senderIsOwner: true };
  /** As the host calls it for an agent that answers Ada. */
  const agent = (current: string | number = ada.id) => ({
    conversationReadOrigin: "delegated" as const,
    accountId: "default",
    requesterAccountId: "default",
    toolContext: { currentChannelProvider: "gotify", currentChannelId: `gotify:${current}` },
  });
  const run = async (
    who: Partial<Context>,
    action: Context["action"],
    params: Record<string, unknown>,
    bounds?: Parameters<typeof runAction>[2],
  ) => {
    const ctx = { channel: "gotify", action, cfg, params, ...who };
    const { details } = await runAction(ctx, host, bounds);
    return Answer.parse(details);
  };
  const texts = async (...args: Parameters<typeof run>): Promise<string[] | undefined> =>
    (await run(...args)).messages?.map(({ text }) => text);
  const stored = (): string[] => emulator.store.messages().map(({ message }) => message);
  return {
    emulator,
    cfg,
    bot,
    ada,
    backup,
    client,
    grants,
    say,
    answer,
    operator,
    agent,
    run,
    texts,
    stored,
    forgetOwn: () => void (ownId = undefined),
    countAnew: () => void (epoch = 1),
  };
}

describe("read", () => {
  test("gives the conversation with the agent's answers in one order, newest first", async () => {
    const { ada, backup, say, answer, agent, run } = await setup();
    say("hello", ada, undefined, "Greeting");
    answer("hi Ada", String(ada.id));
    say("done", backup);
    answer("well done, backup", String(backup.id));
    const last = say("bye");
    const { messages, complete, conversation } = await run(agent(), "read", {});
    expect(conversation).toBe(`app:${ada.id}`);
    expect(messages).toMatchObject([
      { id: String(last), user: "Ada's phone", own: false, text: "bye", priority: 0 },
      { user: "agent", own: true, text: "hi Ada" },
      { user: "Ada's phone", own: false, title: "Greeting", text: "hello" },
    ]);
    expect(complete).toBe(true);
  });

  test("goes on page by page, in both directions, and says when there is no more", async () => {
    const { ada, say, answer, agent, run, texts } = await setup();
    const ids = [1, 2, 3, 4, 5].map((number) =>
      number % 2 === 0 ? answer(`${number}`, String(ada.id)) : say(`${number}`),
    );
    const first = await run(agent(), "read", { limit: 2 });
    expect(first.messages?.map(({ text }) => text)).toEqual(["5", "4"]);
    expect(first).toMatchObject({ complete: false, readBackTo: { id: String(ids[3]) } });
    expect(first.note).toContain(`before: "${ids[3]}"`);
    const before = first.readBackTo?.id;
    expect(await run(agent(), "read", { limit: "3", before })).toMatchObject({
      messages: [{ text: "3" }, { text: "2" }, { text: "1" }],
      complete: true,
    });
    expect(await texts(agent(), "read", { after: ids[2] })).toEqual(["5", "4"]);
  });

  test("leaves out what its sender put into another conversation, and finds it there", async () => {
    const { ada, say, answer, agent, texts } = await setup();
    say("for the phone");
    say("for ops", ada, { openclaw: { peerId: "Ops" } });
    answer("answer to ops", "ops");
    expect(await texts(agent(), "read", {})).toEqual(["for the phone"]);
    expect(await texts(agent("peer:ops"), "read", {})).toEqual(["answer to ops", "for ops"]);
  });

  test("lets no stranger write into the history of a conversation that has a name", async () => {
    const { ada, backup, grants, say, answer, agent, texts } = await setup();
    const named = { openclaw: { peerId: "ops" } };
    say("from Ada", ada, named);
    say("from a stranger", backup, named);
    answer("as if from the agent", "ops", { from: backup });
    expect(await texts(agent("peer:ops"), "read", {})).toEqual(["from Ada"]);
    grants.set(backup.id, "fits");
    expect(await texts(agent("peer:ops"), "read", {})).toContain("from a stranger");
    grants.set(backup.id, "suspended");
    expect(await texts(agent("peer:ops"), "read", {})).toEqual(["from Ada"]);
  });

  test("takes no message for the agent's because of a copied stamp", async () => {
    const { ada, backup, answer, agent, texts } = await setup();
    answer("a fake", String(ada.id), { from: backup });
    answer("another agent's", String(ada.id), { by: "install-2" });
    expect(await texts(agent(), "read", {})).toEqual([]);
  });

  test("cuts long texts with a mark, never between the halves of a character", async () => {
    const { ada, say, agent, run, operator } = await setup();
    const long = `${"x".repeat(999)}😀${"y".repeat(500)}`;
    const id = say(long);
    const cut = (await run(agent(), "read", {})).messages?.[0]?.text;
    expect(cut).toBe(`${"x".repeat(999)}… [502 more characters]`);
    const one = await run(operator, "read", { to: `app:${ada.id}`, messageId: id });
    expect(one.messages?.map(({ text }) => text)).toEqual([long]);
  });

  test("is for the conversation that is being answered, unless an operator asks", async () => {
    const { backup, say, agent, operator, run, texts } = await setup();
    say("done", backup);
    for (const params of [{ to: `app:${backup.id}` }, { to: `default/${backup.id}` }]) {
      await expect(run(agent(), "read", params)).rejects.toThrow(/Only the conversation/);
    }
    const elsewhere = { toolContext: { currentChannelProvider: "slack", currentChannelId: "5" } };
    await expect(
      run({ ...agent(), ...elsewhere }, "read", { to: `app:${backup.id}` }),
    ).rejects.toThrow(/Only the conversation/);
    const nobody = { conversationReadOrigin: "delegated" as const };
    await expect(run(nobody, "read", { to: `${backup.id}` })).rejects.toThrow(/Only the conv/);
    expect(await texts(operator, "read", { to: `app:${backup.id}` })).toEqual(["done"]);
    expect(await texts(operator, "read", { to: "app:Backup" })).toEqual(["done"]);
    await expect(run(operator, "read", {})).rejects.toThrow(/Name the conversation/);
    await expect(run(operator, "read", { to: "app:77" })).rejects.toThrow(/no application app:77/);
  });

  test("does not cross accounts, whatever the target says", async () => {
    const { cfg, ada, agent, run } = await setup();
    const other = await startEmulator();
    onTestFinished(() => other.stop());
    const token = other.createClient("Other").token;
    Object.assign(cfg.channels.gotify, {
      accounts: { other: { serverUrl: other.url, clientToken: token, appToken: "Aother" } },
    });
    await expect(run(agent(), "read", { to: `other/${ada.id}` })).rejects.toThrow(/Only the conv/);
    const wrong = { ...agent(), accountId: "other" };
    await expect(run(wrong, "read", { to: `${ada.id}` })).rejects.toThrow(/Only the conv/);
    expect(other.store.requests()).toEqual([]);
  });

  test("says in one line what is wrong with a request", async () => {
    const { agent, run } = await setup();
    for (const [params, words] of [
      [{ limit: 0 }, /limit is a whole number/],
      [{ before: "yesterday" }, /before is the id of a message/],
      [{ around: "5" }, /not around/],
      [{ messageId: "77" }, /no message 77 in the conversation/],
    ] as const) {
      await expect(run(agent(), "read", params)).rejects.toThrow(words);
    }
    const { agent: sender, run: send } = await setup({ clientToken: undefined });
    await expect(send(sender(), "read", {})).rejects.toThrow(/no client token/);
  });
});

describe("search", () => {
  test("finds text in title and body, in any case, within the conversation", async () => {
    const { ada, backup, say, answer, agent, texts } = await setup();
    say("the Invoice of May");
    say("nothing", ada, undefined, "INVOICE");
    say("a backup's invoice", backup);
    answer("paid the invoice", String(ada.id));
    const found = ["paid the invoice", "nothing", "the Invoice of May"];
    expect(await texts(agent(), "search", { query: "invoice" })).toEqual(found);
    expect(await texts(agent(), "read", { query: "invoice" })).toEqual(found);
    await expect(texts(agent(), "search", {})).rejects.toThrow(/what to search for/);
  });

  test("stops at its bounds, says where, and goes on from there", async () => {
    const { ada, say, agent, run, operator } = await setup();
    const oldest = say("needle");
    for (let count = 0; count < 9; count += 1) say("hay");
    const bounds = { pages: 3, pageSize: 2, timeMs: 60_000 };
    const search = { read: bounds, search: bounds };
    const first = await run(agent(), "search", { query: "needle" }, search);
    // One page of the three is spent on the agent's own application.
    expect(first).toMatchObject({ messages: [], complete: false, readBackTo: { id: "7" } });
    const more = { query: "needle", before: first.readBackTo?.id, channelIds: [`app:${ada.id}`] };
    const second = await run(operator, "search", more, search);
    expect(second).toMatchObject({ messages: [], complete: false });
    const third = await run(
      agent(),
      "search",
      { query: "needle", before: second.readBackTo?.id },
      search,
    );
    expect(third).toMatchObject({ messages: [{ id: String(oldest) }], complete: true });
  });

  test("gives up on a slow server in time, with what it has", async () => {
    const { emulator, say, agent, run } = await setup();
    say("hay");
    emulator.faults.pageCostMs = 60_000;
    const quick = { pages: 20, pageSize: 200, timeMs: 200 };
    const answer = await run(agent(), "search", { query: "x" }, { read: quick, search: quick });
    expect(answer).toMatchObject({ messages: [], complete: false });
    expect(answer.note).toContain("too slow");
  });
});

describe("delete", () => {
  test("removes a message of the conversation, and an answer of the agent in it", async () => {
    const { ada, say, answer, agent, run, stored } = await setup();
    const hello = say("hello");
    const reply = answer("hi", String(ada.id));
    say("stays");
    expect(await run(agent(), "delete", { messageId: String(hello) })).toMatchObject({
      deleted: [String(hello)],
    });
    await run(agent(), "delete", { messageId: reply });
    expect(stored()).toEqual(["stays"]);
  });

  test("leaves alone what belongs to another application or conversation", async () => {
    const { ada, backup, say, answer, agent, operator, run, stored } = await setup();
    const foreign = [
      say("a backup's", backup),
      answer("to the backup", String(backup.id)),
      say("for ops", ada, { openclaw: { peerId: "ops" } }),
      answer("with a copied stamp", String(ada.id), { from: backup }),
    ];
    for (const messageId of foreign) {
      await expect(run(agent(), "delete", { messageId })).rejects.toThrow(/was left alone/);
    }
    const [first, second, , fourth] = foreign;
    for (const messageId of [first, second, fourth]) {
      const params = { to: `app:${ada.id}`, messageId };
      await expect(run(operator, "delete", params)).rejects.toThrow(/was left alone/);
    }
    expect(stored()).toHaveLength(4);
    // An operator who names the application means it.
    await run(operator, "delete", { to: `app:${backup.id}`, messageId: first });
    expect(stored()).not.toContain("a backup's");
    await expect(run(agent(), "delete", { messageId: first })).rejects.toThrow(/There is no/);
  });

  test("understands the id that an agent is shown, and none of another counting or server", async () => {
    const { emulator, say, agent, run, stored, countAnew } = await setup();
    const key = serverKey(parseServerUrl(emulator.url).href);
    const [first, second] = [say("first"), say("second")];
    await run(agent(), "delete", { messageId: `${key}:1:0:${first}` });
    expect(stored()).toEqual(["second"]);
    const elsewhere = `${key.startsWith("0") ? "1" : "0"}${key.slice(1)}:1:0:${second}`;
    await expect(run(agent(), "delete", { messageId: elsewhere })).rejects.toThrow(/anew/);
    countAnew();
    await expect(run(agent(), "delete", { messageId: `${key}:1:0:${second}` })).rejects.toThrow(
      /anew/,
    );
    await expect(run(agent(), "delete", {})).rejects.toThrow(/messageId is the id/);
    expect(stored()).toEqual(["second"]);
  });

  test("only says what it would do on a dry run", async () => {
    const { say, agent, run, stored } = await setup();
    const id = say("hello");
    const answer = await run({ ...agent(), dryRun: true }, "delete", { messageId: id });
    expect(answer.wouldDelete).toEqual([String(id)]);
    expect(stored()).toEqual(["hello"]);
  });

  test("asks the host right before, and stops when it says no", async () => {
    const { say, agent, run, stored } = await setup();
    const id = say("hello");
    const refuse = (): void => {
      throw new Error("authority ended");
    };
    await expect(
      run({ ...agent(), assertDirectAdapterHandoff: refuse }, "delete", { messageId: id }),
    ).rejects.toThrow("authority ended");
    expect(stored()).toEqual(["hello"]);
  });
});

describe("unsend", () => {
  test("takes a whole answer back, all of its messages, and nobody else's", async () => {
    const { ada, say, answer, agent, run, stored } = await setup();
    const peer = String(ada.id);
    say("question");
    answer("part one", peer, { id: "reply", part: 0, parts: 3 });
    say("in between");
    const middle = answer("part two", peer, { id: "reply", part: 1, parts: 3 });
    answer("part three", peer, { id: "reply", part: 2, parts: 3 });
    answer("another answer", peer);
    const { deleted } = await run(agent(), "unsend", { messageId: middle });
    expect(deleted).toHaveLength(3);
    expect(stored()).toEqual(["question", "in between", "another answer"]);
  });

  test("refuses what somebody else wrote, also under a copied stamp", async () => {
    const { ada, backup, say, answer, agent, run, stored } = await setup();
    const mine = say("mine");
    await expect(run(agent(), "unsend", { messageId: mine })).rejects.toThrow(/Use delete/);
    const fake = answer("a fake", String(ada.id), { from: backup });
    await expect(run(agent(), "unsend", { messageId: fake })).rejects.toThrow(/left alone/);
    // One reply's stamp, copied into another application: the copy is no part of the reply.
    const real = answer("real", String(ada.id), { id: "reply", part: 0, parts: 2 });
    answer("copy", String(ada.id), { from: backup, id: "reply", part: 1, parts: 2 });
    answer("to the backup", String(backup.id), { id: "reply", part: 1, parts: 2 });
    await run(agent(), "unsend", { messageId: real });
    expect(stored()).toEqual(["mine", "a fake", "copy", "to the backup"]);
  });

  test("does not touch the account's application before it is known to be the account's", async () => {
    const { ada, answer, agent, run, forgetOwn } = await setup();
    const reply = answer("hi", String(ada.id));
    forgetOwn();
    await expect(run(agent(), "unsend", { messageId: reply })).rejects.toThrow(/left alone/);
  });
});

describe("the message tool", () => {
  test("offers to read and delete only where an account can", async () => {
    const { cfg } = await setup();
    const offer = (accountId?: string) =>
      messageActions.describeMessageTool({
        cfg,
        ...(accountId === undefined ? {} : { accountId }),
      });
    expect(offer()?.actions).toEqual(["send", "read", "delete", "unsend"]);
    Object.assign(cfg.channels.gotify, {
      accounts: { quiet: { serverUrl: "https://other.example", appToken: "Aquiet" } },
    });
    expect(offer("quiet")?.actions).toEqual(["send"]);
    expect(offer("nobody")).toBeNull();
    expect(messageActions.supportsAction?.({ action: "search" })).toBe(true);
    expect(messageActions.supportsAction?.({ action: "pin" })).toBe(false);
  });

  test("shows no token, in answers and in errors", async () => {
    const { emulator, ada, bot, client, say, operator, run } = await setup();
    say("hello");
    const params = { to: `app:${ada.id}` };
    const answer = JSON.stringify(await run(operator, "read", params));
    await emulator.goDown();
    const error = await run(operator, "read", params).catch((reason: unknown) => String(reason));
    for (const secret of [bot.token, client.token]) {
      expect(answer + JSON.stringify(error)).not.toContain(secret);
    }
    expect(error).toMatch(/^GotifyNetworkError: /);
  });
});
