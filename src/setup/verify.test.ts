import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { verifyInput, type GivenInput } from "./verify.ts";

async function stage(personality: Personality) {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const bob = emulator.createUser("bob");
  return {
    emulator,
    serverUrl: emulator.url,
    app: emulator.createApplication("OpenClaw").token,
    phone: emulator.createApplication("Phone"),
    client: emulator.createClient("OpenClaw").token,
    bobs: emulator.createClient("Bob's", { userId: bob.id }).token,
    verify: (input: GivenInput, cfg: OpenClawConfig = {}) => verifyInput(cfg, "default", input),
  };
}

test.each<Personality>(["v2", "v3"])(
  "what works on Gotify %s passes, and nothing is made",
  async (personality) => {
    const { emulator, serverUrl, app, client, phone, verify } = await stage(personality);
    expect(await verify({ serverUrl, appToken: app })).toEqual({});
    const both = { serverUrl, appToken: app, clientToken: client, chatApp: String(phone.id) };
    expect(await verify(both)).toEqual({});
    const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
    expect(await verify({ chatApp: String(phone.id) }, cfg)).toEqual({});
    expect(emulator.store.applications()).toHaveLength(2);
  },
);

test("a client token alone gets the application for the answers", async () => {
  const old = await stage("v2");
  expect(await old.verify({ serverUrl: old.serverUrl, clientToken: old.client })).toEqual({
    appToken: old.app,
  });
  expect(old.emulator.store.applications()).toHaveLength(2);

  const { emulator, serverUrl, client, verify } = await stage("v3");
  // Gotify 3 does not show the token of the one that is there.
  const made = await verify({ serverUrl, clientToken: client });
  expect(made.appToken).toMatch(/^\S+$/);
  const names = emulator.store.applications().map(({ name }) => name);
  expect(names).toEqual(["OpenClaw", "Phone", "OpenClaw 2"]);
});

test("a token that cannot be read here is no missing one: nothing is made, and nothing is written over it", async () => {
  const { emulator, serverUrl, client, verify } = await stage("v2");
  const cfg = {
    channels: { gotify: { serverUrl, appTokenFile: "/nowhere/token", clientToken: client } },
  };
  await expect(verify({ chatApp: "2" }, cfg)).rejects.toThrow(/appTokenFile.*--unverified/);
  expect(emulator.store.applications()).toHaveLength(2);
});

test("what does not is said in one line, without a token", async () => {
  const { serverUrl, app, client, bobs, verify } = await stage("v2");
  const cases: readonly (readonly [RegExp, GivenInput])[] = [
    [/--server-url https:/, { appToken: app }],
    [/Give a token: --client-token.*channels login/, { serverUrl }],
    [/Nothing was written.*--unverified/, { serverUrl: "http://127.0.0.1:9", appToken: app }],
    [/token of a client.*Apps page/, { serverUrl, appToken: client }],
    [/token of an application.*Clients page/, { serverUrl, clientToken: app }],
    [/does not accept the app token/, { serverUrl, appToken: "Anobody" }],
    [/another user than the client token \(bob\)/, { serverUrl, appToken: app, clientToken: bobs }],
    [
      /--chat-app 77.*There is 1 \(OpenClaw\), 2 \(Phone\)\./,
      { serverUrl, appToken: app, clientToken: client, chatApp: "77" },
    ],
  ];
  for (const [message, input] of cases) {
    const error: unknown = await verify(input).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: textLike(message) });
    for (const token of [app, client, bobs]) expect(String(error)).not.toContain(token);
    expect(String(error)).not.toContain("\n");
  }
});

test("tokens of another server are not taken along to a new one", async () => {
  const { serverUrl, app, client, verify } = await stage("v2");
  const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
  await expect(verify({ serverUrl: "http://127.0.0.1:9" }, cfg)).rejects.toThrow(/Give a token/);
});
