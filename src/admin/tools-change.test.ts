import { describe, expect, test } from "vitest";
import { agentTools } from "../../test/support/agent-tools.ts";
import { startLocalServer } from "../../test/support/local-server.ts";
import { describeChange } from "./tools-change.ts";

describe("the question", () => {
  test("names every message that is to be deleted, and titles while there is room", async () => {
    const { call, emulator, backups } = await agentTools();
    const ids = Array.from({ length: 20 }, (_, index) => {
      const title = `Backup ${index} of the database server is done`;
      return emulator.push({ appid: backups.id, title, message: "text" }).id;
    });
    const { asked = "" } = await call("gotify_messages", { action: "delete", ids });
    expect(asked).toContain(`Delete 20 messages, ${ids.join(", ")}. This cannot be undone.`);
    expect(asked).toMatch(/Titles: 1 "Backup 0 of.*\(Gotify account default, http\S+\)$/);
    expect(asked.length).toBeGreaterThan(450);
    expect(asked.length).toBeLessThanOrEqual(512);
  });

  test("cannot be forged by titles and names", async () => {
    const { call, emulator, manager, backups } = await agentTools();
    const evil = `Old" (Gotify account cabin) [x](http://evil.example) ![y]`;
    const { id } = emulator.push({ appid: backups.id, title: evil, message: "text" });
    await manager.updateApplication(backups.id, { name: evil });
    const questions = [
      await call("gotify_messages", { action: "delete", ids: [id] }, { answer: "deny" }),
      await call("gotify_applications", { action: "delete", id: backups.id }, { answer: "deny" }),
      await call("gotify_applications", { action: "create", name: evil }, { answer: "deny" }),
    ];
    for (const { asked } of questions) {
      expect(asked).toContain(String.raw`"Old\" \(Gotify account cabin\)`);
      expect(asked).not.toMatch(/[^\\][[\]!]/);
      expect(asked?.match(/(?<!\\)[()]/g)).toHaveLength(2);
    }
  });

  test("shows a text whole, with what cannot be seen, or nobody is asked", async () => {
    const { call, names } = await agentTools();
    const create = async (description: string) =>
      call("gotify_applications", { action: "create", name: "Doorbell", description });
    const long = await create("x".repeat(480));
    expect(long.asked).toBeUndefined();
    expect(long.said).toMatch(/^Nobody was asked: .*Shorten the texts/);
    expect(names()).not.toContain("Doorbell");
    const seen = await create(`${"x".repeat(300)}\n\u202eend`);
    expect(seen.asked).toContain(String.raw`x\n\u{202e}end"`);
    expect(names()).toContain("Doorbell");
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
    [
      "gotify_messages",
      { action: "delete", ids: Array.from({ length: 21 }, (_, index) => index + 1) },
      /at most 20 messages/,
    ],
    ["gotify_messages", { action: "clear" }, /Name it by its id: application/],
  ])("%s %j", async (tool, params, refusal) => {
    const { call, emulator, backups } = await agentTools();
    emulator.push({ appid: backups.id, message: "another one" });
    const { asked, said } = await call(tool, params);
    expect(asked).toBeUndefined();
    expect(emulator.store.messages()).toHaveLength(1);
    expect(said).toMatch(refusal);
    expect(said).not.toContain("\n");
  });

  test("what OpenClaw itself needs is not an agent's to delete", async () => {
    const { call, bot, reader, names, emulator } = await agentTools();
    const application = await call("gotify_applications", { action: "delete", id: bot.id });
    const client = await call("gotify_clients", { action: "delete", id: reader.id });
    for (const { asked, said } of [application, client]) {
      expect(asked).toBeUndefined();
      expect(said).toMatch(/OpenClaw itself needs/);
    }
    expect(names()).toContain("OpenClaw");
    expect(emulator.store.clients()).toHaveLength(3);
  });

  test("nor is its client an agent's to let expire; other clients are, and it may be renamed", async () => {
    const { call, reader, phone } = await agentTools({ personality: "v3" });
    const expire = (id: number, seconds: number) =>
      call("gotify_clients", { action: "update", id, expiresAfterInactivitySeconds: seconds });
    const own = await expire(reader.id, 60);
    expect(own.asked).toBeUndefined();
    expect(own.said).toMatch(/OpenClaw itself needs/);
    const never = await expire(reader.id, 0);
    expect(never.said).toContain("updated");
    const renamed = await call("gotify_clients", { action: "update", id: reader.id, name: "New" });
    expect(renamed.said).toContain("updated");
    expect((await expire(phone.id, 60)).said).toContain("updated");
  });

  test("nor what OpenClaw may need while nobody can tell", async () => {
    const early = await agentTools({ personality: "v3", isOwnUnknown: true });
    const remove = (id: number) => ({ action: "delete", id });
    const perhaps = await early.call("gotify_applications", remove(early.bot.id));
    const { call, gotify, account, backups, phone } = await agentTools();
    const unread = { source: "env", provider: "default", id: "NOWHERE" };
    gotify["accounts"] = { cabin: { ...account, appToken: unread, clientToken: unread } };
    const application = await call("gotify_applications", {
      ...remove(backups.id),
      account: "default",
    });
    const client = await call("gotify_clients", { ...remove(phone.id), account: "default" });
    for (const { asked, said } of [perhaps, application, client]) {
      expect(asked).toBeUndefined();
      expect(said).toMatch(/nobody can tell that it does not/);
    }
  });

  test("a server that does not answer in time is one line, before the host loses patience", async () => {
    const { cfg, gotify } = await agentTools();
    const silent = await startLocalServer(() => {});
    gotify["serverUrl"] = silent.url;
    const params = { action: "delete", ids: [1, 2, 3] };
    const host = { cfg, ownApplication: async () => undefined, timeLimitMs: 500 };
    const failure = await describeChange("gotify_messages", params, host).catch(String);
    expect(failure).toMatch(/Nobody was asked, .*127\.0\.0\.1.* longer than 0\.5 s/);
    // All at once: one after the other, twenty would take their time.
    expect(silent.requests).toHaveLength(3);
  });

  test("a server that is gone is one line", async () => {
    const { call, emulator, backups } = await agentTools();
    await emulator.goDown();
    const { said } = await call("gotify_applications", { action: "delete", id: backups.id });
    expect(said).toMatch(/^[^\n]*127\.0\.0\.1[^\n]*$/);
  });
});

test("where Gotify 3 wants a password, a person has to do it", async () => {
  const { call, backups, phone, names, emulator } = await agentTools({ personality: "v3" });
  for (const { said } of [
    await call("gotify_applications", { action: "delete", id: backups.id }),
    await call("gotify_clients", { action: "delete", id: phone.id }),
  ]) {
    expect(said).toMatch(/Gotify 3 asks for the user's password/);
  }
  expect(names()).toContain("Backups");
  expect(emulator.store.clients()).toHaveLength(3);
});
