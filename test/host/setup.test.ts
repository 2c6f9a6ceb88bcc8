// Owns the way from nothing to a working channel, as a person goes it: in a real terminal, and by a script.
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { madeClients } from "../../src/setup/made-clients.ts";
import type { Personality } from "../emulator/index.ts";
import { startGateway } from "../support/gateway.ts";
import { readConfig } from "../support/openclaw.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { CTRL_C, ENTER, noTerminal, openTerminal, type Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import { blank, PASSWORD, USER } from "./blank.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const TEST_TIMEOUT_MS = 300_000;

test.skipIf(noTerminal !== undefined).each<Personality>(["v2", "v3"])(
  "a login in a terminal makes what is needed on Gotify %s, and the first message is answered",
  async (personality) => {
    const at = await blank(personality);
    const cancelled = openTerminal(at.home, ["channels", "login", "--channel", "gotify"]);
    onTestFinished(() => cancelled.stop());
    await cancelled.at(/Address of your Gotify server/, `${at.emulator.url}${ENTER}`);
    await cancelled.at(/How does OpenClaw get in/, CTRL_C);
    expect(await cancelled.ended).not.toBe(0);
    expect(at.section()).not.toHaveProperty("serverUrl");

    const login = openTerminal(at.home, ["channels", "login", "--channel", "gotify"]);
    onTestFinished(() => login.stop());
    await login.at(/Address of your Gotify server/, `${at.emulator.url}${ENTER}`);
    await login.at(/How does OpenClaw get in/, ENTER);
    await login.at(/Gotify user name/, `${USER}${ENTER}`);
    await login.at(/Password/, `${PASSWORD}${ENTER}`);
    await login.at(/Name of the new application/, ENTER);
    await login.at(/Which application do you write with/, ENTER);
    await login.at(/Name of the new application/, ENTER);
    await login.at(/Show its token here/, ENTER);
    await login.at(/Send a test push/, ENTER);
    expect(await login.ended, login.screen()).toBe(0);
    expect(login.screen()).not.toContain(PASSWORD);
    expect(login.screen()).toContain("Sent a test push");

    const made = madeClients(() => join(at.home.stateDir, "gotify")).all();
    expect(made.map(({ state }) => state)).toEqual(["written"]);

    const section = at.section();
    expect(section).toMatchObject({
      serverUrl: at.emulator.url,
      allowFrom: ["2"],
      commandsFrom: ["2"],
    });
    expect(JSON.stringify(readConfig(at.home))).not.toContain(PASSWORD);
    const chatToken = /The token you write with[^\w]*([\w.~-]{12,})/.exec(login.screen())?.[1];

    const model = await startScriptedModel(({ said }) => `Re: ${said}`);
    onTestFinished(() => model.stop());
    const gateway = await startGateway(at.home, { model, gotify: section });
    onTestFinished(() => gateway.stop());
    await gateway.waitForLog(/\[default\] Connected/, { timeoutMs: 60_000 });
    const posted = await fetch(`${at.emulator.url}/message`, {
      method: "POST",
      headers: { "X-Gotify-Key": chatToken ?? "", "Content-Type": "application/json" },
      body: JSON.stringify({ message: "hello" }),
    });
    expect(posted.status, login.screen()).toBe(200);
    await waitFor(
      "the answer",
      () => at.emulator.store.messages().some(({ message }) => message === "Re: hello"),
      { timeoutMs: FIRST_TURN_TIMEOUT_MS, explain: gateway.output },
    );
  },
  TEST_TIMEOUT_MS,
);

test.skipIf(noTerminal !== undefined)(
  "whoever writes with the application that answers is answered there, and a test push is no question, also while the Gateway runs",
  async () => {
    const at = await blank("v3");
    const logIn = async (address = ""): Promise<Terminal> => {
      const login = openTerminal(at.home, ["channels", "login", "--channel", "gotify"]);
      onTestFinished(() => login.stop());
      await login.at(/Address of your Gotify server/, `${address}${ENTER}`);
      await login.at(/How does OpenClaw get in/, ENTER);
      await login.at(/Gotify user name/, `${USER}${ENTER}`);
      await login.at(/Password/, `${PASSWORD}${ENTER}`);
      return login;
    };
    const finish = async (login: Terminal): Promise<void> => {
      await login.at(/Send a test push/, ENTER);
      expect(await login.ended, login.screen()).toBe(0);
      expect(login.screen()).toContain("Sent a test push");
      expect(at.section()).toMatchObject({ allowFrom: ["1"], commandsFrom: ["1"] });
    };
    const first = await logIn(at.emulator.url);
    await first.at(/Name of the new application for the agents' answers/, ENTER);
    await first.choose(/Which application do you write with/, "OpenClaw");
    await finish(first);
    expect(at.emulator.store.applications().map(({ name }) => name)).toEqual(["OpenClaw"]);

    const model = await startScriptedModel(({ said }) => `Re: ${said}`);
    onTestFinished(() => model.stop());
    const gateway = await startGateway(at.home, { model, gotify: at.section() });
    onTestFinished(() => gateway.stop());
    await gateway.waitForLog(/\[default\] Connected/, { timeoutMs: 60_000 });
    const ask = async (text: string): Promise<void> => {
      const web = at.emulator.createClient("Web page");
      const posted = await fetch(`${at.emulator.url}/message`, {
        method: "POST",
        headers: { "X-Gotify-Key": web.token, "Content-Type": "application/json" },
        body: JSON.stringify({ message: text, appid: 1 }),
      });
      expect(posted.status).toBe(200);
      await waitFor(
        `the answer to "${text}"`,
        () => at.emulator.store.messages().some(({ message }) => message === `Re: ${text}`),
        { timeoutMs: FIRST_TURN_TIMEOUT_MS, explain: gateway.output },
      );
    };
    await ask("hello");

    const mark = gateway.mark();
    // The address is that of the first time.
    const second = await logIn();
    await second.at(/Which application posts the agents' answers/, ENTER);
    await second.choose(/Which application do you write with/, "OpenClaw (1)");
    await second.at(/conversation of its own/, ENTER);
    await finish(second);
    await gateway.waitForLog(/\[default\] (?:Connected|Caught up)/, {
      since: mark,
      timeoutMs: 60_000,
    });
    // Whatever came before it was asked before it.
    await ask("and now?");
    expect(model.requests.map(({ said }) => said)).toEqual([
      expect.stringContaining("hello"),
      expect.stringContaining("and now?"),
    ]);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a script says what does not work before anything is written, and what was written can be taken back",
  async () => {
    const at = await blank("v2");
    const app = at.emulator.createApplication("OpenClaw");
    const phone = at.emulator.createApplication("Phone");
    const client = at.emulator.createClient("OpenClaw");
    const add = (...args: string[]) => at.run("channels", "add", "gotify", ...args);
    const url = `--server-url=${at.emulator.url}`;
    const appToken = `--app-token=${app.token}`;

    const help = await add("--help");
    for (const flag of ["--server-url", "--use-env", "--unverified", "--chat-app"]) {
      expect(help.said).toContain(flag);
    }
    const refused = await add("--server-url=http://127.0.0.1:9", appToken);
    expect([refused.code, refused.said]).toEqual([
      1,
      expect.stringMatching(/127\.0\.0\.1:9\b.*Nothing was written.*--unverified/),
    ]);
    expect(refused.said).not.toContain(app.token);
    expect(refused.said).not.toMatch(/\n\s+at /);
    expect(at.section()).not.toHaveProperty("serverUrl");

    const added = await add(url, `--client-token=${client.token}`, `--chat-app=${phone.id}`);
    expect([added.code, added.said]).toEqual([0, expect.stringContaining("Added Gotify account")]);
    expect(at.section()).toMatchObject({
      serverUrl: at.emulator.url,
      clientToken: client.token,
      // Gotify 2 shows it, so the application that is there is used.
      appToken: app.token,
      allowFrom: [String(phone.id)],
    });
    expect(at.emulator.store.applications()).toHaveLength(2);

    const out = await at.run("channels", "logout", "--channel", "gotify");
    expect([out.code, out.said]).toEqual([0, expect.stringContaining("Cleared saved auth")]);
    expect(JSON.stringify(readConfig(at.home))).not.toContain(client.token);
    expect(at.section()).toMatchObject({
      serverUrl: at.emulator.url,
      allowFrom: [String(phone.id)],
    });
    const removed = await at.run("channels", "remove", "--channel", "gotify", "--delete");
    expect(removed.code, removed.said).toBe(0);
    expect(at.section()).not.toHaveProperty("serverUrl");
  },
  TEST_TIMEOUT_MS,
);
