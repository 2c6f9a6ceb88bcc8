import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { scriptedPrompter, type Script } from "../../test/support/scripted-prompter.ts";
import { asObject, parseJson, type JsonObject } from "../gotify/parse.ts";
import { logIn } from "./login.ts";
import { madeClients } from "./made-clients.ts";

const ROOT = new URL("../../", import.meta.url);
const LOGIN = { user: "ada", password: "only-once-31415" };

/** The host reads its plugins and writes its file, several times over. */
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** The host takes a channel, and looks for its secrets, only where it finds a plugin: this one, as far as that needs it, unbuilt. */
function pluginFolder(home: string): string {
  const folder = join(home, "plugin");
  mkdirSync(folder);
  const contract = new URL("src/secret-contract-api.ts", ROOT).href;
  const files = {
    "package.json": JSON.stringify({
      name: "openclaw-gotify-unbuilt",
      version: "0.0.0",
      type: "module",
      openclaw: { extensions: ["./index.js"] },
    }),
    "openclaw.plugin.json": readFileSync(new URL("openclaw.plugin.json", ROOT)),
    "index.js": "export default {};",
    "secret-contract-api.js": `export * from ${JSON.stringify(contract)};`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** An installation of its own: the host reads and writes its file, as it does for the command. */
async function installation(personality: Personality = "v3") {
  const emulator = await startEmulator({ personality, ...LOGIN });
  onTestFinished(() => emulator.stop());
  const home = mkdtempSync(join(tmpdir(), "openclaw-gotify-login-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const file = join(home, "openclaw.json");
  vi.stubEnv("OPENCLAW_STATE_DIR", home);
  vi.stubEnv("OPENCLAW_CONFIG_PATH", file);
  const plugin = pluginFolder(home);
  const configOf = (section?: JsonObject): OpenClawConfig => ({
    plugins: { load: { paths: [plugin] } },
    ...(section === undefined ? {} : { channels: { gotify: section } }),
  });
  const script: Script = [
    [/Address/, emulator.url],
    [/How does OpenClaw get in/, "login"],
    [/user name/, LOGIN.user],
    [/Password/, LOGIN.password],
    [/posts the agents' answers/, true],
    [/Name of the new application/, true],
    [/do you write with/, true],
    [/Show its token/, false],
    [/conversation of its own/, true],
    [/test push/, false],
  ];
  return {
    emulator,
    home,
    file,
    write: (section?: JsonObject) => writeFileSync(file, JSON.stringify(configOf(section))),
    section: () =>
      asObject(
        asObject(asObject(parseJson(readFileSync(file, "utf8")))?.["channels"])?.["gotify"],
      ) ?? {},
    async login(section: JsonObject, ...more: Script) {
      const { prompter, said } = scriptedPrompter([...more, ...script]);
      const runtime = { log: () => {}, error: () => {}, exit: () => {} };
      await logIn({ cfg: configOf(section), accountId: null, runtime }, prompter);
      return said;
    },
  };
}

test("what was made goes again when it cannot be written", async () => {
  const at = await installation();
  mkdirSync(at.file);
  await expect(at.login({})).rejects.toThrow(/EISDIR|directory|config/i);
  expect(at.emulator.store.requests().map(({ method }) => method)).toContain("POST");
  expect(at.emulator.store.clients()).toEqual([]);
  expect(at.emulator.store.applications()).toEqual([]);
});

test("a login after another says where a secret stood, and the one after that asks about the client before", async () => {
  const at = await installation();
  at.write();
  await at.login({});
  const first = at.section();
  vi.stubEnv("GOTIFY_CLIENT_SECRET", String(first["clientToken"]));
  const reference = { source: "env", provider: "default", id: "GOTIFY_CLIENT_SECRET" };
  const section = { ...first, clientToken: reference };
  at.write(section);
  const said = await at.login(section);
  expect(said).toContainEqual(
    textLike(/client token is written as text, .*openclaw secrets configure/),
  );
  const clients = madeClients(() => join(at.home, "gotify"));
  expect(clients.all().map(({ id, state }) => [id, state])).toEqual([
    [1, "replaced"],
    [2, "written"],
  ]);

  const question = /^Delete the client "OpenClaw" \(1\) of an earlier set-up, last used /;
  const kept = await at.login(at.section(), [question, false]);
  const asked = kept.filter((text) => text.endsWith("?"));
  expect(asked.at(-1)).toMatch(question);
  expect(asked.at(-2)).toMatch(/test push/);
  expect(at.emulator.store.clients().map(({ id }) => id)).toEqual([1, 2, 3]);

  const both = await at.login(at.section(), [/^Delete these clients .*\(1\).*\(2\)/, true]);
  expect(both).toContainEqual(textLike(/Deleted the client "OpenClaw" \(1\) of an earlier set-up/));
  expect(at.emulator.store.clients().map(({ id }) => id)).toEqual([3, 4]);
});
