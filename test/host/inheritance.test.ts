// Owns that the host's own commands leave the rights at the root where they are: ids mean somebody else on another server.
import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { asObject, parseJson, type JsonObject } from "../../src/gotify/parse.ts";
import { gatewayConfig } from "../support/gateway-config.ts";
import { createHome, runOpenClaw, writeConfig } from "../support/openclaw.ts";

const COMMAND_TIMEOUT_MS = 110_000;
const NO_GATEWAY = { mode: "remote", remote: { url: "ws://127.0.0.1:9", token: "x".repeat(32) } };

test("a second account with a server of its own comes by no right of the first, whichever command writes it", async () => {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  try {
    const rootAccount = {
      name: "home",
      serverUrl: "https://push.example.com",
      appToken: "AgeheimGeheim01",
      clientToken: "CgeheimGeheim01",
      dmPolicy: "allowlist",
      allowFrom: ["5"],
      commandsFrom: ["5"],
    };
    const config = gatewayConfig(home, {
      port: 18_789,
      token: "x".repeat(32),
      model: { url: "http://127.0.0.1:9" },
      gotify: rootAccount,
      sections: { gateway: NO_GATEWAY },
    });
    writeConfig(home, config);
    const section = (): JsonObject => {
      const written = asObject(parseJson(readFileSync(home.configPath, "utf8")));
      return asObject(asObject(written?.["channels"])?.["gotify"]) ?? {};
    };
    const run = async (...args: string[]): Promise<void> => {
      const { code, stdout, stderr } = await runOpenClaw(home, args, {
        timeoutMs: COMMAND_TIMEOUT_MS,
      });
      expect(code, stdout + stderr).toBe(0);
    };
    const work = {
      serverUrl: "https://push.work.example.com",
      appToken: "AgeheimGeheim02",
      clientToken: "CgeheimGeheim02",
    };
    await run(
      "channels",
      "add",
      "gotify",
      "--account=work",
      `--server-url=${work.serverUrl}`,
      `--app-token=${work.appToken}`,
      `--client-token=${work.clientToken}`,
      // Nobody answers there.
      "--unverified",
    );
    expect(section()).toMatchObject({ ...rootAccount, accounts: { work } });
    expect(section()["accounts"]).not.toHaveProperty("default");
    const before = section();
    await run("doctor", "--fix", "--non-interactive");
    expect(section()).toEqual(before);
    expect(before).not.toHaveProperty(["accounts", "work", "allowFrom"]);
    expect(before).not.toHaveProperty(["accounts", "work", "dmPolicy"]);
  } finally {
    home.remove();
  }
});
