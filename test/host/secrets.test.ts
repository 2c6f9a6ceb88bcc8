// Owns where secrets come from on a real Gateway: references of every kind, the environment, and one that cannot be read.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { gatewayConfig, newGatewayToken } from "../support/gateway-config.ts";
import { startGateway } from "../support/gateway.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { filesWith } from "../support/leaks.ts";
import { freePort } from "../support/loopback.ts";
import {
  createHome,
  isOlderHost,
  readConfig,
  runOpenClaw,
  writeConfig,
  type JsonObject,
  type OpenClawHome,
} from "../support/openclaw.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const TEST_TIMEOUT_MS = 240_000;
const COMMAND_TIMEOUT_MS = 110_000;
const SEPARATE = { session: { dmScope: "per-account-channel-peer" } };

function reference(source: string, provider: string, id: string): JsonObject {
  return { source, provider, id };
}

/** A program that gives secrets away as the host asks an exec provider for them. */
function writeVault(path: string, values: JsonObject): void {
  const text = `#!${process.execPath}
let asked = "";
process.stdin.on("data", (chunk) => (asked += chunk)).on("end", () => {
  const all = ${JSON.stringify(values)};
  const values = Object.fromEntries(JSON.parse(asked).ids.map((id) => [id, all[id]]));
  console.log(JSON.stringify({ protocolVersion: 1, values }));
});
`;
  writeFileSync(path, text, { mode: 0o700 });
}

/** The host's own store, as its operator fills it. */
async function putIntoStore(home: OpenClawHome, values: Record<string, string>): Promise<void> {
  const file = join(home.dir, "store.env");
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  const args = ["secrets", "store", "import", "--from", file, "--yes"];
  const { code, stdout, stderr } = await runOpenClaw(home, args);
  expect(code, stdout + stderr).toBe(0);
  rmSync(file);
}

async function answers(side: GotifySide, text: string): Promise<void> {
  await side.say(text);
  await side.replyWith(text, { timeoutMs: FIRST_TURN_TIMEOUT_MS });
}

test(
  "secrets come from the environment, a file, a command and the host's own store, and one that is missing keeps only its own account off",
  async () => {
    const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
    const [one, two, late, kept] = await Promise.all([
      startGotifySide(),
      startGotifySide({ personality: "v2" }),
      startGotifySide(),
      startGotifySide(),
    ]);
    const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
    const file = join(home.dir, "secrets.json");
    const writeSecrets = (secrets: JsonObject): void =>
      writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    const command = join(home.dir, "vault");
    writeVault(command, { "two/app": two.bot.token, "two/client": two.reader.token });
    writeSecrets({ one: one.reader.token });
    await putIntoStore(home, {
      KEPT_APP_TOKEN: kept.bot.token,
      KEPT_CLIENT_TOKEN: kept.reader.token,
    });
    const gateway = await startGateway(
      { ...home, env: { ...home.env, ONE_APP_TOKEN: one.bot.token } },
      {
        model,
        gotify: {
          defaultAccount: "one",
          accounts: {
            one: one.account({
              appToken: reference("env", "default", "ONE_APP_TOKEN"),
              clientToken: reference("file", "files", "/one"),
            }),
            two: two.account({
              appToken: reference("exec", "vault", "two/app"),
              clientToken: reference("exec", "vault", "two/client"),
            }),
            kept: kept.account({
              appToken: reference("store", "default", "KEPT_APP_TOKEN"),
              clientToken: reference("store", "default", "KEPT_CLIENT_TOKEN"),
            }),
            late: late.account({ clientToken: reference("file", "files", "/late") }),
          },
        },
        sections: {
          ...SEPARATE,
          secrets: {
            providers: {
              files: { source: "file", path: file, mode: "json" },
              vault: { source: "exec", command },
            },
          },
        },
      },
    );
    // Whoever types a command has not got the Gateway's environment.
    const run = (...args: string[]) => runOpenClaw(home, args, { timeoutMs: COMMAND_TIMEOUT_MS });
    try {
      await gateway.waitForLog(/\[one\] Connected/);
      await gateway.waitForLog(/\[two\] Connected/);
      await gateway.waitForLog(/\[kept\] Connected/);
      await answers(one, "Hello one");
      await answers(two, "Hello two");
      await answers(kept, "Hello kept");

      expect(gateway.output()).toMatch(
        /Secret owner account:gotify:late is configured-unavailable; paths: channels\.gotify\.accounts\.late\.clientToken;/,
      );
      expect(gateway.output()).not.toContain("[late] Connected");
      const audit = await run("secrets", "audit");
      expect(audit.stdout).toMatch(/PLAINTEXT_FOUND.*channels\.gotify\.accounts\.late\.appToken/);
      expect(audit.stdout).toMatch(/REF_UNRESOLVED.*channels\.gotify\.accounts\.late\.clientToken/);
      const status = await run("channels", "status");
      expect(status.stdout).toMatch(/Gotify one: .*running, connected/);
      expect(status.stdout).toMatch(/Gotify two: .*running, connected/);
      expect(status.stdout).toMatch(/Gotify late: .*stopped/);
      // The first hosts of the range do not print there what a channel has to say.
      const advice = isOlderHost() ? "" : '"openclaw secrets audit" names it';
      expect(status.stdout).toContain(advice);
      const check = await run("gotify", "check");
      expect(check.code).toBe(1);
      expect(check.stdout).toMatch(/^one: works/m);
      expect(check.stdout).toMatch(/^two: works/m);
      expect(check.stdout).toMatch(/^kept: works/m);
      expect(check.stdout).toMatch(
        /^late: The secret channels\.gotify\.accounts\.late\.clientToken could not be read from the file of the secret provider "files"\. .*openclaw secrets reload/m,
      );
      const sent = await run("gotify", "send", "--account=two", "--message=From the command line");
      expect(sent.stderr).toBe("");
      await two.replyWith("From the command line");

      writeSecrets({ one: one.reader.token, late: late.reader.token });
      const mark = gateway.mark();
      expect(await run("secrets", "reload")).toMatchObject({ code: 0 });
      await gateway.waitForLog(/\[late\] Connected/, { since: mark });
      await answers(late, "Hello late");
      expect(gateway.output().slice(mark)).not.toMatch(/\[(?:one|two)\] Connected/);
    } finally {
      await gateway.stop();
      await model.stop();
      await Promise.all([one, two, late, kept].map((side) => side.stop()));
      home.remove();
    }
  },
  TEST_TIMEOUT_MS,
);

test(
  "with --use-env nothing of the tokens is written anywhere, and every command sees the same account",
  async () => {
    const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
    const side = await startGotifySide();
    const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
    Object.assign(home.env, {
      GOTIFY_SERVER_URL: side.url,
      GOTIFY_APP_TOKEN: side.bot.token,
      GOTIFY_CLIENT_TOKEN: side.reader.token,
    });
    const nobody = { port: await freePort(), token: newGatewayToken() };
    writeConfig(home, gatewayConfig(home, { ...nobody, model, gotify: {}, sections: SEPARATE }));
    const added = await runOpenClaw(
      home,
      ["channels", "add", "--channel=gotify", "--use-env", `--chat-app=${side.person.id}`],
      { timeoutMs: COMMAND_TIMEOUT_MS },
    );
    expect(added.code, added.stdout + added.stderr).toBe(0);
    const gotify = z
      .object({ channels: z.object({ gotify: z.record(z.string(), z.unknown()) }) })
      .parse(readConfig(home)).channels.gotify;
    const person = [String(side.person.id)];
    expect(gotify).toEqual({ enabled: true, allowFrom: person, commandsFrom: person });
    const gateway = await startGateway(home, { model, gotify, sections: SEPARATE });
    try {
      await gateway.waitForLog(/\[default\] Connected/);
      await answers(side, "Hello");
      const status = await gateway.run("channels", "status", "--probe");
      expect(status.stdout).toMatch(/Gotify default: .*connected.*app:env.*works/);
      const check = await gateway.run("gotify", "check");
      expect(check.stdout).toMatch(/^default: works/);
      // It is not logged out while the variables are there, and says so.
      const logout = await gateway.run("channels", "logout", "--channel=gotify");
      expect(logout.stdout).toContain("Other credentials may still be active");
      await gateway.stop();
      const list = await gateway.run("channels", "list");
      expect(list.stdout).toMatch(/Gotify default: .*configured, enabled/);
      expect(filesWith(home.dir, [side.bot.token, side.reader.token])).toEqual([]);
    } finally {
      await gateway.stop();
      await model.stop();
      await side.stop();
      home.remove();
    }
  },
  TEST_TIMEOUT_MS,
);
