// Owns where secrets come from on a real Gateway: references of every kind, the environment, and one that cannot be read.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { createHome, hostVersion, runOpenClaw, type JsonObject } from "../support/openclaw.ts";
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

async function answers(side: GotifySide, text: string): Promise<void> {
  await side.say(text);
  await side.replyWith(text, { timeoutMs: FIRST_TURN_TIMEOUT_MS });
}

test(
  "secrets come from the environment, a file and a command, and one that is missing keeps only its own account off",
  async () => {
    const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
    const [one, two, late] = await Promise.all([
      startGotifySide(),
      startGotifySide({ personality: "v2" }),
      startGotifySide(),
    ]);
    const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
    const file = join(home.dir, "secrets.json");
    const writeSecrets = (secrets: JsonObject): void =>
      writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    const command = join(home.dir, "vault");
    writeVault(command, { "two/app": two.bot.token, "two/client": two.reader.token });
    writeSecrets({ one: one.reader.token });
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
      await answers(one, "Hello one");
      await answers(two, "Hello two");

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
      const advice = hostVersion().startsWith("2026.8.") ? "" : '"openclaw secrets audit" names it';
      expect(status.stdout).toContain(advice);
      const check = await run("gotify", "check");
      expect(check.code).toBe(1);
      expect(check.stdout).toMatch(/^one: works/m);
      expect(check.stdout).toMatch(/^two: works/m);
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
      await Promise.all([one, two, late].map((side) => side.stop()));
      home.remove();
    }
  },
  TEST_TIMEOUT_MS,
);

test(
  "three variables are enough for an account, and every command sees the same",
  async () => {
    const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
    const side = await startGotifySide();
    const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
    Object.assign(home.env, {
      GOTIFY_SERVER_URL: side.url,
      GOTIFY_APP_TOKEN: side.bot.token,
      GOTIFY_CLIENT_TOKEN: side.reader.token,
    });
    const gateway = await startGateway(home, {
      model,
      gotify: { dmPolicy: "allowlist", allowFrom: [String(side.person.id)] },
      sections: SEPARATE,
    });
    try {
      await gateway.waitForLog(/\[default\] Connected/);
      await answers(side, "Hello");
      const status = await gateway.run("channels", "status", "--probe");
      expect(status.stdout).toMatch(/Gotify default: .*connected.*app:env.*works/);
      const check = await gateway.run("gotify", "check");
      expect(check.stdout).toMatch(/^default: works/);
      await gateway.stop();
      const list = await gateway.run("channels", "list");
      expect(list.stdout).toMatch(/Gotify default: .*configured, enabled/);
    } finally {
      await gateway.stop();
      await model.stop();
      await side.stop();
      home.remove();
    }
  },
  TEST_TIMEOUT_MS,
);
