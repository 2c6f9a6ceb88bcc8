// Owns what a change of the configuration does to a running Gateway: a policy holds for the next message without a reconnect, and one account's trouble is no other's.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { isOlderHost, writeConfig, type JsonObject } from "../support/openclaw.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

let stage: Stage;
/** Two accounts of one user live here. */
let side: GotifySide;
let other: GotifySide;
/** What was started has to end, also when the start of the next thing fails. */
const ends: (() => Promise<void>)[] = [];
let home: JsonObject;
/** Stands behind `home`, with the same client token. */
let twin: JsonObject;
let office: JsonObject;
let changes = 0;
let reconnects = Number.NaN;

beforeAll(async () => {
  [side, other] = await Promise.all([startGotifySide(), startGotifySide()]);
  ends.push(side.stop, other.stop);
  home = side.account({
    commandsFrom: [side.person.id],
    inbound: { applications: [side.person.id, side.stranger.id] },
  });
  twin = side.account({
    allowFrom: [side.stranger.id],
    inbound: { applications: [side.stranger.id] },
  });
  office = other.account();
  stage = await openStage({
    gotify: { accounts: { home, twin, office } },
    script: ({ said }) => `Re: ${said}`,
  });
  ends.push(stage.stop);
  await connected(stage, "home", "office");
  await warmUp(side);
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Writes sections of the configuration, and waits until all of it is in force in the running Gateway. */
async function change(sections: JsonObject): Promise<void> {
  const mark = stage.gateway.mark();
  changes += 1;
  // What needs no restart is taken up without a word; a change here is announced once all is in force.
  const cron = { enabled: false, sessionRetention: `${changes}h` };
  writeConfig(stage.home, { ...sections, cron });
  await stage.gateway.waitForLog(/config hot reload applied \(.*cron/, { since: mark });
}

/** Writes the accounts with these changes, for this test and those after it. */
function accounts(changed: Record<string, JsonObject>): JsonObject {
  home = { ...home, ...changed["home"] };
  twin = { ...twin, ...changed["twin"] };
  office = { ...office, ...changed["office"] };
  return { channels: { gotify: { accounts: { home, twin, office } } } };
}

/** How often the plugin has opened a stream. */
function streams(of: GotifySide): number {
  return of.emulator.store.requests().filter(({ url }) => url.startsWith("/stream")).length;
}

const wasAsked = (text: string): boolean =>
  stage.model.requests.some(({ said }) => said.includes(text));

test("who may talk and command is changed for the next message", async () => {
  const before = [streams(side), streams(other)];
  await side.say("not yet", side.stranger);
  await stage.gateway.waitForLog(/\[home\] Ignoring application 3/);

  await change(
    accounts({ home: { allowFrom: [side.person.id, side.stranger.id], commandsFrom: [] } }),
  );
  await side.say("and now", side.stranger);
  await side.replyWith("Re: and now");
  // No longer a command, so the agent reads it.
  await side.say("/status");
  await waitFor("the text in a turn", () => wasAsked("/status"));

  await change(accounts({ home: { dmPolicy: "disabled" } }));
  await side.say("is anybody there?");
  await stage.gateway.waitForLog(/\[home\] Ignoring application 2: dmPolicy is disabled/);
  await change(accounts({ home: { dmPolicy: "allowlist", allowFrom: [side.person.id] } }));
  await side.say("back again");
  await side.replyWith("Re: back again");
  expect([wasAsked("not yet"), wasAsked("is anybody there?")]).toEqual([false, false]);
  expect(streams(other)).toBe(before[1]);
  reconnects = streams(side) - (before[0] ?? 0);
});

// The first supported hosts know no `accounts.*` among what is read live.
test.skipIf(isOlderHost())("and no account has reconnected for that", () => {
  expect(reconnects).toBe(0);
});

// The first supported hosts restart the whole channel for what all channels share.
test.skipIf(isOlderHost())(
  "so are a group's members and the host's owners, which all channels share",
  async () => {
    await change(accounts({ home: { allowFrom: [side.person.id, "accessGroup:family"] } }));
    const before = [streams(side), streams(other)];
    await change({
      accessGroups: {
        family: { type: "message.senders", members: { gotify: [String(side.stranger.id)] } },
      },
      commands: { ownerAllowFrom: [`gotify:home/${side.person.id}`] },
    });
    await side.say("as one of the family", side.stranger);
    await side.replyWith("Re: as one of the family");
    expect([streams(side), streams(other)]).toEqual(before);
  },
);

test("a change of how one account connects restarts that one alone", async () => {
  const before = [streams(side), streams(other)];
  await change(accounts({ office: { inbound: { reconnectDelayMs: 1_500 } } }));
  await waitFor("a new stream of the office", () => streams(other) === (before[1] ?? 0) + 1);
  await other.say("after the restart");
  await other.replyWith("Re: after the restart");
  expect(streams(side)).toBe(before[0]);
});

test("a bad token of one account stops nobody else", async () => {
  const before = streams(side);
  await change(accounts({ office: { clientToken: "Cnobody0123456" } }));
  await stage.gateway.waitForLog(/\[office\] .*Trying again every few minutes/);
  await side.say("still well?");
  await side.replyWith("Re: still well?");
  expect(streams(side)).toBe(before);
});

test("an account that stands back begins as soon as the earlier one gives way, and stands back again", async () => {
  expect(stage.gateway.output()).toMatch(
    /\[twin\] The accounts "home" and "twin" receive the same messages/,
  );
  expect(stage.gateway.output()).not.toContain("[twin] Connected");
  await change(accounts({ home: { inbound: { applications: [side.person.id] } } }));
  await stage.gateway.waitForLog(/\[twin\] Connected/, { timeoutMs: 20_000 });
  await side.say("to the twin", side.stranger);
  await side.replyWith("Re: to the twin");
  expect(stage.model.requests.filter(({ said }) => said.includes("to the twin"))).toHaveLength(1);

  const mark = stage.gateway.mark();
  await change(
    accounts({ home: { inbound: { applications: [side.person.id, side.stranger.id] } } }),
  );
  await stage.gateway.waitForLog(/\[twin\] The accounts "home" and "twin"/, { since: mark });
  await side.say("to home again");
  await side.replyWith("Re: to home again");
  const { stdout } = await stage.gateway.run("gotify", "status", "--json");
  expect(stdout).toContain("receive the same messages");
});
