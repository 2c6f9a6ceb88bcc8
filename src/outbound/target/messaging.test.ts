import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { targetOf } from "../../config/conversation-target.ts";
import { resolveRoute } from "../../config/conversation.ts";
import { messagingAdapter, resolveTarget } from "./messaging.ts";

const SCOPES = ["main", "per-peer", "per-channel-peer", "per-account-channel-peer"] as const;
const ACCOUNTS = ["home", "cabin"] as const;

async function setup(more: object = {}) {
  const emulator = await startEmulator({ personality: "v2" });
  onTestFinished(() => emulator.stop());
  const accountFor = (user: string) => ({
    serverUrl: emulator.url,
    appToken: emulator.createApplication(`${user}'s bot`).token,
    clientToken: emulator.createClient(user).token,
  });
  emulator.createApplication("Ada's phone");
  const cfg: OpenClawConfig = {
    ...more,
    channels: {
      gotify: {
        defaultAccount: "home",
        accounts: {
          home: { ...accountFor("home"), commandsFrom: ["1"] },
          cabin: { ...accountFor("cabin"), commandsFrom: ["3"] },
        },
      },
    },
  };
  const resolver = messagingAdapter.targetResolver;
  const name = async (input: string, accountId?: string) =>
    resolver?.resolveTarget?.({
      cfg,
      input,
      normalized: messagingAdapter.normalizeTarget?.(input) ?? input,
      ...(accountId === undefined ? {} : { accountId }),
    });
  const route = async (
    target: string,
    accountId?: string,
    resolvedTarget?: { to: string; kind: "user"; source: "normalized" },
  ) =>
    messagingAdapter.resolveOutboundSessionRoute?.({
      cfg,
      agentId: "main",
      target,
      ...(accountId === undefined ? {} : { accountId }),
      ...(resolvedTarget === undefined ? {} : { resolvedTarget }),
    });
  const inbound = (accountId: string, id: string) =>
    resolveRoute(cfg, accountId, { id, named: false }).route.sessionKey;
  return { emulator, cfg, name, route, inbound };
}

test.each(SCOPES)(
  "under %s every form of a target has the session of inbound messages",
  async (dmScope) => {
    const { route, inbound } = await setup({ session: { dmScope } });
    const forms = {
      "1": ["1", "gotify:1", "app:1", "gotify:app:1", "app:Ada's Phone", "user:1", "peer:1"],
      ops: ["peer:ops", "gotify:peer:ops", "user:ops"],
    };
    for (const [peerId, targets] of Object.entries(forms)) {
      for (const target of targets) {
        for (const account of ACCOUNTS) {
          expect(await route(target, account)).toMatchObject({
            sessionKey: inbound(account, peerId),
            recipientSessionExact: true,
            peer: { kind: "direct", id: peerId },
            chatType: "direct",
            // As the way in writes it.
            from: targetOf(peerId),
            to: targetOf(peerId),
          });
        }
        expect((await route(target))?.sessionKey).toBe(inbound("home", peerId));
      }
    }
  },
);

test.each(SCOPES)(
  "under %s the person behind an account has the session of that account",
  async (dmScope) => {
    const { route, inbound } = await setup({ session: { dmScope } });
    for (const target of ["account:home", "gotify:home", "home/1"]) {
      expect(await route(target)).toMatchObject({
        sessionKey: inbound("home", "1"),
        to: "gotify:1",
      });
    }
    for (const target of ["account:cabin", "gotify:cabin", "cabin/3"]) {
      expect(await route(target, "cabin")).toMatchObject({
        sessionKey: inbound("cabin", "3"),
        recipientSessionExact: true,
        to: "gotify:3",
      });
      // The host fills in the default account: what it keeps has to go on naming the other one.
      for (const filledIn of [undefined, "home"]) {
        const found = await route(target, filledIn);
        expect(found).toMatchObject({
          sessionKey: inbound("cabin", "3"),
          recipientSessionExact: true,
          from: "gotify:3",
          to: "gotify:cabin/3",
        });
        expect((await route(found?.to ?? "", filledIn))?.sessionKey).toBe(inbound("cabin", "3"));
      }
    }
  },
);

test("a session follows the bindings of its own account, whichever the host has in mind", async () => {
  const bound = (accountId: string) => ({
    session: { dmScope: "main" },
    bindings: [
      {
        agentId: "main",
        match: { channel: "gotify", accountId },
        session: { dmScope: "per-account-channel-peer" },
      },
    ],
  });
  const cabin = await setup(bound("cabin"));
  const bySession = { sessionKey: "agent:main:gotify:cabin:direct:3", recipientSessionExact: true };
  expect(cabin.inbound("cabin", "3")).toBe(bySession.sessionKey);
  expect(await cabin.route("account:cabin")).toMatchObject(bySession);
  expect(await cabin.route("account:cabin", "home")).toMatchObject(bySession);
  expect(await cabin.route("3", "cabin")).toMatchObject(bySession);
  // The host would put its own account's session in place of an exact one.
  const home = await setup(bound("home"));
  expect(await home.route("account:cabin", "home")).toMatchObject({
    sessionKey: home.inbound("cabin", "3"),
    recipientSessionExact: false,
  });
  expect((await home.route("1"))?.sessionKey).toBe(home.inbound("home", "1"));
});

test("with several agents and no binding it is the session of the agent that sends", async () => {
  const { route } = await setup({
    session: { dmScope: "per-channel-peer" },
    agents: { ownership: "explicit", entries: { main: {}, ops: {} } },
  });
  for (const target of ["1", "account:cabin"]) {
    expect((await route(target))?.sessionKey).toMatch(/^agent:main:gotify:direct:[13]$/);
  }
});

test("a name that the host has had looked up is not looked up again", async () => {
  const { emulator, route, inbound } = await setup();
  await emulator.goDown();
  const resolved = { to: "1", kind: "user", source: "normalized" } as const;
  expect((await route("app:Ada's phone", "home", resolved))?.sessionKey).toBe(inbound("home", "1"));
  // Without a session the post is queued all the same.
  expect(await route("app:Ada's phone", "home")).toBeNull();
  expect(await route("home")).toBeNull();
});

test.each([
  ["gotify:1", "1"],
  ["app:Ada's Phone", "app:ada's phone"],
  ["peer:ops", "peer:ops"],
  ["gotify:peer:home", "peer:home"],
  ["gotify:home", "1"],
  ["gotify:cabin", "cabin/3"],
])("the outbound adapter passes %s on as %s", async (to, passed) => {
  const { cfg } = await setup();
  expect(resolveTarget({ cfg, to })).toEqual({ ok: true, to: passed });
  // It is asked again about what it has said.
  expect(resolveTarget({ cfg, to: passed })).toEqual({ ok: true, to: passed });
});

test.each([
  ["", /names no Gotify conversation.*app:<id>/],
  ["home", /account:home/],
  ["gotify:attic", /no Gotify account "attic"/],
])("the outbound adapter refuses %j and says what to write", async (to, text) => {
  const { cfg } = await setup();
  const answer = resolveTarget({ cfg, to });
  expect(answer).toMatchObject({ ok: false });
  expect(answer.ok ? "" : answer.error.message).toMatch(text);
  expect(resolveTarget({ to: "" })).toMatchObject({ ok: false });
});

test("the resolver tells the name, and what there is when there is no such", async () => {
  const { name } = await setup();
  expect(await name("app:Ada's Phone")).toEqual({
    to: "1",
    kind: "user",
    source: "directory",
    display: "Ada's phone",
  });
  expect(await name("gotify:1")).toMatchObject({ to: "1", source: "normalized" });
  expect(await name("account:cabin")).toMatchObject({ to: "cabin/3", display: "cabin's bot" });
  await expect(name("app:Doorbell")).rejects.toThrow(/There are: app:1 \(Ada's phone\)/);
  await expect(name("doorbell")).rejects.toThrow(/names no Gotify conversation/);
  const { looksLikeId } = messagingAdapter.targetResolver ?? {};
  expect(["app:Doorbell", "1", "gotify:home"].map((raw) => looksLikeId?.(raw))).not.toContain(
    false,
  );
  expect(looksLikeId?.("doorbell")).toBe(false);
});

test("what the host makes of a session's key, or of a conversation it keeps, is that conversation", () => {
  const { normalizeTarget, resolveDeliveryTarget, directTargetStyle } = messagingAdapter;
  expect(directTargetStyle).toBe("user-prefixed");
  expect(normalizeTarget?.("user:home")).toBe("peer:home");
  for (const conversationId of ["home", "peer:home", "gotify:peer:home"]) {
    expect(resolveDeliveryTarget?.({ conversationId })).toEqual({ to: "peer:home" });
  }
  expect(resolveDeliveryTarget?.({ conversationId: "5" })).toEqual({ to: "5" });
  expect(resolveDeliveryTarget?.({ conversationId: "a b" })).toBeNull();
});

test("people see the name and what to write", () => {
  const { formatTargetDisplay } = messagingAdapter;
  expect(formatTargetDisplay?.({ target: "gotify:5", display: "Ada's phone" })).toBe(
    "Ada's phone (5)",
  );
  expect(formatTargetDisplay?.({ target: "gotify:peer:ops" })).toBe("peer:ops");
});
