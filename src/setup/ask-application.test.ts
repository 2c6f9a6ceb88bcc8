import { expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { scriptedPrompter, type Script } from "../../test/support/scripted-prompter.ts";
import { resolveAccount } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { askForChat } from "./ask-application.ts";
import { setUp } from "./set-up.ts";
import { writeOutcome } from "./written.ts";

const PASSWORD = "only-once-31415";
const NOBODY = { all: () => [], note: () => {}, forget: () => {} };

test.each<Personality>(["v2", "v3"])(
  "the application that answers may be the one to write with on Gotify %s",
  async (personality) => {
    const emulator = await startEmulator({ personality, user: "ada", password: PASSWORD });
    onTestFinished(() => emulator.stop());
    const bot = emulator.createApplication("OpenClaw");
    emulator.createApplication("Backup");
    const script: Script = [
      [/Address/, emulator.url],
      [/How does OpenClaw get in/, "login"],
      [/user name/, "ada"],
      [/Password/, PASSWORD],
      [/posts the agents' answers/, "OpenClaw"],
      [/do you write with/, "OpenClaw"],
      [/conversation of its own/, true],
      [/test push/, false],
    ];
    const { prompter } = scriptedPrompter(script);
    const { outcome } = await setUp({
      cfg: {},
      accountId: "default",
      prompter,
      env: {},
      clients: NOBODY,
    });
    const written = writeOutcome({}, "default", outcome);
    expect(emulator.store.applications().map(({ name }) => name)).toEqual(["OpenClaw", "Backup"]);
    const account = resolveAccount(written);
    const own = [String(bot.id)];
    expect(account).toMatchObject({ configured: true, allowFrom: own, commandsFrom: own });
    expect(await accountClient(account).sendMessage({ message: "hello" })).toMatchObject({
      appId: bot.id,
    });
  },
);

test("the application that is made for the answers may be the one to write with", async () => {
  const emulator = await startEmulator({ user: "ada", password: PASSWORD });
  onTestFinished(() => emulator.stop());
  const { prompter } = scriptedPrompter([
    [/Address/, emulator.url],
    [/How does OpenClaw get in/, "login"],
    [/user name/, "ada"],
    [/Password/, PASSWORD],
    [/Name of the new application for/, true],
    [/do you write with/, "OpenClaw"],
    [/test push/, false],
  ]);
  const request = { cfg: {}, accountId: "default", prompter, env: {}, clients: NOBODY };
  const { outcome, chatToken } = await setUp(request);
  expect([outcome.chatAppId, chatToken]).toEqual([1, undefined]);
  expect(emulator.store.applications().map(({ name }) => name)).toEqual(["OpenClaw"]);
});

test("the application that answers is offered last, and never suggested", async () => {
  const application = (id: number, name: string) => ({
    id,
    name,
    description: "",
    defaultPriority: 0,
    internal: false,
    imageUrl: undefined,
    lastUsed: undefined,
    sortKey: undefined,
    createdAt: undefined,
  });
  const offered: string[] = [];
  const { prompter } = scriptedPrompter([
    [/do you write with/, true],
    [/Name of the new application/, "Myself"],
    [/Show its token/, true],
  ]);
  const asked: typeof prompter = {
    ...prompter,
    select: async (question) => {
      offered.push(...question.options.map(({ label }) => label));
      return prompter.select(question);
    },
  };
  const access = {
    kind: "client-token",
    clientToken: "C-some",
    application: { kind: "existing", id: 1, name: "Me" },
  } as const;
  const chat = await askForChat(asked, access, [application(1, "Me"), application(2, "Backup")]);
  expect(offered).toEqual(["A new one", "Backup (2)", "Me (1)", "Decide later"]);
  expect(chat).toEqual({ kind: "new", name: "Myself", showToken: true });
});
