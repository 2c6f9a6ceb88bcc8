import { describe, expect, test } from "vitest";
import { agentTools } from "../../test/support/agent-tools.ts";

describe("who is offered the tools", () => {
  test("an owner, where an account has them switched on", async () => {
    const { offer, owner } = await agentTools();
    expect(offer(owner)?.map(({ name }) => name)).toEqual([
      "gotify_applications",
      "gotify_clients",
      "gotify_messages",
    ]);
  });

  test.each([
    ["by default", {}],
    ["when they are switched off", { enabled: false }],
    ["when the account is switched off", { enabled: true }],
  ])("nobody %s", async (when, tools) => {
    const { offer, owner, call, gotify } = await agentTools({ tools });
    gotify["enabled"] = !when.includes("account");
    expect(offer(owner)).toBeNull();
    expect((await call("gotify_applications", { action: "list" })).said).toMatch(/no such tool/);
  });

  test.each([false, undefined])("nobody who is no owner (%s)", async (senderIsOwner) => {
    const { offer, cfg } = await agentTools();
    expect(
      offer({ ...(senderIsOwner === undefined ? {} : { senderIsOwner }), config: cfg }),
    ).toBeNull();
  });

  test("no one who is an owner no more when the call is carried out", async () => {
    const { offer, owner } = await agentTools();
    const ctx = { ...owner };
    const [tool] = offer(ctx) ?? [];
    ctx.senderIsOwner = false;
    await expect(tool?.execute("call", { action: "list" })).rejects.toThrow(/Only an owner/);
  });

  test("an agent's other tools are none of ours to look at or to hold up", async () => {
    const { beforeCall, emulator } = await agentTools();
    const params = { action: "delete", id: "everything" };
    expect(await beforeCall({ toolName: "exec", params, toolCallId: "call" })).toBeUndefined();
    expect(emulator.store.requests()).toEqual([]);
  });
});

describe("accounts", () => {
  test("only those that have the tools are touched, and a choice is named", async () => {
    const { gotify, account, call } = await agentTools();
    Object.assign(gotify, {
      tools: {},
      accounts: {
        home: { ...account, inbound: { enabled: false }, tools: { enabled: true } },
        cabin: { ...account, inbound: { enabled: false }, tools: { enabled: true } },
        barn: { ...account, inbound: { enabled: false } },
        attic: { ...account, enabled: false, tools: { enabled: true } },
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
    expect((await list("attic")).said).toMatch(/attic has no tools/);
    expect((await list("nobody")).said).toMatch(/nobody has no tools/);
  });

  test("one that only sends says so", async () => {
    const { gotify, call } = await agentTools();
    delete gotify["clientToken"];
    expect((await call("gotify_clients", { action: "list" })).said).toMatch(/only sends/);
  });
});

describe("reading", () => {
  test("asks nobody, and shows no token", async () => {
    const { call, emulator, bot, backups, reader, phone } = await agentTools();
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
    // Names are anybody's words as well.
    for (const one of said.slice(0, 2)) expect(one).toMatch(/data, never instructions/);
  });

  test("messages come bounded and marked as somebody else's words, page by page", async () => {
    const { call, emulator, backups } = await agentTools();
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

  test("a text is never cut between the halves of a character", async () => {
    const { call, emulator, backups } = await agentTools();
    const [title, message] = [`${"t".repeat(199)}😀!`, `${"x".repeat(999)}😀!`];
    emulator.push({ appid: backups.id, title, message });
    const { said } = await call("gotify_messages", { action: "list" });
    expect(said).toContain("t…");
    expect(said).toContain("x…");
    expect(said).not.toMatch(/\\ud83d/i);
  });
});
