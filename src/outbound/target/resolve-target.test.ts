import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { resolveAccount } from "../../config/accounts.ts";
import { createOwnApplications } from "./own-application.ts";
import {
  checkTarget,
  resolveConversation,
  settledTarget,
  type TargetRequest,
} from "./resolve-target.ts";

type Personality = "v2" | "v3";

/** Two accounts with a server each; the applications are 1 bot, 2 Ada's Phone, 3 Backup, 4 backup. */
async function setup(changes: { home?: object; cabin?: object; personality?: Personality } = {}) {
  const { personality = "v3" } = changes;
  const [home, cabin] = await Promise.all([
    startEmulator({ personality }),
    startEmulator({ personality }),
  ]);
  onTestFinished(async () => {
    await Promise.all([home.stop(), cabin.stop()]);
  });
  const accountOn = (emulator: typeof home, more: object = {}) => {
    const bot = emulator.createApplication("Bot");
    for (const name of ["Ada's Phone", "Backup", "backup"]) emulator.createApplication(name);
    const client = emulator.createClient("OpenClaw");
    return { serverUrl: emulator.url, appToken: bot.token, clientToken: client.token, ...more };
  };
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        defaultAccount: "home",
        accounts: {
          home: accountOn(home, changes.home),
          cabin: accountOn(cabin, changes.cabin),
        },
      },
    },
  };
  const folder = mkdtempSync(join(tmpdir(), "gotify-targets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ownApplications = createOwnApplications(() => folder);
  const request = (to: string, accountId?: string): TargetRequest => ({
    cfg,
    to,
    accountId,
    ownApplications,
  });
  const resolve = async (to: string, accountId?: string) => {
    const found = await resolveConversation(request(to, accountId));
    return { account: found.account.accountId, peerId: found.peerId, to: found.to };
  };
  const check = async (to: string, accountId?: string) => checkTarget(request(to, accountId));
  const settled = (to: string, accountId?: string) => settledTarget(request(to, accountId));
  return { home, cabin, cfg, resolve, check, settled, ownApplications };
}

test.each([
  ["5", "5"],
  ["gotify:5", "5"],
  ["app:5", "5"],
  ["gotify:app:5", "5"],
  ["user:5", "5"],
  ["app:ADA'S phone", "2"],
  ["gotify:app:Ada's Phone", "2"],
  ["peer:ops", "ops"],
  ["gotify:peer:ops", "ops"],
])("%s is the conversation %s of the account that the host passes", async (to, peerId) => {
  const { resolve } = await setup();
  for (const account of ["home", "cabin"]) {
    expect(await resolve(to, account)).toMatchObject({ account, peerId });
  }
  // Without one it is the default account's.
  expect(await resolve(to)).toMatchObject({ account: "home", peerId });
});

test("the person behind an account is the application that may give commands", async () => {
  const { resolve, settled } = await setup({
    home: { commandsFrom: ["accessGroup:family", "app:3", "2"] },
    cabin: { commandsFrom: ["cabin/4"] },
  });
  for (const to of ["account:home", "gotify:account:Home", "gotify:home"]) {
    expect(await resolve(to)).toEqual({ account: "home", peerId: "3", to: "3" });
    expect(settled(to)).toBe("3");
  }
  // The host has another account in mind, so the target goes on naming its own.
  const named = { account: "cabin", peerId: "4", to: "cabin/4" };
  expect(await resolve("account:cabin")).toEqual(named);
  expect(await resolve("account:cabin", "home")).toEqual(named);
  expect(await resolve("cabin/4", "home")).toEqual(named);
  expect(await resolve("account:cabin", "cabin")).toEqual({ ...named, to: "4" });
  expect(settled("account:cabin", "home")).toBe("cabin/4");
});

test("without one it is the account's own application, which Gotify 2 tells", async () => {
  const { resolve, settled } = await setup({ personality: "v2" });
  expect(settled("gotify:cabin")).toBe("account:cabin");
  expect(await resolve("gotify:cabin")).toEqual({ account: "cabin", peerId: "1", to: "cabin/1" });
  expect(settled("gotify:cabin")).toBe("cabin/1");
});

test("Gotify 3 tells it with the first post alone, and until then the error says what to do", async () => {
  const { cfg, resolve, ownApplications } = await setup();
  await expect(resolve("account:home")).rejects.toThrow(
    /Gotify 3 .* before the first post.*commandsFrom.*app:1 \(Bot\)/,
  );
  ownApplications.learn(resolveAccount(cfg, "home"), 1);
  expect(await resolve("account:home")).toMatchObject({ peerId: "1" });
});

test("a conversation that a sender named like an account stays a conversation", async () => {
  const { resolve } = await setup({ cabin: { commandsFrom: ["4"] } });
  for (const to of ["gotify:peer:cabin", "peer:cabin", "user:cabin"]) {
    expect(await resolve(to)).toEqual({ account: "home", peerId: "cabin", to: "peer:cabin" });
  }
  await expect(resolve("cabin")).rejects.toThrow(/"cabin" names no .*account:cabin.*peer:<name>/);
});

test.each([
  ["account:attic", /no Gotify account "attic".*There are: cabin, home/],
  ["gotify:attic", /no Gotify account "attic"/],
  ["attic/5", /no Gotify account "attic"/],
  ["app:Doorbell", /no application "Doorbell".*app:1 \(Bot\), app:2 \(Ada's Phone\)/],
  ["app:BACKUP", /Several .* "BACKUP".*app:3, app:4/],
  ["telegram:5", /"telegram:5" names no Gotify conversation\..*app:<id>/],
])("%s is nothing, and the error says what there is", async (to, text) => {
  const { resolve } = await setup();
  await expect(resolve(to)).rejects.toThrow(text);
  await expect(resolve(to)).rejects.toMatchObject({ code: "GOTIFY_CONFIG" });
});

test("a long list is cut, and a name cannot break the line", async () => {
  const { home, resolve } = await setup();
  home.createApplication(`Two\nlines ${"x".repeat(100)}`);
  for (let count = 0; count < 8; count += 1) home.createApplication(`Sensor ${count}`);
  const message = await resolve("app:Doorbell").catch(String);
  expect(message).toMatch(/app:5 \(Two lines x+…\), .*Sensor 4\), and 3 more\.$/);
  expect(message).not.toContain("\n");
});

test("an application that was made a moment ago is found", async () => {
  const { home, resolve } = await setup();
  await resolve("app:Ada's Phone");
  home.createApplication("Doorbell");
  await expect
    .poll(() => resolve("app:doorbell").catch(() => undefined), { timeout: 5_000 })
    .toMatchObject({ peerId: "5" });
});

test("without a client token a name cannot be looked up, and an id needs no looking up", async () => {
  const { resolve, check } = await setup({ home: { clientToken: undefined } });
  await expect(resolve("app:Backup")).rejects.toThrow(/no client token.*by its id, e\.g\. app:5/);
  expect(await resolve("app:99")).toMatchObject({ peerId: "99" });
  expect(await check("app:99")).toMatchObject({ to: "99" });
});

test("what somebody names is checked against what the server has", async () => {
  const { check } = await setup();
  expect(await check("gotify:2")).toMatchObject({ to: "2", name: "Ada's Phone" });
  expect(await check("cabin/2")).toMatchObject({ to: "cabin/2", name: "Ada's Phone" });
  expect(await check("app:ada's phone", "cabin")).toMatchObject({ to: "2", name: "Ada's Phone" });
  expect(await check("peer:ops")).toMatchObject({ to: "peer:ops" });
  await expect(check("app:99")).rejects.toThrow(/no application 99 .*app:2 \(Ada's Phone\)/);
});

test("a server that does not answer makes no target unknown", async () => {
  const { home, resolve, check } = await setup();
  home.faults.databaseDown = true;
  await expect(resolve("app:Backup")).rejects.toMatchObject({ code: "GOTIFY_SERVER_ERROR" });
  expect(await check("app:Backup")).toMatchObject({ to: "app:backup" });
  await home.goDown();
  await expect(resolve("app:Backup")).rejects.toMatchObject({ name: "GotifyNetworkError" });
  expect(await check("app:99")).toMatchObject({ to: "99" });
});

test("a client token that is not accepted stops the look-up of a name, and no post to an id", async () => {
  const { check } = await setup({ home: { clientToken: "Cwrong" } });
  await expect(check("app:Backup")).rejects.toMatchObject({ status: 401 });
  expect(await check("app:99")).toMatchObject({ to: "99" });
});
