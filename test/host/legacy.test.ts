// Owns that configuration of earlier releases comes through `openclaw doctor --fix` into a Gateway that does what it said.
import { expect, inject, onTestFinished, test } from "vitest";
import { asObject } from "../../src/gotify/parse.ts";
import { gatewayConfig } from "../support/gateway-config.ts";
import { startGateway } from "../support/gateway.ts";
import { startGotifySide } from "../support/gotify-side.ts";
import { createHome, readConfig, runOpenClaw, writeConfig } from "../support/openclaw.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const COMMAND_TIMEOUT_MS = 110_000;
/** Nobody is there: the doctor waits a minute for a local Gateway to come up, and for a remote one not at all. */
const NO_GATEWAY = { mode: "remote", remote: { url: "ws://127.0.0.1:9", token: "x".repeat(32) } };

test("an old configuration is named by validate, repaired by doctor --fix, and then means what it meant", async () => {
  const [side, away] = await Promise.all([startGotifySide(), startGotifySide()]);
  onTestFinished(side.stop);
  onTestFinished(away.stop);
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  onTestFinished(home.remove);
  const run = (...args: string[]) => runOpenClaw(home, args, { timeoutMs: COMMAND_TIMEOUT_MS });
  const root = side.account({ dmPolicy: "open", allowFrom: ["*"], defaultPriority: 5 });
  const tokens = {
    serverUrl: away.url,
    appToken: away.bot.token,
    clientToken: away.reader.token,
  };
  const gotify = {
    ...root,
    inbound: {
      enabled: true,
      maxReconnectAttempts: 10,
      allowedAppId: side.person.id,
      deleteAfterConsume: true,
      maxBufferedMessages: 1000,
    },
    bootstrap: { enabled: false },
    accounts: { away: { ...tokens, inbound: { deleteAfterConsume: false } } },
  };
  const setup = { port: 18_789, token: "x".repeat(32), model: { url: "http://127.0.0.1:9" } };
  const config = gatewayConfig(home, { ...setup, gotify, sections: { gateway: NO_GATEWAY } });
  writeConfig(home, config);

  const refused = await run("config", "validate");
  expect(refused.code).toBe(1);
  for (const key of ["bootstrap", "allowedAppId", "deleteAfterConsume", "maxBufferedMessages"]) {
    expect(refused.stdout + refused.stderr).toContain(`"${key}"`);
  }
  expect(refused.stdout + refused.stderr).toContain("openclaw doctor --fix");

  writeConfig(home, {
    agents: {
      ...asObject(config["agents"]),
      ownership: "explicit",
      entries: { main: {}, clerk: {} },
      main: { channels: { gotify: { accounts: ["default"] } } },
      clerk: { channels: { gotify: { accounts: ["away"] } } },
    },
    plugins: { ...asObject(config["plugins"]), allow: ["openclaw-gotify"] },
  });
  const fixed = await run("doctor", "--fix", "--non-interactive");
  expect(fixed.stdout, fixed.stderr).toMatch(/Moved channels\.gotify\.inbound\.allowedAppId/);
  for (const secret of [...side.secrets(), ...away.secrets()]) {
    expect(fixed.stdout + fixed.stderr).not.toContain(secret);
  }
  const repaired = readConfig(home);
  const section = asObject(asObject(repaired["channels"])?.["gotify"]) ?? {};
  const watched = [side.person.id];
  expect(section).toEqual({
    ...root,
    inbound: {
      enabled: true,
      maxReconnectAttempts: 10,
      afterHandled: "delete",
      applications: watched,
    },
    accounts: { away: { ...tokens, inbound: { afterHandled: "keep", applications: watched } } },
  });
  const { agents, bindings } = repaired;
  expect(bindings).toEqual(
    Object.entries({ main: "default", clerk: "away" }).map(([agentId, accountId]): unknown =>
      expect.objectContaining({ agentId, match: { channel: "gotify", accountId } }),
    ),
  );
  const allowed = asObject(repaired["plugins"])?.["allow"];
  expect(allowed).toContain("gotify");
  expect(allowed).not.toContain("openclaw-gotify");
  const valid = await run("config", "validate");
  expect(valid.code, valid.stdout + valid.stderr).toBe(0);

  const model = await startScriptedModel((turn) => `heard ${turn.said.trim()}`);
  onTestFinished(model.stop);
  const gateway = await startGateway(home, {
    model,
    gotify: { ...section },
    sections: { agents, bindings },
  });
  onTestFinished(gateway.stop);
  await Promise.all([
    gateway.waitForLog(/\[default\] Connected/),
    gateway.waitForLog(/\[away\] Connected/),
  ]);
  await side.say("from nobody", side.stranger);
  const question = await side.say("from me");
  await side.replyWith("heard", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  await waitFor(
    "the question to be deleted",
    () => !side.emulator.store.messages().some(({ id }) => id === question.id),
  );
  const answers = (await side.replies()).map(({ message }) => message);
  expect(answers.filter((answer) => answer.includes("from nobody"))).toEqual([]);
});
