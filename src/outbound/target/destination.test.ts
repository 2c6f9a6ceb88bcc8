import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { GotifyConfigError, GotifyHttpError } from "../../gotify/errors.ts";
import { otherDestination, resolveDestination, type DestinationRequest } from "./destination.ts";
import { createOwnApplications } from "./own-application.ts";

type Personality = "v2" | "v3";
const BOTH: readonly Personality[] = ["v2", "v3"];

async function setup(personality: Personality, changes: object = {}) {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("Bot");
  const phone = emulator.createApplication("Ada's phone");
  const client = emulator.createClient("OpenClaw");
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: emulator.url,
        appToken: bot.token,
        clientToken: client.token,
        ...changes,
      },
    },
  };
  const folder = mkdtempSync(join(tmpdir(), "gotify-destination-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ownApplications = createOwnApplications(() => folder);
  const resolve = async (to: string, more: Partial<DestinationRequest> = {}) =>
    resolveDestination({ cfg, to, ownApplications, ...more });
  /** Where a post really lands. */
  const post = async (to: string, more: Partial<DestinationRequest> = {}) => {
    const destination = await resolve(to, more);
    const { client: poster, appId } = destination;
    const draft = { message: "hello", ...(appId === undefined ? {} : { appId }) };
    return { destination, stored: (await poster.sendMessage(draft)).appId };
  };
  return { emulator, bot, phone, client, resolve, post };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

test.each(BOTH)("%s: by default every conversation is answered in the account's own", async (v) => {
  const { bot, post } = await setup(v);
  for (const to of ["gotify:2", "gotify:peer:ops"]) {
    const { destination, stored } = await post(to, { answers: { messageId: 7, appId: 2 } });
    expect(stored).toBe(bot.id);
    expect(destination.appId).toBeUndefined();
    expect(destination.fallback).toBeUndefined();
  }
});

test.each(BOTH)("%s: with origin it is the application of the conversation", async (v) => {
  const { bot, phone, post } = await setup(v, { replyTo: "origin" });
  expect((await post("gotify:2")).stored).toBe(phone.id);
  // The conversation decides, also where the agent writes into another one than it was asked in.
  expect((await post("app:ada's phone", { answers: { appId: bot.id } })).stored).toBe(phone.id);
  // One that its sender has named has the application of whoever is answered, and none without.
  const { destination, stored } = await post("peer:ops", { answers: { appId: phone.id } });
  expect(stored).toBe(phone.id);
  expect(destination).toMatchObject({ peerId: "ops", appId: phone.id });
  expect((await post("peer:ops")).stored).toBe(bot.id);
  expect((await post("peer:2")).stored).toBe(phone.id);
});

test.each(BOTH)("%s: an answer finds its way when its application is gone", async (v) => {
  const { emulator, bot, phone, resolve, post } = await setup(v, { replyTo: "origin" });
  const answers = { messageId: 7, appId: phone.id };
  const planned = await resolve("gotify:2", { answers });
  const proactive = await resolve("gotify:2");
  emulator.deleteApplication(phone.id);
  const refusal = await failure(planned.client.sendMessage({ message: "hello", appId: phone.id }));
  expect(refusal).toBeInstanceOf(GotifyHttpError);
  // As it is, and as the cause of what is thrown on.
  for (const error of [refusal, new Error("not posted", { cause: refusal })]) {
    const other = otherDestination(planned, error);
    expect(other?.appId).toBeUndefined();
    expect(other?.notice).toMatch(/application 2/);
    expect((await other?.client.sendMessage({ message: "hello" }))?.appId).toBe(bot.id);
    // What nobody asked for is refused, and that is the end of it.
    expect(otherDestination(proactive, error)).toBeUndefined();
  }
  const { destination, stored } = await post("gotify:2", { answers });
  expect(stored).toBe(bot.id);
  expect(destination.notice).toMatch(/application 2, .*It was deleted\. The answer is posted to/);
  const refused = await failure(post("gotify:2"));
  expect(refused).toBeInstanceOf(GotifyConfigError);
  expect(String(refused)).toMatch(/no application 2 .*app:1 \(Bot\)/);
});

test("another refusal stands", async () => {
  const { emulator, phone, resolve } = await setup("v3", { replyTo: "origin" });
  const planned = await resolve("gotify:2", { answers: { appId: phone.id } });
  emulator.faults.badGateway = true;
  const outage = await failure(planned.client.sendMessage({ message: "hello", appId: phone.id }));
  expect(otherDestination(planned, outage)).toBeUndefined();
  const tooLong = new GotifyHttpError("refused", { code: "GOTIFY_REFUSED", status: 400 });
  expect(otherDestination(planned, tooLong)).toBeUndefined();
  expect(otherDestination({ ...planned, appId: undefined }, outage)).toBeUndefined();
});

test.each(BOTH)("%s: without a client token that works, the account's own does", async (v) => {
  const without = await setup(v, { replyTo: "origin", clientToken: undefined });
  const one = await without.post("gotify:2");
  expect(one.stored).toBe(without.bot.id);
  expect(one.destination.notice).toMatch(/replyTo "origin", but no client token/);

  const revoked = await setup(v, { replyTo: "origin" });
  revoked.emulator.deleteClient(revoked.client.id);
  const two = await revoked.post("gotify:2");
  expect(two.stored).toBe(revoked.bot.id);
  expect(two.destination.notice).toMatch(/does not accept the client token/);
});

test("a server that does not answer is no reason to post elsewhere", async () => {
  const { emulator, resolve } = await setup("v2", { replyTo: "origin" });
  await emulator.goDown();
  await expect(resolve("gotify:2")).rejects.toMatchObject({ name: "GotifyNetworkError" });
});

test("an account that cannot work says so", async () => {
  const { resolve } = await setup("v3", { appToken: undefined });
  const refused = await failure(resolve("gotify:2"));
  expect(refused).toBeInstanceOf(GotifyConfigError);
  expect(String(refused)).toMatch(/channels\.gotify\.appToken/);
});
