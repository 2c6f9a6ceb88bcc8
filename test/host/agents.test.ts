// Owns who answers whom where there are several agents, users and servers: each message one agent, each answer its own user.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startEmulator, type Emulator } from "../emulator/index.ts";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { createHome, runOpenClaw, writeConfig, type JsonObject } from "../support/openclaw.ts";
import { bind, startSeveralAgents, type SeveralAgents } from "../support/several-agents.ts";
import { waitFor } from "../support/wait.ts";
import { connected, FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const ROUNDS = 3;

type User = {
  bot: Credential;
  phone: Credential;
  garage: Credential;
  reader: Credential;
};
type Line = { says: string; agent: string; answeredIn: Credential; from: Credential };

/** One server with two people who cannot see each other's messages. */
let shared: Emulator;
let ada: User;
let bob: User;
/** Two servers whose applications have the same ids. */
let north: GotifySide;
let south: GotifySide;
let stage: SeveralAgents;
/** What was started has to end, also when the start of the next thing fails. */
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [shared, north, south] = await Promise.all([
    startEmulator(),
    startGotifySide(),
    startGotifySide(),
  ]);
  ends.push(() => shared.stop(), north.stop, south.stop);
  ada = addUser("ada");
  bob = addUser("bob");
  stage = await startSeveralAgents({
    template: inject("installedState"),
    parent: inject("homesFolder"),
    agents: ["butler", "clerk", "mechanic"],
    bindings: [
      bind("butler", "ada"),
      bind("clerk", "bob"),
      bind("mechanic", "ada", ada.garage),
      bind("mechanic", "bob", bob.garage),
      bind("butler", "north"),
      bind("clerk", "south"),
    ],
    session: { dmScope: "per-account-channel-peer" },
    gotify: {
      defaultAccount: "ada",
      dmPolicy: "allowlist",
      accounts: {
        ada: account(ada),
        bob: account(bob),
        north: north.account({ allowFrom: [north.person.id] }),
        // The second entry is north's application, in the form that logs and sessions show.
        south: south.account({ allowFrom: [south.stranger.id, `north/${north.person.id}`] }),
      },
    },
    script: (turn) => `${turn.model} heard ${turn.said.trim()}`,
  });
  ends.push(stage.stop);
  await connected(stage, "ada", "bob", "north", "south");
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

test("three agents and two users on one server: every message reaches its agent, every answer its user", async () => {
  const applications = [ada, bob].flatMap(({ bot, phone, garage }) => [
    bot.id,
    phone.id,
    garage.id,
  ]);
  expect(new Set(applications).size).toBe(applications.length);

  const lines: readonly Line[] = Array.from({ length: ROUNDS }, (_, round) => [
    line(`ada-phone-${round}.`, ada.phone, "butler", ada),
    line(`bob-phone-${round}.`, bob.phone, "clerk", bob),
    line(`ada-garage-${round}.`, ada.garage, "mechanic", ada),
    line(`bob-garage-${round}.`, bob.garage, "mechanic", bob),
  ]).flat();
  for (let at = 0; at < lines.length; at += lines.length / ROUNDS) {
    const round = lines.slice(at, at + lines.length / ROUNDS);
    for (const { from, says } of round) shared.push({ appid: from.id, message: says });
    const answered = at * 2 + round.length * 2;
    await waitFor("all answers of a round", () => shared.store.messages().length >= answered, {
      timeoutMs: FIRST_TURN_TIMEOUT_MS,
      explain: () => stage.gateway.output(),
    });
  }

  const stored = shared.store.messages().map(({ appid, message }) => `${appid}: ${message}`);
  const expected = lines.flatMap(({ from, says, agent, answeredIn }) => [
    `${from.id}: ${says}`,
    `${answeredIn.id}: ${agent} heard ${says}`,
  ]);
  expect(stored.toSorted()).toEqual(expected.toSorted());

  const asked = requestsWith(/(?:ada|bob)-\w+-\d\./g);
  expect(asked.map(({ agent, now }) => `${agent}: ${now.join()}`).toSorted()).toEqual(
    lines.map(({ agent, says }) => `${agent}: ${says}`).toSorted(),
  );
  // Nor does anything of another conversation stand in what came before: not even for the agent they share.
  for (const { now, ever } of asked) {
    const sources = new Set([...now, ...ever].map((says) => says.replace(/-\d\.$/, "")));
    expect([...sources]).toHaveLength(1);
  }
});

test("two servers with the same application ids: what one account grants lets nobody in through the other", async () => {
  expect([south.person.id, south.stranger.id]).toEqual([north.person.id, north.stranger.id]);

  await north.say("north-stranger.", north.stranger);
  await south.say("south-person.", south.person);
  await stage.gateway.waitForLog(/\[north\] Ignoring application 3:/);
  await stage.gateway.waitForLog(/\[south\] Ignoring application 2:/);
  await north.say("north-person.", north.person);
  await south.say("south-stranger.", south.stranger);
  await Promise.all([north.replyWith("north-person."), south.replyWith("south-stranger.")]);

  expect(storedIn(north)).toEqual([
    "3: north-stranger.",
    "2: north-person.",
    "1: butler heard north-person.",
  ]);
  expect(storedIn(south)).toEqual([
    "2: south-person.",
    "3: south-stranger.",
    "1: clerk heard south-stranger.",
  ]);
  const asked = requestsWith(/(?:north|south)-\w+\./g);
  expect(asked.toSorted((a, b) => a.agent.localeCompare(b.agent))).toEqual([
    { agent: "butler", now: ["north-person."], ever: ["north-person."] },
    { agent: "clerk", now: ["south-stranger."], ever: ["south-stranger."] },
  ]);
});

test("`openclaw config validate` refuses channels under agents, and takes bindings", async () => {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  const validate = async (agents: JsonObject, bindings: readonly JsonObject[]) => {
    const accounts = { ops: north.account(), alert: south.account() };
    writeConfig(home, { channels: { gotify: { accounts } }, agents, bindings });
    return runOpenClaw(home, ["config", "validate"]);
  };
  try {
    const asAskedFor = await validate(
      {
        "ops-agent": { channels: { gotify: { accounts: ["ops"] } } },
        "alert-agent": { channels: { gotify: { accounts: ["alert"] } } },
      },
      [],
    );
    expect(asAskedFor.code).toBe(1);
    expect(asAskedFor.stdout + asAskedFor.stderr).toContain(
      'agents: Unrecognized keys: "ops-agent", "alert-agent"',
    );

    const asTheHostWantsIt = await validate(
      { ownership: "explicit", entries: { "ops-agent": {}, "alert-agent": {} } },
      [bind("ops-agent", "ops"), bind("alert-agent", "alert")],
    );
    expect(asTheHostWantsIt.code, asTheHostWantsIt.stdout + asTheHostWantsIt.stderr).toBe(0);
  } finally {
    home.remove();
  }
});

function addUser(name: string): User {
  const { id: userId } = shared.createUser(name);
  return {
    bot: shared.createApplication(`OpenClaw of ${name}`, { userId }),
    phone: shared.createApplication(`${name}'s phone`, { userId }),
    garage: shared.createApplication(`${name}'s garage`, { userId }),
    reader: shared.createClient(`OpenClaw of ${name}`, { userId }),
  };
}

function account({ bot, phone, garage, reader }: User): JsonObject {
  return {
    serverUrl: shared.url,
    appToken: bot.token,
    clientToken: reader.token,
    allowFrom: [phone.id, garage.id],
  };
}

function line(says: string, from: Credential, agent: string, { bot }: User): Line {
  return { says, from, agent, answeredIn: bot };
}

/** Every request of the model that is about one of these words: which agent, what it was asked, what it ever heard. */
function requestsWith(words: RegExp): { agent: string; now: string[]; ever: string[] }[] {
  const find = (text: string): string[] => [...new Set(text.match(words))];
  return stage.model.requests.flatMap((turn) => {
    const found = {
      agent: turn.model,
      now: find(turn.said),
      ever: find(turn.userTexts.join("\n")),
    };
    return found.ever.length > 0 ? [found] : [];
  });
}

function storedIn(side: GotifySide): string[] {
  return side.emulator.store.messages().map(({ appid, message }) => `${appid}: ${message}`);
}
