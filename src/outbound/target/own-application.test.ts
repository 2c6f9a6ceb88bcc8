import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { resolveAccount } from "../../config/accounts.ts";
import { createOwnApplications } from "./own-application.ts";

async function setup(personality: "v2" | "v3" = "v3") {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  emulator.createApplication("Ada's phone");
  const { id, token } = emulator.createApplication("Bot");
  const client = emulator.createClient("OpenClaw");
  const accountWith = (changes: object = {}) => {
    const gotify = { serverUrl: emulator.url, appToken: token, clientToken: client.token };
    return resolveAccount({ channels: { gotify: { ...gotify, ...changes } } });
  };
  const folder = mkdtempSync(join(tmpdir(), "gotify-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "own-applications.json");
  return { emulator, id, token, account: accountWith(), accountWith, folder, file };
}

test("Gotify 2 tells whose token it is; then nobody is asked again", async () => {
  const { emulator, id, account, folder } = await setup("v2");
  const own = createOwnApplications(() => folder);
  expect(own.known(account)).toBeUndefined();
  expect(await own.find(account)).toBe(id);
  await emulator.goDown();
  expect(await own.find(account)).toBe(id);
});

test("Gotify 3 does not tell, and what a post has told is known to other processes too", async () => {
  const { id, token, account, accountWith, folder, file } = await setup();
  const gateway = createOwnApplications(() => folder);
  const commandLine = createOwnApplications(() => folder);
  expect(await gateway.find(account)).toBeUndefined();
  expect(commandLine.known(account)).toBeUndefined();
  gateway.learn(account, id);
  expect(commandLine.known(account)).toBe(id);
  // Another token, another server: another application.
  expect(commandLine.known(accountWith({ appToken: "Aother" }))).toBeUndefined();
  expect(commandLine.known(accountWith({ serverUrl: "http://127.0.0.1:9" }))).toBeUndefined();
  expect(readFileSync(file, "utf8")).not.toContain(token);
  expect(readdirSync(folder)).toEqual(["own-applications.json"]);
});

test("a server that does not answer is an error, and an account that cannot ask knows nothing", async () => {
  const { emulator, account, accountWith, folder } = await setup("v2");
  await emulator.goDown();
  const own = createOwnApplications(() => folder);
  await expect(own.find(account)).rejects.toMatchObject({ code: "GOTIFY_UNREACHABLE" });
  expect(await own.find(accountWith({ clientToken: undefined }))).toBeUndefined();
});

test("what another process has learned is not overwritten, and the newest counts", async () => {
  const { id, account, accountWith, folder } = await setup();
  const one = createOwnApplications(() => folder);
  const other = createOwnApplications(() => folder);
  const second = accountWith({ appToken: "Asecond" });
  one.learn(account, 77);
  other.learn(second, 78);
  one.learn(account, id);
  const third = createOwnApplications(() => folder);
  expect([third.known(account), third.known(second)]).toEqual([id, 78]);
});

test.each(["", "{", "[]", '{"x":"1"}', '"x"'])("a damaged file %j is no obstacle", async (text) => {
  const { id, account, folder, file } = await setup();
  writeFileSync(file, text);
  const own = createOwnApplications(() => folder);
  expect(own.known(account)).toBeUndefined();
  own.learn(account, id);
  expect(createOwnApplications(() => folder).known(account)).toBe(id);
});

test("a disk that takes nothing fails no post", async () => {
  const { id, account, folder } = await setup();
  const own = createOwnApplications(() => join(folder, "missing"));
  own.learn(account, id);
  expect(own.known(account)).toBe(id);
});
