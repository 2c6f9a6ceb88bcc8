// Owns the host's own guides, driven by keys in a terminal: `channels add` and `configure`, up to what they write.
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { madeClients } from "../../src/setup/made-clients.ts";
import { GotifyClient } from "../../src/gotify/client.ts";
import { asString } from "../../src/gotify/parse.ts";
import { readConfig, type JsonObject } from "../support/openclaw.ts";
import {
  CTRL_C,
  ENTER,
  LEFT,
  noTerminal,
  openTerminal,
  type Terminal,
} from "../support/terminal.ts";
import { blank, PASSWORD, USER, type Blank } from "./blank.ts";

const TEST_TIMEOUT_MS = 300_000;

/** What the host asks before the channel's own questions, and after them. */
interface Guide {
  readonly args: readonly string[];
  readonly before: (terminal: Terminal) => Promise<void>;
  readonly after: (terminal: Terminal) => Promise<void>;
}

/** Newer hosts offer it; `next` is what the others go on with. */
async function skipAdministration(terminal: Terminal, next: RegExp): Promise<void> {
  const offer = /Set up administration from/;
  const said = await terminal.at(new RegExp(`${offer.source}|${next.source}`));
  if (!offer.test(said)) return;
  await terminal.at(/your own chat account/, ENTER);
  await terminal.at(next);
}

const channelsAdd: Guide = {
  args: ["channels", "add"],
  async before(terminal) {
    await terminal.at(/Set up a chat channel now/, ENTER);
    await terminal.choose(/Select a channel/, "Gotify");
    await terminal.choose(/Gotify account/, "default");
  },
  async after(terminal) {
    await terminal.choose(/◆ +Select a channel/, "Finished");
    await terminal.at(/Configure DM access policies now/, ENTER);
    await skipAdministration(terminal, /Name these/);
    await terminal.at(/ channel accounts now/, ENTER);
    await terminal.at(/Route these channel accounts to agents now/, ENTER);
    await terminal.at(/Send gotify\/default messages to agent/, ENTER);
    await terminal.at(/Channels updated/);
  },
};

const configure: Guide = {
  args: ["configure", "--section", "channels"],
  async before(terminal) {
    await terminal.choose(/Channel setup/, "Add or update channels");
    await terminal.choose(/Select a channel/, "Gotify");
  },
  async after(terminal) {
    await terminal.choose(/◆ +Select a channel/, "Finished");
    await terminal.at(/Configure DM access policies now/, ENTER);
    await skipAdministration(terminal, /Configuration updated/);
  },
};

function start({ home }: Blank, { args }: Guide): Terminal {
  const terminal = openTerminal(home, args);
  onTestFinished(() => terminal.stop());
  return terminal;
}

async function logIn(terminal: Terminal): Promise<void> {
  await terminal.at(/How does OpenClaw get in/, ENTER);
  await terminal.at(/Gotify user name/, `${USER}${ENTER}`);
  await terminal.at(/Password \(used once/, `${PASSWORD}${ENTER}`);
}

/** Both applications are new. */
async function makeApplications(terminal: Terminal): Promise<void> {
  await terminal.at(/Name of the new application for the agents' answers/, ENTER);
  await terminal.at(/Which application do you write with/, ENTER);
  await terminal.at(/Name of the new application you write with/, ENTER);
  await terminal.at(/Show its token here/, ENTER);
  await terminal.at(/Send a test push/, ENTER);
  await terminal.at(/Gotify is set up/);
}

/** The file is good, and its tokens are: that of the client reads, that of the application posts as the first one. */
async function expectWorking(at: Blank, terminal: Terminal): Promise<void> {
  expect(await terminal.ended, terminal.screen()).toBe(0);
  const section: JsonObject = at.section();
  expect(section).toMatchObject({
    enabled: true,
    serverUrl: at.emulator.url,
    allowFrom: ["2"],
    commandsFrom: ["2"],
  });
  // What the host calls once it has written: the next set-up does not take this client for a leftover.
  const made = madeClients(() => join(at.home.stateDir, "gotify")).all();
  expect(made.map(({ state }) => state)).toEqual(["written"]);
  const { appToken, clientToken } = section;
  const client = new GotifyClient({
    serverUrl: at.emulator.url,
    appToken: asString(appToken) ?? "",
    clientToken: asString(clientToken) ?? "",
  });
  expect(await client.currentUser()).toMatchObject({ name: USER });
  expect(await client.sendMessage({ message: "hello" })).toMatchObject({ appId: 1 });
  const validated = await at.run("config", "validate");
  expect([validated.code, validated.said]).toEqual([0, expect.stringMatching(/valid/i)]);
  for (const secret of [PASSWORD, appToken, clientToken]) {
    expect(terminal.screen()).not.toContain(secret);
  }
  expect(JSON.stringify(readConfig(at.home))).not.toContain(PASSWORD);
}

const names = ({ emulator }: Blank) => ({
  applications: emulator.store.applications().map(({ name }) => name),
  clients: emulator.store.clients().map(({ name }) => name),
});

test.skipIf(noTerminal !== undefined)(
  "channels add sets up Gotify 3; stopped after the channel's own questions, it writes nothing, and the next run takes up what is there",
  async () => {
    const at = await blank("v3");
    const stopped = start(at, channelsAdd);
    await channelsAdd.before(stopped);
    await stopped.at(/Address of your Gotify server/, `${at.emulator.url}${ENTER}`);
    await logIn(stopped);
    await makeApplications(stopped);
    await stopped.at(/◆ +Select a channel/, CTRL_C);
    expect(await stopped.ended).not.toBe(0);
    expect(at.section()).not.toHaveProperty("serverUrl");
    const once = { applications: ["OpenClaw", "Me"], clients: ["OpenClaw"] };
    expect(names(at)).toEqual(once);

    const again = start(at, channelsAdd);
    await channelsAdd.before(again);
    await again.at(/Address of your Gotify server/, `${at.emulator.url}${ENTER}`);
    await logIn(again);
    await again.choose(/Which application posts the agents' answers/, "OpenClaw (1)");
    await again.at(/Which application do you write with/, ENTER);
    await again.at(/conversation of its own/, ENTER);
    await again.at(/Send a test push/, ENTER);
    await again.at(/Deleted the client "OpenClaw" \(1\), left over/);
    await channelsAdd.after(again);
    await expectWorking(at, again);
    expect(names(at)).toEqual(once);
  },
  TEST_TIMEOUT_MS,
);

test.skipIf(noTerminal !== undefined)(
  "configure sets up Gotify 2, one can go back a question, and whoever stops it halfway is told what stays",
  async () => {
    const at = await blank("v2");
    const terminal = start(at, configure);
    await configure.before(terminal);
    await terminal.at(/Address of your Gotify server/, `${at.emulator.url}${ENTER}`);
    await terminal.at(/How does OpenClaw get in/, LEFT);
    // What was typed is still there.
    await terminal.at(/◆ +Address of your Gotify server/, ENTER);
    await logIn(terminal);
    await makeApplications(terminal);
    await configure.after(terminal);
    await expectWorking(at, terminal);
    expect(names(at)).toEqual({ applications: ["OpenClaw", "Me"], clients: ["OpenClaw"] });

    const stopped = start(at, configure);
    await configure.before(stopped);
    await stopped.at(/already configured\. What do you want/, ENTER);
    await stopped.at(/Address of your Gotify server/, ENTER);
    await logIn(stopped);
    await stopped.at(/Which application posts the agents' answers/, ENTER);
    await stopped.at(/Which application do you write with/, ENTER);
    await stopped.at(/conversation of its own/, ENTER);
    at.emulator.faults.slowAnswersMs = 60_000;
    await stopped.at(/Send a test push/, ENTER);
    await stopped.at(/Setting up Gotify/, CTRL_C);
    await stopped.at(/Stopped while Gotify was being set up\. What was made so far stays/);
    await stopped.ended;
  },
  TEST_TIMEOUT_MS,
);
