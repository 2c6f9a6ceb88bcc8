import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { resolveNames } from "./resolver-answers.ts";

async function setup() {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("OpenClaw");
  const backups = emulator.createApplication("Backups");
  const slash = emulator.createApplication("garage/7");
  const twins = [emulator.createApplication("Twin"), emulator.createApplication("twin")];
  const account = {
    serverUrl: emulator.url,
    appToken: bot.token,
    clientToken: emulator.createClient("Reader").token,
  };
  const cfg: OpenClawConfig = { channels: { gotify: account } };
  const resolve = async (input: string) => (await resolveNames({ cfg, inputs: [input] }))[0];
  return { emulator, account, backups, slash, twins, cfg, resolve };
}

test("names and ids are resolved, in their order, by one look at the server", async () => {
  const { cfg, backups, slash, emulator } = await setup();
  const inputs = [
    "Backups",
    "app:backups",
    `${backups.id}`,
    `gotify:app:${backups.id}`,
    "garage/7",
  ];
  const before = emulator.store.requests().length;
  const results = await resolveNames({ cfg, inputs });
  expect(emulator.store.requests().length - before).toBe(1);
  const found = { resolved: true, id: `app:${backups.id}`, name: "Backups" };
  expect(results).toEqual([
    ...inputs.slice(0, 4).map((input) => ({ input, ...found })),
    { input: "garage/7", resolved: true, id: `app:${slash.id}`, name: "garage/7" },
  ]);
});

test("an id names its account, whatever account was asked", async () => {
  const { account, backups } = await setup();
  const cabin = { serverUrl: account.serverUrl, appToken: account.appToken };
  const cfg = { channels: { gotify: { accounts: { home: account, cabin } } } };
  const inputs = [`home/${backups.id}`, "home/99"];
  const [known, unknown] = await resolveNames({ cfg, accountId: "cabin", inputs });
  expect(known).toMatchObject({ resolved: true, id: `home/${backups.id}`, name: "Backups" });
  expect(unknown).toMatchObject({ resolved: false });
});

test("what is not there is said so, with what there is", async () => {
  const { resolve, backups } = await setup();
  for (const input of ["Doorbell", "99", "app:99"]) {
    const result = await resolve(input);
    expect(result).toMatchObject({ input, resolved: false });
    expect(result?.note).toContain(`app:${backups.id} (Backups)`);
    expect(result).not.toHaveProperty("id");
  }
});

test("a name that several have is not resolved, and the ids are told", async () => {
  const { resolve, twins } = await setup();
  const result = await resolve("Twin");
  expect(result?.resolved).toBe(false);
  expect(result?.note).toContain(twins.map(({ id }) => `app:${id}`).join(", "));
});

test("a conversation's name is no application's", async () => {
  const { resolve } = await setup();
  expect(await resolve("peer:Backups")).toMatchObject({ resolved: false });
});

test("a server that does not answer resolves nothing, and the note says why", async () => {
  const { resolve, emulator } = await setup();
  await emulator.goDown();
  const result = await resolve("Backups");
  expect(result?.resolved).toBe(false);
  expect(result?.note).toMatch(/^[^\n]*127\.0\.0\.1[^\n]*$/);
});
