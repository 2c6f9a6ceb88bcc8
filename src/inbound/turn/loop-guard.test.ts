import { expect, test } from "vitest";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../../config/accounts.ts";
import { stampExtras } from "../../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { isOtherAgent, isOwnEcho } from "../feed/echo.ts";
import { loopFacts } from "./loop-guard.ts";

const postedBy = (by: string | undefined): GotifyMessage => ({
  id: 7,
  appId: 5,
  message: "hello",
  title: "",
  priority: 0,
  extras:
    by === undefined
      ? {}
      : stampExtras({ by, id: "d", payload: 0, payloads: 1, part: 0, parts: 1 }),
  date: undefined,
});

const cfg: OpenClawConfig = {
  channels: {
    defaults: { botLoopProtection: { windowSeconds: 30 } },
    gotify: {
      serverUrl: "http://127.0.0.1",
      appToken: "A1",
      botLoopProtection: { maxEventsPerWindow: 5 },
      accounts: { home: { botLoopProtection: { cooldownSeconds: 90 } } },
    },
  },
};
const facts = (by: string | undefined) =>
  loopFacts({
    cfg,
    account: resolveAccount(cfg, "home"),
    installId: "ours",
    conversationId: "5",
    message: postedBy(by),
  });

test("our own posts are echoes, another installation's are another agent's, and all others are neither", () => {
  const kinds = ["ours", "theirs", undefined].map((by) => {
    const message = postedBy(by);
    return [isOwnEcho(message, "ours"), isOtherAgent(message, "ours")];
  });
  expect(kinds).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
});

test("only another agent's message is counted, so that a machine is never silenced as a bot", () => {
  expect(facts(undefined)).toBeUndefined();
  expect(facts("ours")).toBeUndefined();
  expect(facts("theirs")).toMatchObject({ defaultEnabled: true, eventId: "7" });
});

test("the pair is the application and this installation, whoever the stamp says wrote it", () => {
  expect(facts("theirs")).toMatchObject({ senderId: "home/5", receiverId: "ours" });
  expect(facts("somebody else")).toEqual(facts("theirs"));
});

test("the account's keys go before the channel's, and both before the shared ones", () => {
  expect(facts("theirs")).toMatchObject({
    config: { maxEventsPerWindow: 5, cooldownSeconds: 90 },
    defaultsConfig: { windowSeconds: 30 },
  });
});

test("slow agents are counted over ten minutes where nobody chose a window", () => {
  const shared = loopFacts({
    cfg: {},
    account: resolveAccount(cfg, "home"),
    installId: "ours",
    conversationId: "5",
    message: postedBy("theirs"),
  });
  expect(shared?.defaultsConfig).toEqual({ windowSeconds: 600 });
});
