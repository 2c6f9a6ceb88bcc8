// Owns what the real `openclaw doctor` says about good and bad configurations of the installed plugin.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { startEmulator } from "../emulator/index.ts";
import { gatewayConfig } from "../support/gateway-config.ts";
import { createHome, runOpenClaw, writeConfig, type JsonObject } from "../support/openclaw.ts";

const APP_TOKEN = "AgeheimGeheim01";
const CLIENT_TOKEN = "CgeheimGeheim01";
const OTHER_CLIENT_TOKEN = "CgeheimGeheim02";
const DOCTOR_TIMEOUT_MS = 110_000;
/** Nobody is there: the doctor waits a minute for a local Gateway to come up, and for a remote one not at all. */
const NO_GATEWAY = { mode: "remote", remote: { url: "ws://127.0.0.1:9", token: "x".repeat(32) } };
const SEPARATE = { dmScope: "per-account-channel-peer" };

/** Everything that was printed, without the frames and line breaks of the doctor's notes. */
async function doctor(
  gotify: (tokenFile: (mode: number) => string) => JsonObject,
  sections: JsonObject,
  env: Record<string, string> = {},
): Promise<string> {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  const tokenFile = (mode: number): string => {
    const path = join(home.dir, `token-${mode.toString(8)}`);
    writeFileSync(path, `${CLIENT_TOKEN}\n`);
    // Whatever the umask says.
    chmodSync(path, mode);
    return path;
  };
  try {
    const setup = { port: 18_789, token: "x".repeat(32), model: { url: "http://127.0.0.1:9" } };
    const config = gatewayConfig(home, {
      ...setup,
      gotify: gotify(tokenFile),
      sections: { gateway: NO_GATEWAY, ...sections },
    });
    writeConfig(home, config);
    const options = { env, timeoutMs: DOCTOR_TIMEOUT_MS };
    const { stdout, stderr } = await runOpenClaw(home, ["doctor", "--non-interactive"], options);
    expect(stdout).toContain("Doctor complete.");
    expect(stdout + stderr).not.toMatch(/geheim/i);
    return stdout.replaceAll(/[│◇├╮╯─]/g, " ").replaceAll(/\s+/g, " ");
  } finally {
    home.remove();
  }
}

/** As a reference: what `"${NAME}"` stands for is plain text to the host's doctor, which looks after it was put in. */
function variable(id: string): JsonObject {
  return { source: "env", provider: "default", id };
}

function timesIn(text: string, part: string): number {
  return text.split(part).length - 1;
}

test("the doctor has nothing to say about a good configuration", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  emulator.createApplication("OpenClaw", { token: APP_TOKEN });
  emulator.createClient("OpenClaw", { token: CLIENT_TOKEN });
  for (const name of ["2", "3", "4", "5", "6"]) emulator.createApplication(name);
  const said = await doctor(
    (tokenFile) => ({
      // It looks at the server as well.
      serverUrl: emulator.url,
      appToken: variable("GOTIFY_APP_TOKEN"),
      clientTokenFile: tokenFile(0o600),
      dmPolicy: "pairing",
      allowFrom: ["5", "6"],
      commandsFrom: ["5"],
      approvers: ["5"],
    }),
    { session: SEPARATE, commands: { ownerAllowFrom: ["gotify:default/5"] } },
    { GOTIFY_APP_TOKEN: APP_TOKEN },
  );
  // The host names its own folder when it looks for secrets and finds no Gateway.
  expect(said.replaceAll(/openclaw-gotify-\w+/g, "")).not.toMatch(/gotify/i);
});

test("the doctor is pointed about each way of letting in, trusting or exposing too much", async () => {
  const said = await doctor(
    (tokenFile) => ({
      accounts: {
        home: {
          serverUrl: "http://push.example.com",
          appToken: APP_TOKEN,
          clientToken: CLIENT_TOKEN,
          dmPolicy: "open",
          allowFrom: ["*"],
          approvers: ["6"],
        },
        work: {
          serverUrl: "http://192.168.1.20",
          appToken: APP_TOKEN,
          clientTokenFile: tokenFile(0o644),
          dmPolicy: "allowlist",
          allowFrom: ["5", "6"],
        },
      },
    }),
    { commands: { ownerAllowFrom: ["gotify:home/7"] } },
  );
  for (const finding of [
    // The host's own; the tokens in plain text it finds by the secret contract.
    'channels.gotify.accounts.home.dmPolicy="open" allows anyone',
    '"*" in channels.gotify.accounts.home.allowFrom lets every application talk to the agent',
    "channels.gotify.accounts.home.appToken",
    "channels.gotify.accounts.home.clientToken",
    "channels.gotify.accounts.home.serverUrl is http:// to a public address",
    "channels.gotify.accounts.work.serverUrl is http:// to an address in the local network",
    "The token in channels.gotify.accounts.work.clientTokenFile can be read by other users",
    "chmod 600 ",
    "Several Gotify applications write into the owner's own session: home/*, work/5, work/6:",
    "channels.gotify.accounts.home.approvers holds an application that nobody chats through: home/6:",
    "commands.ownerAllowFrom holds an application that nobody chats through: home/7:",
  ]) {
    // Once: the host prints what it is told, and so does the plugin.
    expect(timesIn(said, finding), finding).toBe(1);
  }
});

test("the doctor says who would become owner, and which accounts do not run", async () => {
  const account = {
    serverUrl: "https://push.example.com",
    appToken: variable("GOTIFY_APP_TOKEN"),
    clientToken: variable("GOTIFY_CLIENT_TOKEN"),
  };
  const said = await doctor(
    () => ({
      accounts: {
        home: account,
        twin: account,
        lost: {
          ...account,
          clientToken: variable("GOTIFY_OTHER_TOKEN"),
          appToken: "",
          appTokenFile: "/nowhere/app-token",
          dmPolicy: "disabled",
        },
      },
    }),
    { session: SEPARATE },
    {
      GOTIFY_APP_TOKEN: APP_TOKEN,
      GOTIFY_CLIENT_TOKEN: CLIENT_TOKEN,
      GOTIFY_OTHER_TOKEN: OTHER_CLIENT_TOKEN,
    },
  );
  for (const finding of [
    "The first application that is paired with the Gotify account home becomes OpenClaw's owner",
    "its id in channels.gotify.accounts.home.commandsFrom, and openclaw config set commands.ownerAllowFrom",
    'the account twin does not run. The accounts "home" and "twin" receive the same messages',
    "channels.gotify.accounts.lost.appTokenFile names a file that holds no token OpenClaw can read",
    "The file /nowhere/app-token does not exist.",
  ]) {
    expect(timesIn(said, finding), finding).toBe(1);
  }
  expect(said).not.toMatch(/Paths: [^:]*channels\.gotify/);
});
