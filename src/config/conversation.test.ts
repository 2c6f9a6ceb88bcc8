import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, test } from "vitest";
import type { GotifyMessage } from "../gotify/message.ts";
import { chooseConversation, resolveRoute } from "./conversation.ts";

const SCOPES = ["main", "per-peer", "per-channel-peer", "per-account-channel-peer"] as const;
const OWN_SCOPES = ["per-channel-peer", "per-account-channel-peer"] as const;

const naming = (peerId: unknown, appId = 5): GotifyMessage => ({
  id: 1,
  appId,
  message: "hello",
  title: "",
  priority: 0,
  extras: { openclaw: { peerId } },
  date: undefined,
});

const sessionOf = (cfg: OpenClawConfig, message: GotifyMessage): string =>
  resolveRoute(cfg, "home", chooseConversation(cfg, "home", message)).route.sessionKey;

const session = (cfg: OpenClawConfig, peerId: unknown): string => sessionOf(cfg, naming(peerId));

/** Where the message goes when its sender wishes nothing. */
const ownSession = (cfg: OpenClawConfig): string => session(cfg, undefined);

describe("a conversation that the sender names", () => {
  test.each([
    ["per-channel-peer", "agent:main:gotify:direct:kitchen"],
    ["per-account-channel-peer", "agent:main:gotify:home:direct:kitchen"],
  ] as const)("has a session of its own under %s", (dmScope, key) => {
    expect(session({ session: { dmScope } }, "kitchen")).toBe(key);
    expect(session({ session: { dmScope } }, " Kitchen ")).toBe(key);
  });

  test("is ignored where other channels share the session", () => {
    expect(session({ session: { dmScope: "per-peer" } }, "bob")).toBe("agent:main:direct:5");
    expect(session({ session: { dmScope: "main" } }, "bob")).toBe("agent:main:main");
    // What the host does when the operator has chosen nothing.
    expect(session({}, "bob")).toBe("agent:main:main");
  });

  describe.each(SCOPES)("under dmScope %s", (dmScope) => {
    test.each<[string, unknown]>([
      ["another channel's peer", "telegram:1"],
      ["a phone number", "+15551234567"],
      ["an application", "app:7"],
      ["an application with the channel", "gotify:7"],
      ["a bare application id", "7"],
      ["1,000 characters", "a".repeat(1_000)],
      ["an object", { peerId: "kitchen" }],
      ["a list", ["kitchen"]],
      ["a number", 7],
      ["nothing", ""],
    ])("is not %s: the message stays in its application's session", (_what, peerId) => {
      const cfg: OpenClawConfig = { session: { dmScope } };
      expect(session(cfg, peerId)).toBe(ownSession(cfg));
    });

    test("is never the session of a linked person", () => {
      const cfg: OpenClawConfig = {
        session: {
          dmScope,
          identityLinks: {
            Alice: ["telegram:123456", "gotify:tablet"],
            " Bob ": [" GOTIFY:Watch "],
          },
        },
      };
      const own = ownSession(cfg);
      for (const name of ["alice", "ALICE", "tablet", "bob", "watch"]) {
        expect(session(cfg, name), name).toBe(own);
      }
    });
  });

  test("leaves the application's own link to a person as it is", () => {
    for (const dmScope of OWN_SCOPES) {
      const cfg: OpenClawConfig = { session: { dmScope, identityLinks: { alice: ["gotify:5"] } } };
      expect(ownSession(cfg)).toMatch(/:direct:alice$/);
      expect(session(cfg, "alice")).toBe(ownSession(cfg));
    }
  });

  test("selects no agent and no scope that the application itself would not", () => {
    // The host's type for a binding cannot be written under this project's stricter compiler settings.
    const rules: object = {
      agents: { ownership: "explicit", entries: { main: {}, ops: {} } },
      bindings: [
        { agentId: "main", match: { channel: "gotify", accountId: "home" } },
        {
          agentId: "ops",
          match: { channel: "gotify", accountId: "home", peer: { kind: "direct", id: "oncall" } },
        },
        {
          agentId: "main",
          match: { channel: "gotify", accountId: "home", peer: { kind: "direct", id: "boss" } },
          session: { dmScope: "main" },
        },
        {
          agentId: "main",
          match: { channel: "gotify", accountId: "home", peer: { kind: "direct", id: "quiet" } },
        },
      ],
    };
    for (const dmScope of SCOPES) {
      const cfg = Object.assign({ session: { dmScope } } satisfies OpenClawConfig, rules);
      for (const bound of ["oncall", "OnCall", "boss", "quiet"]) {
        expect(session(cfg, bound), `${dmScope} ${bound}`).toBe(ownSession(cfg));
      }
    }
    const cfg = Object.assign(
      { session: { dmScope: "per-channel-peer" } } satisfies OpenClawConfig,
      rules,
    );
    expect(session(cfg, "kitchen")).toBe("agent:main:gotify:direct:kitchen");
  });

  test("stays where the operator has put its application", () => {
    const rules: object = {
      bindings: [
        {
          agentId: "main",
          match: { channel: "gotify", accountId: "home", peer: { kind: "direct", id: "5" } },
          session: { dmScope: "per-account-channel-peer" },
        },
      ],
    };
    const cfg = Object.assign(
      { session: { dmScope: "per-channel-peer" } } satisfies OpenClawConfig,
      rules,
    );
    expect(session(cfg, "kitchen")).toBe("agent:main:gotify:home:direct:5");
    expect(sessionOf(cfg, naming("kitchen", 6))).toBe("agent:main:gotify:direct:kitchen");
  });

  test("follows its application to the agent the application is bound to, and no further", () => {
    const rules: object = {
      agents: { ownership: "explicit", entries: { main: {}, ops: {} } },
      bindings: [
        { agentId: "main", match: { channel: "gotify", accountId: "home" } },
        {
          agentId: "ops",
          match: { channel: "gotify", accountId: "home", peer: { kind: "direct", id: "5" } },
        },
      ],
    };
    const cfg = Object.assign(
      { session: { dmScope: "per-channel-peer" } } satisfies OpenClawConfig,
      rules,
    );
    // A name leads to the account's agent: the application's own, another one, would be left by it.
    expect(session(cfg, "kitchen")).toBe("agent:ops:gotify:direct:5");
    expect(sessionOf(cfg, naming("kitchen", 6))).toBe("agent:main:gotify:direct:kitchen");
  });
});

describe("inbound.peerIdFrom", () => {
  const OWN = "agent:main:gotify:direct:5";
  const NAMED = "agent:main:gotify:direct:kitchen";
  const account = { serverUrl: "https://push.example.com", appToken: "A1", clientToken: "C1" };
  const config = (peerIdFrom: unknown): OpenClawConfig => ({
    session: { dmScope: "per-channel-peer" },
    channels: { gotify: { accounts: { home: { ...account, inbound: { peerIdFrom } } } } },
  });

  test.each([
    ["nobody is listed by a missing key, which lets every application", undefined],
    ["a bare id", ["5"]],
    ["a number", [5]],
    ["an id with its kind", ["app:5"]],
    ["an id with the channel", ["gotify:app:5"]],
    ["everyone", ["*"]],
    ["one of several", [4, "app:5"]],
  ])("lets application 5 name its conversation: %s", (_what, peerIdFrom) => {
    expect(session(config(peerIdFrom), "kitchen")).toBe(NAMED);
  });

  test.each([
    ["an empty list", []],
    ["another application", ["app:6"]],
    ["another account's application", ["work/5"]],
    ["a name", ["kitchen"]],
    ["an id that only begins alike", ["50"]],
  ])("does not let application 5 name its conversation: %s", (_what, peerIdFrom) => {
    expect(session(config(peerIdFrom), "kitchen")).toBe(OWN);
  });

  test("is asked about the server's application, whatever the sender claims", () => {
    const forged = naming("kitchen");
    const extras = {
      openclaw: { peerId: "kitchen", appid: 6, appId: 6, sender: "home/6" },
      appid: 6,
    };
    expect(sessionOf(config([6]), { ...forged, title: "6", extras })).toBe(OWN);
  });

  test("of one account says nothing about the same id in another", () => {
    const cfg: OpenClawConfig = {
      session: { dmScope: "per-channel-peer" },
      channels: {
        gotify: {
          ...account,
          inbound: { peerIdFrom: [5] },
          accounts: {
            home: {
              ...account,
              serverUrl: "https://other.example.com",
              inbound: { peerIdFrom: [6] },
            },
          },
        },
      },
    };
    expect(session(cfg, "kitchen")).toBe(OWN);
  });

  test("holds from the next message on", () => {
    expect(session(config([5]), "kitchen")).toBe(NAMED);
    expect(session(config([]), "kitchen")).toBe(OWN);
    expect(session(config([5]), "kitchen")).toBe(NAMED);
  });
});

describe("a message without an application", () => {
  const titled = (title: string): GotifyMessage => ({
    ...naming(undefined),
    appId: 0,
    title,
    extras: {},
  });
  const cfg: OpenClawConfig = {
    session: { dmScope: "per-channel-peer", identityLinks: { alice: ["telegram:1"] } },
  };

  test("is told by its title, which chooses no more than a name would", () => {
    expect(sessionOf(cfg, titled("Backup"))).toBe("agent:main:gotify:direct:backup");
    expect(sessionOf(cfg, titled("Alice"))).toBe("agent:main:gotify:direct:gotify");
    expect(sessionOf(cfg, titled("+1555"))).toBe("agent:main:gotify:direct:gotify");
  });
});
