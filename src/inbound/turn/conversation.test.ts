import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { chooseConversation, resolveRoute } from "./conversation.ts";

const naming = (peerId: string): GotifyMessage => ({
  id: 1,
  appId: 5,
  message: "hello",
  title: "",
  priority: 0,
  extras: { openclaw: { peerId } },
  date: undefined,
});

const session = (cfg: OpenClawConfig, peerId: string): string =>
  resolveRoute(cfg, "home", chooseConversation(cfg, "home", naming(peerId))).route.sessionKey;

describe("a conversation that the sender names", () => {
  test.each([
    ["per-channel-peer", "agent:main:gotify:direct:kitchen"],
    ["per-account-channel-peer", "agent:main:gotify:home:direct:kitchen"],
  ] as const)("has a session of its own under %s", (dmScope, key) => {
    expect(session({ session: { dmScope } }, "kitchen")).toBe(key);
  });

  test("is ignored where other channels share the session", () => {
    expect(session({ session: { dmScope: "per-peer" } }, "bob")).toBe("agent:main:direct:5");
    expect(session({ session: { dmScope: "main" } }, "bob")).toBe("agent:main:main");
  });

  test("is never the session of a linked person", () => {
    for (const dmScope of ["per-peer", "per-channel-peer", "per-account-channel-peer"] as const) {
      const cfg: OpenClawConfig = {
        session: { dmScope, identityLinks: { Alice: ["telegram:123456", "gotify:tablet"] } },
      };
      const own = session(cfg, "5");
      for (const name of ["alice", "ALICE", "tablet"]) expect(session(cfg, name), name).toBe(own);
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
      ],
    };
    const base: OpenClawConfig = { session: { dmScope: "per-channel-peer" } };
    const cfg = Object.assign(base, rules);
    const own = "agent:main:gotify:direct:5";
    expect(session(cfg, "oncall")).toBe(own);
    expect(session(cfg, "boss")).toBe(own);
    expect(session(cfg, "kitchen")).toBe("agent:main:gotify:direct:kitchen");
  });
});
