import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../../test/emulator/index.ts";
import { scriptedPrompter, type Script } from "../../test/support/scripted-prompter.ts";
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { madeClients } from "./made-clients.ts";
import { setUp } from "./set-up.ts";
import { changeAccount, withoutTokens, writeOutcome } from "./written.ts";

const LOGIN = { user: "ada", password: "only-once-31415" };

async function server(personality: Personality): Promise<Emulator> {
  const emulator = await startEmulator({ personality, ...LOGIN });
  onTestFinished(() => emulator.stop());
  return emulator;
}

function environment(values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, values);
  onTestFinished(() => {
    for (const name of Object.keys(values)) delete process.env[name];
  });
}

/** With whatever is suggested, but for what the script says. */
const script = (...more: Script): Script => [
  ...more,
  [/Address/, true],
  [/How does OpenClaw get in/, "login"],
  [/user name/, LOGIN.user],
  [/Password/, LOGIN.password],
  [/posts the agents' answers/, true],
  [/Name of the new application/, true],
  [/do you write with/, "Decide later"],
  [/conversation of its own/, true],
  [/test push/, false],
];

async function guided(cfg: OpenClawConfig, accountId: string, answers: Script) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-inheriting-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { prompter, said } = scriptedPrompter(answers);
  const clients = madeClients(() => folder);
  const { outcome } = await setUp({ cfg, accountId, prompter, env: process.env, clients });
  return {
    outcome,
    said,
    account: resolveAccount(writeOutcome(cfg, accountId, outcome), accountId),
  };
}

test.each<Personality>(["v2", "v3"])(
  "an account on the root's server keeps what it inherits when it is set up, Gotify %s",
  async (personality) => {
    const emulator = await server(personality);
    const app = emulator.createApplication("OpenClaw");
    const rights = { allowFrom: ["7"], commandsFrom: ["7"], approvers: ["7"], defaultTo: "app:7" };
    const cfg = {
      channels: {
        gotify: {
          serverUrl: emulator.url,
          appToken: app.token,
          ...rights,
          connection: { headers: { "x-door": "open" } },
          accounts: { phone: { clientToken: emulator.createClient("phone").token } },
        },
      },
    };
    const { account, outcome } = await guided(cfg, "phone", script());
    expect(outcome.keepsAppToken).toBe(true);
    expect(account).toMatchObject({
      problem: undefined,
      appToken: app.token,
      allowFrom: ["7"],
      commandsFrom: ["7"],
      approvers: ["7"],
    });
    expect(account.connection.headers).toEqual({ "x-door": "open" });
    expect(account.common.defaultTo).toBe("app:7");
  },
);

test("the root's address, given again for an account, makes it no server of its own", () => {
  const serverUrl = "http://127.0.0.1:8080";
  const cfg = {
    channels: { gotify: { serverUrl, appToken: "A1", clientToken: "C1", allowFrom: ["2"] } },
  };
  const changed = changeAccount(
    cfg,
    "phone",
    { serverUrl: `${serverUrl}/`, clientToken: "C2" },
    {},
  );
  expect(resolveAccount(changed, "phone")).toMatchObject({
    serverUrl,
    appToken: "A1",
    clientToken: "C2",
    allowFrom: ["2"],
  });
  const moved = changeAccount(
    cfg,
    "lab",
    { serverUrl: "http://127.0.0.1:8081", appToken: "A2" },
    {},
  );
  expect(resolveAccount(moved, "lab")).toMatchObject({ appToken: "A2", allowFrom: [] });
});

test("tokens of the environment work for the default account below accounts, too", async () => {
  const emulator = await server("v3");
  environment({
    GOTIFY_SERVER_URL: emulator.url,
    GOTIFY_APP_TOKEN: emulator.createApplication("OpenClaw").token,
    GOTIFY_CLIENT_TOKEN: emulator.createClient("OpenClaw").token,
  });
  const cfg = { channels: { gotify: { accounts: { default: { name: "Home" } } } } };
  const answers = script([/How does OpenClaw get in/, "environment"]);
  const { account } = await guided(cfg, "default", answers);
  expect(account).toMatchObject({ name: "Home", problem: undefined, appTokenSource: "env" });
});

test("the account that lives in the environment stays when another is added", () => {
  environment({ GOTIFY_SERVER_URL: "http://127.0.0.1:1", GOTIFY_APP_TOKEN: "Aenv" });
  const second = { serverUrl: "http://127.0.0.1:2", appToken: "A2" };
  const cfg = changeAccount({ channels: { gotify: { allowFrom: ["5"] } } }, "two", second);
  expect(listAccountIds(cfg)).toEqual(["default", "two"]);
  expect(resolveAccount(cfg, "default")).toMatchObject({ appToken: "Aenv", allowFrom: ["5"] });
  // Where nothing lives there, nobody comes to be.
  const written = { channels: { gotify: { serverUrl: "http://127.0.0.1:1", appToken: "A1" } } };
  expect(changeAccount(written, "two", second).channels?.["gotify"]).not.toHaveProperty(
    "accounts.default",
  );
});

test("the tokens that an account has are shown to no other server than its own", async () => {
  const own = await server("v2");
  const other = await server("v2");
  const appToken = own.createApplication("OpenClaw").token;
  const clientToken = own.createClient("OpenClaw").token;
  const cfg = { channels: { gotify: { serverUrl: own.url, appToken, clientToken } } };
  await guided(cfg, "default", script([/Address/, other.url]));
  const seen = JSON.stringify(other.store.requests());
  expect(seen).not.toContain(appToken);
  expect(seen).not.toContain(clientToken);
  expect(seen).toContain("/application");
});

test("an account beside others is offered conversations of its own, because their ids are alike", async () => {
  const emulator = await server("v3");
  const ops = { serverUrl: "http://127.0.0.1:9", appToken: "A9", clientToken: "C9" };
  const cfg = { channels: { gotify: { accounts: { ops } } } };
  const { outcome } = await guided(cfg, "home", script([/Address/, emulator.url]));
  expect(outcome.keepApart).toBe(true);
});

test("a logout does not take the tokens away that others live on", () => {
  const root = { serverUrl: "http://127.0.0.1:1", appToken: "A1", clientToken: "C1" };
  const withHeir = { channels: { gotify: { ...root, accounts: { ops: { clientToken: "C2" } } } } };
  expect(() => withoutTokens(withHeir, "default")).toThrow(/accounts ops use tokens of "default"/);
  const ofItsOwn = { serverUrl: "http://127.0.0.1:2", appToken: "A2" };
  const apart = { channels: { gotify: { ...root, accounts: { ops: ofItsOwn } } } };
  expect(withoutTokens(apart, "default")?.channels?.["gotify"]).toEqual({
    serverUrl: root.serverUrl,
    accounts: { ops: ofItsOwn },
  });
});
