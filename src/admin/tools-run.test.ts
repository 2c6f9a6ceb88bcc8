import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { agentTools } from "../../test/support/agent-tools.ts";

describe("a change", () => {
  test("is made when it was approved, and its token goes nowhere", async () => {
    const { call, emulator, manager, names } = await agentTools();
    const made = await call("gotify_applications", { action: "create", name: "Doorbell" });
    expect(made.asked).toMatch(/Create an application: name "Doorbell".*account default/);
    expect(names()).toContain("Doorbell");
    const token = await manager.findApplicationToken(emulator.store.applications().at(-1)?.id ?? 0);
    expect(token).toBeTruthy();
    expect(`${made.asked} ${made.said}`).not.toContain(token);
  });

  test.each(["deny", "timeout", "nobody asks"] as const)("is not made on %s", async (answer) => {
    const { call, names, backups, phone, emulator } = await agentTools();
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
    const { call, backups, names, clock, emulator, manager } = await agentTools();
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

  test("is bound to the account and the server that were shown", async () => {
    const { call, gotify, account, emulator, names } = await agentTools();
    const away = await startEmulator({ personality: "v2" });
    onTestFinished(() => away.stop());
    const cabin = {
      serverUrl: away.url,
      appToken: away.createApplication("OpenClaw").token,
      clientToken: away.createClient("Reader").token,
    };
    const create = { action: "create", name: "Doorbell" };
    const moved = await call("gotify_applications", create, {
      between: async () => Object.assign(gotify, cabin),
    });
    expect(moved.asked).toContain(emulator.url);
    expect(moved.said).toMatch(/Nothing was changed/);
    for (const key of Object.keys(account)) delete gotify[key];
    const [on, off] = [{ enabled: true }, { enabled: false }];
    const home = { ...account, inbound: off };
    const accounts = { home: { ...home, tools: on }, cabin: { ...home, tools: off } };
    Object.assign(gotify, { tools: {}, accounts });
    const other = await call("gotify_applications", create, {
      between: async () => {
        accounts.home.tools = off;
        accounts.cabin.tools = on;
      },
    });
    expect(other.asked).toContain("account home");
    expect(other.said).toMatch(/Nothing was changed/);
    expect(names()).toEqual(["OpenClaw", "Backups"]);
    expect(away.store.applications()).toHaveLength(1);
  });

  test("is not made once the tools are switched off, or the turn is over", async () => {
    const { beforeCall, offer, owner, gotify, names } = await agentTools();
    const toolName = "gotify_applications";
    const params = { action: "create", name: "Doorbell" };
    const approve = async (toolCallId: string): Promise<void> =>
      (await beforeCall({ toolName, params, toolCallId }))?.requireApproval?.onResolution(
        "allow-once",
      );
    const assertInvocationCurrent = (): void => {
      throw new Error("The turn is over.");
    };
    await approve("late");
    const [late] = offer({ ...owner, assertInvocationCurrent }) ?? [];
    await expect(late?.execute("late", params)).rejects.toThrow("The turn is over.");
    await approve("off");
    const [off] = offer(owner) ?? [];
    gotify["tools"] = { enabled: false };
    await expect(off?.execute("off", params)).rejects.toThrow(/has no tools/);
    expect(names()).toEqual(["OpenClaw", "Backups"]);
  });

  test("can be approved once or denied, and never for good", async () => {
    const { beforeCall } = await agentTools();
    const params = { action: "create", name: "Doorbell" };
    const answer = await beforeCall({
      toolName: "gotify_applications",
      params,
      toolCallId: "call",
    });
    expect(answer?.requireApproval?.allowedDecisions).toEqual(["allow-once", "deny"]);
  });

  test("is approved for one call: the same one again is another one", async () => {
    const { beforeCall, offer, owner, names } = await agentTools();
    const params = { action: "create", name: "Doorbell" };
    const call = { toolName: "gotify_applications", params, toolCallId: "call" };
    (await beforeCall(call))?.requireApproval?.onResolution("allow-once");
    const [tool] = offer(owner) ?? [];
    await tool?.execute("call", params);
    await expect(tool?.execute("call", params)).rejects.toThrow(/nobody has approved/);
    expect(names().filter((name) => name === "Doorbell")).toHaveLength(1);
  });

  test("deletes what was named, and tells what it is beforehand", async () => {
    const { call, backups, phone, emulator, names } = await agentTools();
    const [one, two, three] = ["one", "two", "three"].map((title) =>
      emulator.push({ appid: backups.id, title, message: "text" }),
    );
    const messages = await call("gotify_messages", { action: "delete", ids: [two?.id, one?.id] });
    expect(messages.asked).toMatch(/Delete 2 messages, 1, 2\..*: 1 "one", 2 "two"/);
    expect(messages.said).toMatch(/deleted[\\"]+:\s*\[\D*1\D+2\D*\]/);
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
    const { call, backups, manager } = await agentTools();
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
