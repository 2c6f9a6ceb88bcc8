import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { freePort } from "../../test/support/loopback.ts";
import { scriptedPrompter, type Script } from "../../test/support/scripted-prompter.ts";
import { resolveAccount } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { installId } from "../config/install-id.ts";
import { GotifyClient } from "../gotify/client.ts";
import { readStamp } from "../gotify/delivery-stamp.ts";
import { asObject } from "../gotify/parse.ts";
import { madeClients, type MadeClients } from "./made-clients.ts";
import { setUp } from "./set-up.ts";
import { writeOutcome } from "./written.ts";

const PASSWORD = "only-once-31415";

async function server(personality: Personality = "v3"): Promise<Emulator> {
  const emulator = await startEmulator({ personality, user: "ada", password: PASSWORD });
  onTestFinished(() => emulator.stop());
  return emulator;
}

const login = (emulator: Emulator, ...more: Script): Script => [
  ...more,
  [/Address/, emulator.url],
  [/How does OpenClaw get in/, "login"],
  [/user name/, "ada"],
  [/Password/, PASSWORD],
  [/posts the agents' answers/, true],
  [/Name of the new application/, true],
  [/do you write with/, "A new one"],
  [/Show its token/, false],
  [/conversation of its own/, true],
  [/test push/, false],
];

/** What this installation knows of the clients it has made. */
function noted(): MadeClients {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-made-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return madeClients(() => folder);
}

async function run(
  script: Script,
  cfg: OpenClawConfig = {},
  stopAt?: number,
  env: Record<string, string> = {},
  clients: MadeClients = noted(),
) {
  const { prompter, said } = scriptedPrompter(script, stopAt);
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-state-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const { outcome } = await setUp({
    cfg,
    accountId: "default",
    prompter,
    env,
    clients,
    stateDir: () => stateDir,
  });
  const written = writeOutcome(cfg, "default", outcome);
  const section = asObject(written.channels?.["gotify"]) ?? {};
  return { outcome, written, section, said, stateDir };
}

const names = (emulator: Emulator) => ({
  applications: emulator.store.applications().map(({ name }) => name),
  clients: emulator.store.clients().map(({ name }) => name),
});

describe.each<Personality>(["v2", "v3"])("a login on Gotify %s", (personality) => {
  test("makes a client and an application with an icon, lets the person in, and forgets the password", async () => {
    const emulator = await server(personality);
    const { section, written, said, stateDir } = await run(login(emulator, [/test push/, true]));
    expect(names(emulator)).toEqual({ applications: ["OpenClaw", "Me"], clients: ["OpenClaw"] });
    expect(section).toMatchObject({
      serverUrl: emulator.url,
      allowFrom: ["2"],
      commandsFrom: ["2"],
    });
    expect(JSON.stringify([written, said])).not.toContain(PASSWORD);
    const account = resolveAccount(written);
    expect(account).toMatchObject({ configured: true, problem: undefined });
    const client = accountClient(account);
    expect(await client.probeAppToken()).toEqual({ status: "valid" });
    const [own] = await client.listApplications();
    expect(own).toMatchObject({ name: "OpenClaw", defaultPriority: 5 });
    expect(own?.imageUrl).toMatch(/\/image\/.+\.png$/);
    const { messages } = await client.listMessages({ limit: 10 });
    expect(messages).toMatchObject([{ appId: own?.id, title: "OpenClaw" }]);
    // For a Gateway of this installation it is its own.
    expect(messages.map(({ extras }) => readStamp(extras)?.by)).toEqual([installId(stateDir)]);
    // Nothing of it is shown that nobody asked to see.
    for (const token of [account.appToken, account.clientToken]) {
      expect(said.join("\n")).not.toContain(token);
    }
  });

  test("uses an application of that name, and makes no second one", async () => {
    const emulator = await server(personality);
    emulator.createApplication("OpenClaw");
    const phone = emulator.createApplication("Phone");
    const { section, written } = await run(login(emulator, [/do you write with/, "Phone"]));
    expect(names(emulator).applications).toEqual(["OpenClaw", "Phone"]);
    expect(section["allowFrom"]).toEqual([String(phone.id)]);
    expect(written.session?.dmScope).toBe("per-account-channel-peer");
    const client = accountClient(resolveAccount(written));
    expect(await client.sendMessage({ message: "hello" })).toMatchObject({ appId: 1 });
  });

  test("keeps the application that the account posts with, wherever its token is written", async () => {
    const emulator = await server(personality);
    const first = await run(login(emulator));
    const { appToken } = resolveAccount(first.written);
    const tokenFile = join(mkdtempSync(join(tmpdir(), "openclaw-gotify-kept-")), "token");
    onTestFinished(() => rmSync(dirname(tokenFile), { recursive: true, force: true }));
    writeFileSync(tokenFile, appToken ?? "", { mode: 0o600 });
    const { appToken: _written, ...section } = first.section;
    const cfg = { channels: { gotify: { ...section, appTokenFile: tokenFile } } };
    const { outcome, ...again } = await run(login(emulator, [/do you write with/, "Me"]), cfg);
    expect(outcome).toMatchObject({ appToken: undefined, keepsAppToken: true });
    expect(again.section).toMatchObject({ appTokenFile: tokenFile });
    expect(again.section).not.toHaveProperty("appToken");
    const account = resolveAccount(again.written);
    expect(account.clientToken).not.toBe(resolveAccount(first.written).clientToken);
    expect(await accountClient(account).sendMessage({ message: "hello" })).toMatchObject({
      appId: 1,
    });
    expect(names(emulator).applications).toEqual(["OpenClaw", "Me"]);
  });

  test("keeps no application of another user's, and none whose token does not work", async () => {
    const emulator = await server(personality);
    emulator.createUser("eve", PASSWORD);
    const first = await run(login(emulator));
    const cfg = first.written;
    const asEve: Script = [[/user name/, "eve"], ...login(emulator)];
    expect((await run(asEve, cfg)).outcome).toMatchObject({ keepsAppToken: false });
    const { section } = first;
    const stale = { channels: { gotify: { ...section, appToken: "Awrong-and-long" } } };
    // On what is suggested, whatever that is.
    const suggested = login(emulator, [/do you write with/, "Me"]);
    expect((await run(suggested, stale)).outcome).toMatchObject({ keepsAppToken: false });
  });

  test("refuses the name of an application that is there, and asks for another", async () => {
    const emulator = await server(personality);
    emulator.createApplication("OpenClaw");
    const { said } = await run(
      login(
        emulator,
        [/posts the agents' answers/, "A new one"],
        [/Name of the new application/, "OpenClaw", "Answers", "Me"],
      ),
    );
    expect(said).toContainEqual(expect.stringContaining('There is an application "OpenClaw"'));
    expect(names(emulator).applications).toEqual(["OpenClaw", "Answers", "Me"]);
  });

  test("leaves nothing behind when somebody stops it, at whichever question", async () => {
    const emulator = await server(personality);
    emulator.createApplication("Backup");
    const before = names(emulator);
    const { said } = await run(login(emulator));
    const questions = said.filter((text) => /\?|Address|user name|Password|Name of/.test(text));
    expect(questions.length).toBeGreaterThan(8);
    const fresh = await server(personality);
    fresh.createApplication("Backup");
    for (let stopAt = 0; stopAt < questions.length; stopAt += 1) {
      await expect(run(login(fresh), {}, stopAt), `question ${stopAt}`).rejects.toThrow(
        "cancelled",
      );
      expect(names(fresh)).toEqual(before);
    }
  });
});

test.each<Personality>(["v2", "v3"])(
  "a set-up on Gotify %s takes up what one has left whose answers were never written",
  async (personality) => {
    const emulator = await server(personality);
    const clients = noted();
    await run(login(emulator), {}, undefined, {}, clients);
    const ended = spawnSync(process.execPath, ["--version"]).pid;
    for (const one of clients.all()) clients.note({ ...one, pid: ended });
    const script = login(emulator, [/do you write with/, true]);
    const { section, said } = await run(script, {}, undefined, {}, clients);
    expect(names(emulator)).toEqual({ applications: ["OpenClaw", "Me"], clients: ["OpenClaw"] });
    expect(emulator.store.clients().map(({ id }) => id)).toEqual([2]);
    expect(said).toContainEqual(expect.stringContaining('Deleted the client "OpenClaw" (1)'));
    expect(section["allowFrom"]).toEqual(["2"]);
    expect(
      await accountClient(resolveAccount({ channels: { gotify: section } })).currentUser(),
    ).toMatchObject({ name: "ada" });
  },
);

test("whoever stops at the question about an earlier set-up's client leaves nothing behind", async () => {
  const emulator = await server();
  const clients = noted();
  await run(login(emulator), {}, undefined, {}, clients);
  for (const one of clients.all()) clients.note({ ...one, state: "replaced" });
  const before = emulator.store.clients();
  // Nobody answers that question here, which ends the set-up like a Ctrl-C.
  const script = login(emulator, [/do you write with/, true]);
  await expect(run(script, {}, undefined, {}, clients)).rejects.toThrow(/: Delete the client/);
  expect(emulator.store.clients()).toEqual(before);
  expect(names(emulator).applications).toEqual(["OpenClaw", "Me"]);
});

test("a wrong password is said, with the way by hand for servers that have none, and asked again", async () => {
  const emulator = await server();
  const { said } = await run(login(emulator, [/Password/, "wrong", PASSWORD]));
  expect(said).toContainEqual(
    expect.stringMatching(/does not accept this user name and password[^]*OIDC[^]*Clients page/),
  );
  expect(names(emulator).clients).toEqual(["OpenClaw"]);
});

test("an address where no Gotify answers is said, and asked again", async () => {
  const emulator = await server();
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const { said, section } = await run(
    login(emulator, [/Address/, "not an address", nobody, emulator.url]),
  );
  expect(said).toContainEqual(
    expect.stringMatching(/127\.0\.0\.1:\d+ refused|not reachable|ECONNREFUSED/i),
  );
  expect(section["serverUrl"]).toBe(emulator.url);
});

test("the token to write with is shown where somebody says so", async () => {
  const emulator = await server();
  const { said } = await run(login(emulator, [/Show its token/, true]));
  expect(said.at(-1)).toMatch(/^\S{10,}\n\n.*curl/s);
  const silent = await run(login(await server()));
  expect(silent.said.join("\n")).not.toContain("curl");
});

test("what was made goes again when the next thing cannot be made", async () => {
  const emulator = await server();
  const script = login(emulator, [/Try again/, false]);
  emulator.faults.refuseNextApplications(1);
  await expect(run(script)).rejects.toThrow(/500/);
  expect(names(emulator)).toEqual({ applications: [], clients: [] });
});

test("an application's token is replaced last, when everything else has been made", async () => {
  const emulator = await server("v3");
  const old = emulator.createApplication("OpenClaw").token;
  emulator.faults.refuseNextApplications(1);
  await expect(run(login(emulator, [/Try again/, false]))).rejects.toThrow(/500/);
  const client = new GotifyClient({ serverUrl: emulator.url, appToken: old });
  expect(await client.probeAppToken()).toEqual({ status: "valid" });
  expect(names(emulator)).toEqual({ applications: ["OpenClaw"], clients: [] });
});

test("what proves who we are is told to the account's own server only", async () => {
  const emulator = await server();
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: "https://push.example.com",
        connection: { headers: { "cf-access": "told-to-one-only" } },
      },
    },
  };
  const { section } = await run(login(emulator), cfg);
  const seen = JSON.stringify(emulator.store.requests());
  expect(seen).toContain("authorization");
  expect(seen).not.toContain("told-to-one-only");
  expect(section["connection"]).toEqual({});
});

test("tokens of the environment are not offered to another server than theirs", async () => {
  const emulator = await server();
  const env = { GOTIFY_SERVER_URL: "https://push.example.com", GOTIFY_APP_TOKEN: "A-of-another" };
  await run(login(emulator), {}, undefined, env);
  expect(JSON.stringify(emulator.store.requests())).not.toContain("A-of-another");
  const asked = run(
    login(emulator, [/How does OpenClaw get in/, "environment"]),
    {},
    undefined,
    env,
  );
  await expect(asked).rejects.toThrow(/no environment in Log in/);
});

describe("tokens by hand", () => {
  const byHand = (emulator: Emulator, ...more: Script): Script => [
    ...more,
    [/Address/, emulator.url],
    [/How does OpenClaw get in/, "tokens"],
    [/posts the agents' answers\?/, true],
    [/Name of the new application/, true],
    [/do you write with/, "Decide later"],
    [/conversation of its own/, false],
    [/test push/, false],
  ];

  test.each<Personality>(["v2", "v3"])(
    "a client's alone is enough on Gotify %s",
    async (personality) => {
      const emulator = await server(personality);
      const { token } = emulator.createClient("by hand");
      const { section } = await run(
        byHand(emulator, [/Token of a client/, token], [/Token of the application/, ""]),
      );
      expect(names(emulator)).toEqual({ applications: ["OpenClaw"], clients: ["by hand"] });
      expect(section).toMatchObject({ clientToken: token, appToken: textLike(/^\S+$/) });
      expect(section).not.toHaveProperty("allowFrom");
    },
  );

  test("an application's alone sends, and nobody is let in", async () => {
    const emulator = await server();
    const { token } = emulator.createApplication("OpenClaw");
    const { section } = await run(
      byHand(emulator, [/Token of a client/, ""], [/Token of the application/, token]),
    );
    expect(section).toEqual({ enabled: true, serverUrl: emulator.url, appToken: token });
  });

  test("what is wrong with them is said, and they are asked for again", async () => {
    const emulator = await server("v2");
    const other = emulator.createUser("bob");
    const app = emulator.createApplication("OpenClaw").token;
    const client = emulator.createClient("mine").token;
    const strangers = emulator.createClient("his", { userId: other.id }).token;
    const { section, said } = await run(
      byHand(
        emulator,
        [/Token of a client/, app, "C-nobody", strangers, client],
        [/Token of the application/, app],
      ),
    );
    expect(section).toMatchObject({ appToken: app, clientToken: client });
    const notes = said.join("\n");
    expect(notes).toMatch(/knows this as the token of an application/);
    expect(notes).toMatch(/does not accept the client token/);
    expect(notes).toMatch(/belongs to another user than the client token \(bob\)/);
  });
});

test("tokens of the environment are used, and stay there", async () => {
  const emulator = await server();
  const env = {
    GOTIFY_SERVER_URL: emulator.url,
    GOTIFY_APP_TOKEN: emulator.createApplication("OpenClaw").token,
    GOTIFY_CLIENT_TOKEN: emulator.createClient("OpenClaw").token,
  };
  const script = login(emulator, [/Address/, true], [/How does OpenClaw get in/, true]);
  const { section } = await run(script, {}, undefined, env);
  expect(section).toEqual({
    enabled: true,
    serverUrl: emulator.url,
    allowFrom: ["2"],
    commandsFrom: ["2"],
  });
});

test("on another server, the ids that were let in mean somebody else, so they go", async () => {
  const emulator = await server();
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: "https://push.example.com",
        appTokenFile: "/run/secrets/app",
        allowFrom: ["7", "accessGroup:family"],
        commandsFrom: ["7"],
      },
    },
  };
  const { section } = await run(login(emulator), cfg);
  expect(section).toMatchObject({ allowFrom: ["accessGroup:family", "2"], commandsFrom: ["2"] });
  expect(section).not.toHaveProperty("appTokenFile");
});
