// Owns the proof that an account that is logged out, removed, switched off or uninstalled leaves nothing running and no token behind, and comes back.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, inject, test } from "vitest";
import { startGateway, type Gateway } from "../support/gateway.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { filesWith } from "../support/leaks.ts";
import {
  createHome,
  isJsonObject,
  readConfig,
  runOpenClaw,
  type CommandResult,
  type JsonObject,
  type OpenClawHome,
} from "../support/openclaw.ts";
import { installPlugin } from "../support/plugin-package.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { ENTER, noTerminal, openTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const TEST_TIMEOUT_MS = 420_000;
const COMMAND_TIMEOUT_MS = 120_000;
/** The host keeps the five latest configurations it has overwritten; no plugin has a say in that. */
const HOSTS_OWN_COPIES = /^state\/openclaw\.json\.bak(?:\.[1-4])?$/;

/** Who is under test: where the account's messages are, and what the Gateway calls it. */
interface Subject {
  readonly side: GotifySide;
  readonly account: string;
}

test(
  "whatever takes an account away ends it at once and takes its tokens along, and what was posted meanwhile is answered once",
  async () => {
    // Not the shared installation: this one is uninstalled.
    const home = createHome({ parent: inject("homesFolder") });
    await installPlugin(home, inject("packedPlugin"));
    const [one, two] = await Promise.all([startGotifySide(), startGotifySide()]);
    const subjects = {
      one: { side: one, account: "default" },
      two: { side: two, account: "two" },
    };
    const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
    const gateway = await startGateway(home, {
      model,
      gotify: { ...one.account(), accounts: { two: two.account() } },
      sections: { session: { dmScope: "per-account-channel-peer" } },
    });
    const run = async (...args: string[]): Promise<CommandResult> => {
      const result = await runOpenClaw(home, args, { timeoutMs: COMMAND_TIMEOUT_MS });
      const output = `${args.join(" ")}: ${result.stdout}${result.stderr}`;
      expect(result.code, output).toBe(0);
      // The host ends with 0 here, too.
      expect(output).not.toContain("install failed");
      return result;
    };
    const tokens = [`--app-token=${one.bot.token}`, `--client-token=${one.reader.token}`];
    const server = [`--server-url=${one.url}`, `--chat-app=${one.person.id}`];
    const add = (): Promise<CommandResult> =>
      run("channels", "add", "gotify", ...server, ...tokens);
    const said: string[] = [];
    const say = async (text: string): Promise<void> => {
      said.push(text);
      await one.say(text);
    };
    try {
      await gateway.waitForLog(/\[default\] Connected/);
      await gateway.waitForLog(/\[two\] Connected/);
      await say("at first");
      await one.replyWith("at first", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
      expect(isQuiet(home, subjects.one)).toBe(false);

      const loggedOut = await run("channels", "logout", "--channel=gotify", "--account=two");
      expect(loggedOut.stdout).toMatch(/^Cleared saved auth for gotify\/two\.$/m);
      await untilQuiet(home, subjects.two, gateway);
      await untilForgotten(home, two);
      expect(sectionOf(home)).toHaveProperty("accounts.two.serverUrl", two.url);
      await run("channels", "remove", "--channel=gotify", "--account=two", "--delete");
      expect(sectionOf(home)).not.toHaveProperty("accounts");
      expect(sectionOf(home)).toHaveProperty("appToken", one.bot.token);

      if (noTerminal === undefined) await removeInTerminal(home);
      else await run("config", "set", "channels.gotify.enabled", "false");
      await untilQuiet(home, subjects.one, gateway);
      await say("while it was off");
      await run("config", "set", "channels.gotify.enabled", "true");
      // Stopped by hand, so only started by hand.
      await run("gateway", "call", "channels.start", "--params", '{"channel":"gotify"}');
      await one.replyWith("while it was off", { explain: gateway.output });

      await run("channels", "logout", "--channel=gotify");
      await untilQuiet(home, subjects.one, gateway);
      await untilForgotten(home, one);
      await say("while nobody was logged in");
      // Setting it up again is enough, although the logout has stopped it by hand as well.
      await add();
      await one.replyWith("while nobody was logged in", { explain: gateway.output });

      await run("plugins", "disable", "gotify");
      await untilQuiet(home, subjects.one, gateway);
      await say("while the plugin was off");
      await run("plugins", "enable", "gotify");
      await one.replyWith("while the plugin was off", { explain: gateway.output });

      const uninstalled = await run("plugins", "uninstall", "gotify", "--force");
      await untilQuiet(home, subjects.one, gateway);
      expect(uninstalled.stdout).toContain("channels.gotify");
      expect(sectionOf(home)).toBeUndefined();
      await untilForgotten(home, one);
      await say("while there was no plugin");
      await installPlugin(home, inject("packedPlugin"));
      await run("plugins", "enable", "gotify");
      await add();
      await one.replyWith("while there was no plugin", { explain: gateway.output });
      await say("at last");
      await one.replyWith("at last");

      await gateway.stop();
      // By itself: nothing of ours keeps the process, and nobody had to kill it.
      expect(await gateway.exited).toMatchObject({ code: 0 });
      expect(isQuiet(home, subjects.one)).toBe(true);
      expect((await one.replies()).map(({ message }) => message)).toEqual(
        said.map((text) => `Heard: ${text}`),
      );

      const alone = await run("channels", "logout", "--channel=gotify");
      expect(alone.stdout).toMatch(/openclaw\.json\.bak.*delete the client and the application/);
      await run("channels", "remove", "--channel=gotify", "--delete");
      expect(sectionOf(home)).toBeUndefined();
      // Without a Gateway, that copy stays as it is until the next one.
      expect(strangersWith(home, one)).toEqual([join("state", "openclaw.json.last-good")]);
    } finally {
      await gateway.stop();
      await model.stop();
      await Promise.all([one.stop(), two.stop()]);
      home.remove();
    }
  },
  TEST_TIMEOUT_MS,
);

/** Without `--delete`: it asks, and switches the account off. */
async function removeInTerminal(home: OpenClawHome): Promise<void> {
  const terminal = openTerminal(home, ["channels", "remove", "--channel=gotify"]);
  await terminal.at(/Disable Gotify account "default"/, ENTER);
  expect(await terminal.ended, terminal.screen()).toBe(0);
}

/** No stream on the server, and nobody who has the journal to himself. */
function isQuiet(home: OpenClawHome, { side, account }: Subject): boolean {
  if (side.emulator.store.streamCount() > 0) return false;
  const file = join(home.stateDir, "gotify", account, "journal.sqlite");
  expect(existsSync(file)).toBe(true);
  const journal = new DatabaseSync(file, { readOnly: true });
  try {
    return journal.prepare("select count(*) as held from lease").get()?.["held"] === 0;
  } finally {
    journal.close();
  }
}

async function untilQuiet(home: OpenClawHome, subject: Subject, gateway: Gateway): Promise<void> {
  await waitFor(`${subject.account} to end`, () => isQuiet(home, subject), {
    explain: gateway.output,
  });
}

/** The copy of the latest good configuration is renewed when the Gateway has loaded the new one. */
async function untilForgotten(home: OpenClawHome, side: GotifySide): Promise<void> {
  await waitFor(
    "the tokens to be nowhere but in the host's own copies",
    () => strangersWith(home, side).length === 0,
    { explain: () => strangersWith(home, side).join(", ") },
  );
}

/** The files with one of the plugin's tokens in them that are not the host's own copies. */
function strangersWith(home: OpenClawHome, { bot, reader }: GotifySide): string[] {
  return filesWith(home.dir, [bot.token, reader.token]).filter(
    (path) => !HOSTS_OWN_COPIES.test(path),
  );
}

function sectionOf(home: OpenClawHome): JsonObject | undefined {
  const { channels } = readConfig(home);
  const section = isJsonObject(channels) ? channels["gotify"] : undefined;
  return isJsonObject(section) ? section : undefined;
}
