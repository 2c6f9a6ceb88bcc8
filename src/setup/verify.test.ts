import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { redactSensitiveText } from "openclaw/plugin-sdk/logging-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { GotifyClient } from "../gotify/client.ts";
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

const NOTHING_MADE = { notes: [] };

test.each<Personality>(["v2", "v3"])(
  "what works on Gotify %s passes, and nothing is made",
  async (personality) => {
    const { emulator, serverUrl, app, client, phone, verify } = await stage(personality);
    expect(await verify({ serverUrl, appToken: app })).toEqual(NOTHING_MADE);
    const both = { serverUrl, appToken: app, clientToken: client, chatApp: String(phone.id) };
    expect(await verify(both)).toEqual(NOTHING_MADE);
    const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
    expect(await verify({ chatApp: String(phone.id) }, cfg)).toEqual(NOTHING_MADE);
    expect(emulator.store.applications()).toHaveLength(2);
  },
);

test("a client token alone gets the application for the answers", async () => {
  const old = await stage("v2");
  expect(await old.verify({ serverUrl: old.serverUrl, clientToken: old.client })).toEqual({
    appToken: old.app,
    notes: [],
  });
  expect(old.emulator.store.applications()).toHaveLength(2);

  const { emulator, serverUrl, client, verify } = await stage("v3");
  // Gotify 3 does not show the token of the one that is there.
  const made = await verify({ serverUrl, clientToken: client });
  expect(made.appToken).toMatch(/^\S+$/);
  expect(made.notes).toEqual([textLike(/Created the application "OpenClaw 2"/)]);
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
    [/No token is given\. Add --client-token [^:]*channels login/, { serverUrl }],
    [/GOTIFY_SERVER_URL and GOTIFY_APP_TOKEN are not set/, { useEnv: true }],
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
    // The host prints it without what it takes for a secret.
    expect(redactSensitiveText(String(error))).toBe(String(error));
  }
});

test("tokens of another server are not taken along to a new one", async () => {
  const { serverUrl, app, client, verify } = await stage("v2");
  const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
  await expect(verify({ serverUrl: "http://127.0.0.1:9" }, cfg)).rejects.toThrow(
    /No token is given/,
  );
});

test("an account that could not work beside another is not written", async () => {
  const { emulator, serverUrl, app, client } = await stage("v3");
  const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
  const same = { clientToken: client, appToken: app };
  await expect(verifyInput(cfg, "ops", same)).rejects.toThrow(/both would answer.*Nothing was/);
  expect(emulator.store.applications()).toHaveLength(2);
});

test("an account with a client of its own gets an application of its own, and not the root's, which may be another user's", async () => {
  const { emulator, serverUrl, app, client, bobs } = await stage("v3");
  const cfg = { channels: { gotify: { serverUrl, appToken: app, clientToken: client } } };
  const { appToken } = await verifyInput(cfg, "bob", { serverUrl, clientToken: bobs });
  expect(emulator.store.applications()).toHaveLength(3);
  // Bob's own: what he posts with it, he sees.
  const bob = new GotifyClient({ serverUrl, appToken, clientToken: bobs });
  const { id } = await bob.sendMessage({ message: "hello" });
  expect((await bob.listMessages()).messages.map((message) => message.id)).toEqual([id]);
});
