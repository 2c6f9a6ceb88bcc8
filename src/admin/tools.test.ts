import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { GotifyClient } from "../gotify/client.ts";
import { createApprovals } from "./tools-approvals.ts";
import { createTools, type ToolContext } from "./tools.ts";

interface Setup {
  readonly personality?: Personality;
  readonly tools?: { enabled?: boolean };
}

async function setup({ personality = "v2", tools = { enabled: true } }: Setup = {}) {
  const clock = { ms: Date.parse("2026-03-01T12:00:00Z") };
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("OpenClaw");
  const backups = emulator.createApplication("Backups");
  const reader = emulator.createClient("Reader");
  const phone = emulator.createClient("Old phone");
  /** Somebody else at the same server. */
  const manager = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("Somebody's").token,
  });
  const account = { serverUrl: emulator.url, appToken: bot.token, clientToken: reader.token };
  const gotify: Record<string, unknown> = { ...account, tools };
  const cfg: OpenClawConfig = { channels: { gotify } };
  const { offer, beforeCall } = createTools(
    { currentConfig: () => cfg, ownApplication: async () => bot.id },
    createApprovals(() => clock.ms),
  );
  const owner: ToolContext = { senderIsOwner: true, config: cfg };

  let calls = 0;
  /** A call as the host carries it out; one that was denied, too, as if the host did not heed it. */
  async function call(
    toolName: string,
    params: Record<string, unknown>,
    options: {
      readonly answer?: "allow-once" | "deny" | "timeout" | "nobody asks";
      readonly between?: () => Promise<unknown>;
      readonly paramsThen?: Record<string, unknown>;
    } = {},
  ) {
    const { answer = "allow-once", between, paramsThen = params } = options;
    const toolCallId = `call-${(calls += 1)}`;
    let asked: string | undefined;
    if (answer !== "nobody asks") {
      const before = await beforeCall({ toolName, params, toolCallId });
      if (before?.block === true) return { asked, said: before.blockReason };
      asked = before?.requireApproval?.description;
      before?.requireApproval?.onResolution(answer);
    }
    await between?.();
    const tool = offer(owner)?.find(({ name }) => name === toolName);
    const said = await tool?.execute(toolCallId, paramsThen).then(
      (result) => JSON.stringify(result),
      (error: unknown) => String(error),
    );
    return { asked, said: said ?? "There is no such tool." };
  }
  const names = () => emulator.store.applications().map(({ name }) => name);
  return {
    emulator,
    manager,
    clock,
    bot,
    backups,
    reader,
    phone,
    account,
    gotify,
    cfg,
    offer,
    beforeCall,
    owner,
    call,
    names,
  };
}

describe("who is offered the tools", () => {
  test("an owner, where an account has them switched on", async () => {
    const { offer, owner } = await setup();
    expect(offer(owner)?.map(({ name }) => name)).toEqual([
      "gotify_applications",
      "gotify_clients",
      "gotify_messages",
    ]);
  });

  test.each([
    ["by default", {}],
    ["when they are switched off", { enabled: false }],
  ])("nobody %s", async (_when, tools) => {
    const { offer, owner, call } = await setup({ tools });
    expect(offer(owner)).toBeNull();
    expect((await call("gotify_applications", { action: "list" })).said).toMatch(/no such tool/);
  });

  test.each([false, undefined])("nobody who is no owner (%s)", async (senderIsOwner) => {
    const { offer, cfg } = await setup();
    expect(
      offer({ ...(senderIsOwner === undefined ? {} : { senderIsOwner }), config: cfg }),
    ).toBeNull();
  });

  test("no one who is an owner no more when the call is carried out", async () => {
    const { offer, owner } = await setup();
    const ctx = { ...owner };
    const [tool] = offer(ctx) ?? [];
    ctx.senderIsOwner = false;
    await expect(tool?.execute("call", { action: "list" })).rejects.toThrow(/Only an owner/);
  });
});

describe("accounts", () => {
  test("only those that have the tools are touched, and a choice is named", async () => {
    const { gotify, account, call } = await setup();
    Object.assign(gotify, {
      tools: {},
      accounts: {
        home: { ...account, inbound: { enabled: false }, tools: { enabled: true } },
        cabin: { ...account, inbound: { enabled: false }, tools: { enabled: true } },
        barn: { ...account, inbound: { enabled: false } },
      },
    });
    const list = (wanted?: string) =>
      call("gotify_applications", {
        action: "list",
        ...(wanted === undefined ? {} : { account: wanted }),
      });
    expect((await list()).said).toMatch(/Name the account: cabin or home/);
    expect((await list("home")).said).toContain("Backups");
    expect((await list("barn")).said).toMatch(/barn has no tools/);
    expect((await list("nobody")).said).toMatch(/nobody has no tools/);
  });

  test("one that only sends says so", async () => {
    const { gotify, call } = await setup();
    delete gotify["clientToken"];
    expect((await call("gotify_clients", { action: "list" })).said).toMatch(/only sends/);
  });
});

describe("reading", () => {
  test("asks nobody, and shows no token", async () => {
    const { call, emulator, bot, backups, reader, phone } = await setup();
    const said = [];
    for (const tool of ["gotify_applications", "gotify_clients", "gotify_messages"]) {
      const answer = await call(tool, { action: "list" });
      expect(answer.asked).toBeUndefined();
      said.push(answer.said);
    }
    expect(said[0]).toContain("Backups");
    expect(said[1]).toContain("Old phone");
    for (const { token } of [bot, backups, reader, phone]) expect(said.join()).not.toContain(token);
    expect(emulator.store.applications()).toHaveLength(2);
  });

  test("messages come bounded and marked as somebody else's words, page by page", async () => {
    const { call, emulator, backups } = await setup();
    for (let day = 1; day <= 5; day += 1) {
      emulator.push({ appid: backups.id, message: `day ${day} ${"x".repeat(5_000)}` });
    }
    const list = async (more: object) =>
      (await call("gotify_messages", { action: "list", ...more })).said;
    const first = await list({ limit: 2 });
    expect(first).toContain("day 5");
    expect(first).not.toContain("day 3");
    expect(first).toMatch(/EXTERNAL/);
    expect(first.length).toBeLessThan(8_000);
    const before = Number(/goOnWith[^0-9]*(\d+)/.exec(first)?.[1]);
    const second = await list({ limit: 2, before });
    expect(second).toContain("day 3");
    expect(second).not.toContain("day 4");
    const search = await list({ query: "DAY 2", application: backups.id });
    expect(search).toContain("day 2");
    expect(search).not.toContain("day 1");
    expect(search).toMatch(/complete[\\"]+:\s*true/);
  });
});

describe("a change", () => {
  test("is made when it was approved, and its token goes nowhere", async () => {
    const { call, emulator, manager, names } = await setup();
    const made = await call("gotify_applications", { action: "create", name: "Doorbell" });
    expect(made.asked).toMatch(/Create an application: name "Doorbell".*account default/);
    expect(names()).toContain("Doorbell");
    const token = await manager.findApplicationToken(emulator.store.applications().at(-1)?.id ?? 0);
    expect(token).toBeTruthy();
    expect(`${made.asked} ${made.said}`).not.toContain(token);
  });

  test.each(["deny", "timeout", "nobody asks"] as const)("is not made on %s", async (answer) => {
    const { call, names, backups, phone, emulator } = await setup();
    const { id } = emulator.push({ appid: backups.id, message: "keep me" });
    const tries = [
      ["gotify_applications", { action: "create", name: "Doorbell" }],
      ["gotify_applications", { action: "update", id: backups.id, name: "Other" }],
      ["gotify_applications", { action: "delete", id: backups.id }],
      ["gotify_clients", { action: "update", id: phone.id, name: "Other" }],
      ["gotify_clients", { action: "delete", id: phone.id }],
      ["gotify_messages", { action: "delete", ids: [id] }],
      ["gotify_messages", { action: "clear", application: backups.id }],
    ] as const;
    for (const [tool, params] of tries) {
      const { said } = await call(tool, params, { answer });
      expect(said, params.action).toMatch(/nobody has approved/);
    }
    expect(names()).toEqual(["OpenClaw", "Backups"]);
    expect(emulator.store.clients().map(({ name }) => name)).toEqual([
      "Reader",
      "Old phone",
      "Somebody's",
    ]);
    expect(emulator.store.messages()).toHaveLength(1);
  });

  test("is bound to what was shown: not to other ids, another name, or a later hour", async () => {
    const { call, backups, names, clock, emulator, manager } = await setup();
    const other = emulator.createApplication("Doorbell");
    const remove = { action: "delete", id: backups.id };
    const tool = "gotify_applications";
    const swapped = await call(tool, remove, { paramsThen: { ...remove, id: other.id } });
    const renamed = await call(tool, remove, {
      between: async () => manager.updateApplication(backups.id, { name: "Precious" }),
    });
    const late = await call(tool, remove, { between: async () => (clock.ms += 60_000) });
    for (const { said } of [swapped, renamed, late]) expect(said).toMatch(/Nothing was changed/);
    expect(names()).toEqual(["OpenClaw", "Precious", "Doorbell"]);
  });

  test("is approved for one call: the same one again is another one", async () => {
    const { beforeCall, offer, owner, names } = await setup();
    const params = { action: "create", name: "Doorbell" };
    const call = { toolName: "gotify_applications", params, toolCallId: "call" };
    (await beforeCall(call))?.requireApproval?.onResolution("allow-once");
    const [tool] = offer(owner) ?? [];
    await tool?.execute("call", params);
    await expect(tool?.execute("call", params)).rejects.toThrow(/nobody has approved/);
    expect(names().filter((name) => name === "Doorbell")).toHaveLength(1);
  });

  test("deletes what was named, and tells what it is beforehand", async () => {
    const { call, backups, phone, emulator, names } = await setup();
    const [one, two, three] = ["one", "two", "three"].map((title) =>
      emulator.push({ appid: backups.id, title, message: "text" }),
    );
    const messages = await call("gotify_messages", { action: "delete", ids: [two?.id, one?.id] });
    expect(messages.asked).toMatch(/Delete 2 messages \d+ "one", \d+ "two"/);
    expect(emulator.store.messages().map(({ id }) => id)).toEqual([three?.id]);
    const cleared = await call("gotify_messages", { action: "clear", application: backups.id });
    expect(cleared.asked).toContain("Backups");
    expect(emulator.store.messages()).toEqual([]);
    const client = await call("gotify_clients", { action: "delete", id: phone.id });
    expect(client.asked).toContain("Old phone");
    await call("gotify_applications", { action: "delete", id: backups.id });
    expect(names()).toEqual(["OpenClaw"]);
    expect(emulator.store.clients().map(({ name }) => name)).toEqual(["Reader", "Somebody's"]);
  });

  test("changes only what was named", async () => {
    const { call, backups, manager } = await setup();
    const tool = "gotify_applications";
    await call(tool, { action: "update", id: backups.id, description: "every night" });
    await call(tool, { action: "update", id: backups.id, defaultPriority: 4 });
    expect((await manager.listApplications()).find(({ id }) => id === backups.id)).toMatchObject({
      name: "Backups",
      description: "every night",
      defaultPriority: 4,
    });
  });
});

describe("nobody is asked for what cannot be done", () => {
  test.each([
    ["gotify_applications", { action: "delete" }, /Name it by its id/],
    ["gotify_applications", { action: "delete", id: 99 }, /no application 99/],
    ["gotify_applications", { action: "create" }, /Name the new application/],
    ["gotify_applications", { action: "update", id: 2 }, /Say what to change/],
    ["gotify_applications", { action: "update", id: 2, name: 5 }, /name is a text/],
    ["gotify_applications", { action: "explode" }, /no action "explode"/],
    ["gotify_clients", { action: "create", name: "Mine" }, /no action "create"/],
    ["gotify_clients", { action: "delete", id: -1 }, /whole number from 1/],
    ["gotify_messages", { action: "delete", ids: [] }, /Name the messages/],
    ["gotify_messages", { action: "delete", ids: [77] }, /no message 77/],
    ["gotify_messages", { action: "clear" }, /Name it by its id: application/],
  ])("%s %j", async (tool, params, refusal) => {
    const { call, emulator, backups } = await setup();
    emulator.push({ appid: backups.id, message: "another one" });
    const { asked, said } = await call(tool, params);
    expect(asked).toBeUndefined();
    expect(emulator.store.messages()).toHaveLength(1);
    expect(said).toMatch(refusal);
    expect(said).not.toContain("\n");
  });

  test("what OpenClaw itself needs is not an agent's to delete", async () => {
    const { call, bot, reader, names, emulator } = await setup();
    const application = await call("gotify_applications", { action: "delete", id: bot.id });
    const client = await call("gotify_clients", { action: "delete", id: reader.id });
    for (const { asked, said } of [application, client]) {
      expect(asked).toBeUndefined();
      expect(said).toMatch(/OpenClaw itself needs/);
    }
    expect(names()).toContain("OpenClaw");
    expect(emulator.store.clients()).toHaveLength(3);
  });

  test("a server that is gone is one line", async () => {
    const { call, emulator, backups } = await setup();
    await emulator.goDown();
    const { said } = await call("gotify_applications", { action: "delete", id: backups.id });
    expect(said).toMatch(/^[^\n]*127\.0\.0\.1[^\n]*$/);
  });
});

test("where Gotify 3 wants a password, a person has to do it", async () => {
  const { call, backups, names } = await setup({ personality: "v3" });
  const { said } = await call("gotify_applications", { action: "delete", id: backups.id });
  expect(said).toMatch(/Gotify 3 asks for the user's password/);
  expect(names()).toContain("Backups");
});
