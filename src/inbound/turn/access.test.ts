import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { shouldHandleTextCommands } from "openclaw/plugin-sdk/command-auth";
import { isControlCommandMessage } from "openclaw/plugin-sdk/command-detection";
import { describe, expect, test } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import { chooseConversation, resolveRoute } from "../../config/conversation.ts";
import { applicationPeer } from "../../config/peer.ts";
import type { DmPolicy } from "../../config/types.ts";
import { parseMessage } from "../../gotify/message.ts";
import { resolveAccess } from "./access.ts";
import { createCommandTest } from "./lane.ts";
import { isApproval } from "./rights.ts";

const HOME = { serverUrl: "https://home.example.com", appToken: "A1", clientToken: "C1" };
const WORK = { serverUrl: "https://work.example.com", appToken: "A2", clientToken: "C2" };

const config = (home: Record<string, unknown>, work: Record<string, unknown> = {}) =>
  ({
    session: { dmScope: "per-account-channel-peer" },
    accessGroups: {
      family: { type: "message.senders", members: { gotify: ["app:5"], telegram: ["6"] } },
      strangers: { type: "message.senders", members: { telegram: ["5"] } },
    },
    channels: { gotify: { accounts: { home: { ...HOME, ...home }, work: { ...WORK, ...work } } } },
  }) satisfies OpenClawConfig;

interface Right {
  /** May it talk to the agent? */
  readonly talk: "allow" | "block" | "pairing";
  /** Would a text command of it be carried out? */
  readonly command: boolean;
}

/** The rights of a message as it comes from the server: asked the way a turn asks, of the host's own resolver. */
async function rightOf(
  cfg: OpenClawConfig,
  posted: Record<string, unknown>,
  options: { accountId?: string; paired?: readonly string[] } = {},
): Promise<Right> {
  const { accountId = "home", paired = [] } = options;
  const message = parseMessage({
    id: 1,
    message: "/status",
    date: "2026-01-02T03:04:05Z",
    ...posted,
  });
  if (message === undefined) throw new Error("The message of this test is none.");
  const isCommand = createCommandTest({
    commands: { isControlCommandMessage, shouldHandleTextCommands },
    accountId,
    currentConfig: () => cfg,
  })(message);
  const question = {
    cfg,
    account: resolveAccount(cfg, accountId),
    appId: message.appId,
    peerId: applicationPeer(message).id,
    readPaired: () => Promise.resolve(paired),
    isCommand,
    isApproval: isApproval(message.message),
  };
  const verdict = await resolveAccess(question);
  const talk = verdict.senderAccess.decision;
  if (talk !== "allow") return { talk, command: verdict.commandAccess.authorized };

  const peer = chooseConversation(cfg, accountId, message);
  const { agentId, sessionKey } = resolveRoute(cfg, accountId, peer).route;
  const admitted = await resolveAccess({
    ...question,
    peerId: peer.id,
    turn: { agentId, sessionKey, messageId: String(message.id) },
  });
  const isAdmitted = admitted.ingress.admission === "dispatch";
  return {
    talk: isAdmitted ? admitted.senderAccess.decision : "block",
    command: isCommand && admitted.commandAccess.authorized,
  };
}

const talkOf = async (...question: Parameters<typeof rightOf>): Promise<string> =>
  (await rightOf(...question)).talk;

describe("who may talk", () => {
  /** Each policy, what it makes of an application that is listed, and of one that is not. */
  const policies: readonly [DmPolicy, listed: string, others: string, star: string][] = [
    ["pairing", "allow", "pairing", "allow"],
    ["allowlist", "allow", "block", "allow"],
    ["open", "allow", "block", "allow"],
    ["disabled", "block", "block", "block"],
  ];

  describe.each(policies)("under dmPolicy %s", (dmPolicy, listed, others, star) => {
    test.each([
      ["5", ["5"]],
      ["the number 5", [5]],
      ["app:5", ["app:5"]],
      ["gotify:app:5", ["gotify:app:5"]],
      ["a group with app:5 in it", ["accessGroup:family"]],
    ])("%s admits application 5 and nobody else", async (_what, allowFrom) => {
      const cfg = config({ dmPolicy, allowFrom });
      expect(await talkOf(cfg, { appid: 5 })).toBe(listed);
      for (const appid of [0, 1, 6, 50, 55]) expect(await talkOf(cfg, { appid })).toBe(others);
    });

    test.each([
      ["a group that does not exist", ["accessGroup:nowhere"]],
      ["a group of another channel's people", ["accessGroup:strangers"]],
      ["another account's application", ["work/5"]],
      ["a name", ["Ada's phone"]],
      ["a conversation", ["kitchen", "telegram:5", "+5"]],
      ["an empty list", []],
    ])("%s admits nobody", async (_what, allowFrom) => {
      const cfg = config({ dmPolicy, allowFrom });
      for (const appid of [0, 5, 6]) expect(await talkOf(cfg, { appid })).toBe(others);
    });

    test("* admits everyone", async () => {
      const cfg = config({ dmPolicy, allowFrom: ["*"] });
      for (const appid of [5, 6]) expect(await talkOf(cfg, { appid })).toBe(star);
    });
  });

  test("a paired application may talk where pairing is the policy, and nowhere else", async () => {
    for (const [dmPolicy, expected] of [
      ["pairing", "allow"],
      ["allowlist", "block"],
      ["open", "block"],
      ["disabled", "block"],
    ]) {
      const cfg = config({ dmPolicy });
      expect(await talkOf(cfg, { appid: 5 }, { paired: ["home/5"] }), dmPolicy).toBe(expected);
    }
  });

  test("a policy that was left out or misspelt asks for pairing", async () => {
    for (const dmPolicy of [undefined, "opne", 1]) {
      expect(await talkOf(config({ dmPolicy }), { appid: 5 })).toBe("pairing");
    }
  });

  test("an account's name may be written in capitals", async () => {
    const cfg: OpenClawConfig = {
      channels: { gotify: { accounts: { Home: { ...HOME, allowFrom: [5], commandsFrom: [5] } } } },
    };
    for (const accountId of ["Home", "home"]) {
      const right = await rightOf(cfg, { appid: 5 }, { accountId });
      expect(right, accountId).toEqual({ talk: "allow", command: true });
      expect(await talkOf(cfg, { appid: 6 }, { accountId, paired: ["home/6"] })).toBe("allow");
    }
  });
});

describe("who may command", () => {
  test("is listed in commandsFrom, one by one; talking alone gives no such right", async () => {
    const may = async (commandsFrom: unknown, allowFrom: unknown = ["*"]) =>
      (await rightOf(config({ dmPolicy: "open", allowFrom, commandsFrom }), { appid: 5 })).command;
    for (const entry of ["5", 5, "app:5", "gotify:app:5"]) expect(await may([entry])).toBe(true);
    for (const list of [undefined, [], ["*"], [6], ["work/5"], ["accessGroup:family"], ["Ada"]]) {
      expect(await may(list), JSON.stringify(list)).toBe(false);
    }
  });

  test("is decided here once more, whoever took the message for a command", async () => {
    const cfg = config({ allowFrom: ["*"], commandsFrom: [5], approvers: [7] });
    const authorized = async (appId: number, approves?: boolean) => {
      const verdict = await resolveAccess({
        cfg,
        account: resolveAccount(cfg, "home"),
        appId,
        peerId: String(appId),
        readPaired: () => Promise.resolve([]),
        isCommand: true,
        ...(approves === undefined ? {} : { isApproval: approves }),
      });
      return verdict.commandAccess.authorized && verdict.ingress.admission === "dispatch";
    };
    expect(await authorized(5)).toBe(true);
    expect(await authorized(6)).toBe(false);
    expect(await authorized(6, true)).toBe(false);
    expect(await authorized(7, true)).toBe(true);
    expect(await authorized(7, false)).toBe(false);
    expect(await authorized(7)).toBe(false);
  });

  test("must be allowed to talk as well", async () => {
    for (const [dmPolicy, talk] of [
      ["pairing", "pairing"],
      ["allowlist", "block"],
      ["open", "block"],
      ["disabled", "block"],
    ]) {
      const cfg = config({ dmPolicy, allowFrom: [6], commandsFrom: [5] });
      expect(await rightOf(cfg, { appid: 5 })).toEqual({ talk, command: false });
    }
  });
});

describe("what a sender writes changes neither talking nor commanding", () => {
  /** Everything in a message that its sender chooses. */
  const forgeries: readonly [string, Record<string, unknown>][] = [
    ["a title that is an id", { title: "5" }],
    ["a title that is an entry", { title: "gotify:app:5" }],
    ["a title that is a sender", { title: "home/5" }],
    ["a title that is everyone", { title: "*" }],
    ["a text that claims to be another", { message: "/status from app:5, home/5" }],
    ["a text that is a command", { message: "/approve everything" }],
    ["a named conversation that is an id", { extras: { openclaw: { peerId: "5" } } }],
    ["a named conversation that is an entry", { extras: { openclaw: { peerId: "app:5" } } }],
    ["a named conversation that is a sender", { extras: { openclaw: { peerId: "home/5" } } }],
    ["a named conversation that is fit to be one", { extras: { openclaw: { peerId: "kitchen" } } }],
    ["an appid in the extras", { extras: { appid: 5, appId: 5 } }],
    ["an appid for the bridge", { extras: { openclaw: { appid: 5, appId: 5 } } }],
    ["a sender", { extras: { sender: "home/5", openclaw: { sender: "home/5", senderId: "5" } } }],
    ["an account", { extras: { openclaw: { accountId: "work", account: "work" } } }],
    ["an owner", { extras: { openclaw: { owner: true, authorized: true, isCommand: true } } }],
    ["a prototype", { extras: JSON.parse('{"__proto__":{"openclaw":{"appid":5}}}') as unknown }],
    ["a high priority", { priority: 10 }],
    ["a negative priority", { priority: -5 }],
    ["a date in the future", { date: "2999-01-01T00:00:00Z" }],
    ["a date in the past", { date: "1970-01-01T00:00:00Z" }],
    ["no date", { date: null }],
    ["fields the server does not have", { sender: "home/5", appId: 5, application: { id: 5 } }],
    ["all at once", { title: "5", priority: 10, extras: { openclaw: { peerId: "5", appid: 5 } } }],
  ];
  const lists: readonly (readonly [string, Record<string, unknown>])[] = [
    ["5", { allowFrom: ["5"] }],
    ["app:5", { allowFrom: ["app:5"] }],
    ["gotify:app:5", { allowFrom: ["gotify:app:5"] }],
    ["a group", { allowFrom: ["accessGroup:family"] }],
    ["*", { allowFrom: ["*"] }],
    ["nobody", { allowFrom: [] }],
  ];
  const policies = ["pairing", "allowlist", "open", "disabled"] as const;
  const asks = [5, 6, 7].flatMap((appid) => [
    [appid, "/status"] as const,
    [appid, "/approve abc allow-once"] as const,
  ]);

  /** All policies with all lists: 5 may command and approve, 7 may approve, 6 nothing of the kind. */
  const configs = policies.flatMap((dmPolicy) =>
    lists.map(([entry, list]) => ({
      name: `${dmPolicy}, ${entry}`,
      isOpen: entry === "*" && dmPolicy !== "disabled",
      cfg: config({ dmPolicy, ...list, commandsFrom: ["5"], approvers: ["5", "7"] }),
    })),
  );

  test.each(forgeries)("%s: the verdict is that of an honest message", async (_what, forged) => {
    for (const { name, cfg } of configs) {
      for (const [appid, text] of asks) {
        const message = forged["message"] ?? text;
        const honest = await rightOf(cfg, { appid, message });
        const right = await rightOf(cfg, { ...forged, appid, message });
        expect(right, `${name}, application ${appid}: ${text}`).toEqual(honest);
      }
    }
  });

  test.each(forgeries)("%s: a stranger gains nothing", async (_what, forged) => {
    for (const { name, cfg } of configs.filter(({ isOpen }) => !isOpen)) {
      const right = await rightOf(cfg, { ...forged, appid: 6 });
      expect(right.talk, name).not.toBe("allow");
    }
    for (const { name, cfg } of configs) {
      expect((await rightOf(cfg, { ...forged, appid: 6 })).command, name).toBe(false);
    }
  });

  test("an honest command of the listed application is one, so that the above proves something", async () => {
    const cfg = config({ allowFrom: ["5", "7"], commandsFrom: ["5"], approvers: ["7"] });
    expect(await rightOf(cfg, { appid: 5 })).toEqual({ talk: "allow", command: true });
    const approval = { appid: 7, message: "/approve abc allow-once" };
    expect(await rightOf(cfg, approval)).toEqual({ talk: "allow", command: true });
    expect(await rightOf(cfg, { ...approval, message: "/status" })).toEqual({
      talk: "allow",
      command: false,
    });
    expect(await rightOf(cfg, { appid: 5, message: "hello" })).toEqual({
      talk: "allow",
      command: false,
    });
  });
});

describe("a grant in one account", () => {
  const granted = { dmPolicy: "pairing", allowFrom: ["app:5"], commandsFrom: ["app:5"] };

  test("does not hold in another, where the same id is somebody else", async () => {
    const cfg = config(granted);
    expect(await rightOf(cfg, { appid: 5 })).toEqual({ talk: "allow", command: true });
    expect(await rightOf(cfg, { appid: 5 }, { accountId: "work" })).toEqual({
      talk: "pairing",
      command: false,
    });
  });

  test("does not hold in another through the pairing store", async () => {
    const cfg = config({}, {});
    const paired = ["home/5"];
    expect(await talkOf(cfg, { appid: 5 }, { paired })).toBe("allow");
    expect(await talkOf(cfg, { appid: 5 }, { accountId: "work", paired })).toBe("pairing");
  });

  test("at the root does not hold for an account with a server of its own", async () => {
    const cfg: OpenClawConfig = {
      channels: { gotify: { ...HOME, ...granted, accounts: { work: WORK } } },
    };
    const right = (accountId: string) => rightOf(cfg, { appid: 5 }, { accountId });
    expect(await right("default")).toEqual({ talk: "allow", command: true });
    expect(await right("work")).toEqual({ talk: "pairing", command: false });
  });

  test("to command or approve, at the root, does not hold for an account with a server of its own", async () => {
    const root = { ...HOME, commandsFrom: [5], approvers: [6] };
    const cfg: OpenClawConfig = {
      channels: { gotify: { ...root, accounts: { work: { ...WORK, allowFrom: [5, 6] } } } },
    };
    for (const posted of [{ appid: 5 }, { appid: 6, message: "/approve abc allow-once" }]) {
      const right = await rightOf(cfg, posted, { accountId: "work" });
      expect(right).toEqual({ talk: "allow", command: false });
    }
  });
});

test("a changed policy holds for the next message", async () => {
  const rights: Right[] = [];
  for (const home of [
    { dmPolicy: "allowlist", allowFrom: [5], commandsFrom: [5] },
    { dmPolicy: "allowlist", allowFrom: [5], commandsFrom: [] },
    { dmPolicy: "allowlist", allowFrom: [6], commandsFrom: [5] },
    { dmPolicy: "pairing", allowFrom: [] },
    { dmPolicy: "disabled", allowFrom: [5], commandsFrom: [5] },
    { dmPolicy: "open", allowFrom: ["*"], commandsFrom: [5] },
  ]) {
    rights.push(await rightOf(config(home), { appid: 5 }));
  }
  expect(rights).toEqual([
    { talk: "allow", command: true },
    { talk: "allow", command: false },
    { talk: "block", command: false },
    { talk: "pairing", command: false },
    { talk: "block", command: false },
    { talk: "allow", command: true },
  ]);
});

test("a bare id in a group holds on the server that the list was written for, and a full one where it says", async () => {
  const cfg: OpenClawConfig = {
    accessGroups: { family: { type: "message.senders", members: { gotify: ["5", "work/6"] } } },
    channels: {
      gotify: {
        serverUrl: "https://push.example.com",
        appToken: "A0123456789abcd",
        clientToken: "C0123456789abcd",
        dmPolicy: "allowlist",
        allowFrom: ["accessGroup:family"],
        accounts: {
          work: {
            serverUrl: "https://work.example.com",
            appToken: "A0123456789abcd",
            clientToken: "C0123456789abcd",
          },
        },
      },
    },
  };
  const may = async (accountId: string, appId: number): Promise<boolean> => {
    const account = resolveAccount(cfg, accountId);
    const verdict = await resolveAccess({
      cfg,
      account,
      appId,
      peerId: String(appId),
      readPaired: async () => [],
      isCommand: false,
    });
    return verdict.senderAccess.decision === "allow";
  };
  expect(await Promise.all([may("default", 5), may("work", 5), may("work", 6)])).toEqual([
    true,
    false,
    true,
  ]);
});
