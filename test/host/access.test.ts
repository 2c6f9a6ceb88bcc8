// Owns who is let in on a real Gateway: pairing from the first push to the approval, the three rights, and ids that somebody else got.
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { isOlderHost } from "../support/openclaw.ts";
import { gate, waitFor } from "../support/wait.ts";
import { connected, openStage, untilHandled, warmUp, type Stage } from "./stage.ts";

const STATUS = isOlderHost() ? "gotify" : "channels";

let stage: Stage;
let side: GotifySide;
/** A Gotify 2, which knows applications by their names only. */
let old: GotifySide;
/** A Gotify 3 whose strangers are sent no codes. */
let quiet: GotifySide;
/** A Gotify 2 of which everything may talk. */
let crowd: GotifySide;
/** May talk, and nothing else. */
let machine: Credential;
/** May talk and approve. */
let approver: Credential;
/** A machine that only reports: it is to be left alone. */
let meter: Credential;

/** What `openclaw pairing list --json` prints, as far as it is looked at. */
const PairingList = z.object({
  requests: z.array(z.object({ id: z.string(), code: z.string() })),
});

beforeAll(async () => {
  [side, old, quiet, crowd] = await Promise.all([
    startGotifySide(),
    startGotifySide({ personality: "v2" }),
    startGotifySide(),
    startGotifySide({ personality: "v2" }),
  ]);
  machine = side.emulator.createApplication("Backup");
  approver = side.emulator.createApplication("Watch");
  meter = side.emulator.createApplication("Meter");
  stage = await openStage({
    gotify: {
      ...side.account({
        dmPolicy: "pairing",
        allowFrom: [side.person.id, machine.id, approver.id],
        commandsFrom: [side.person.id],
        approvers: [approver.id],
        inbound: { ignore: [`app:${meter.id}`] },
      }),
      accounts: {
        old: old.account({ allowFrom: [old.person.id] }),
        quiet: quiet.account({ dmPolicy: "pairing", pairing: { replies: false } }),
        crowd: crowd.account({
          dmPolicy: "open",
          allowFrom: ["*"],
          commandsFrom: [crowd.person.id],
        }),
        twin: side.account({ clientToken: side.emulator.createClient("Twin").token }),
      },
    },
    script: ({ said }) => `Re: ${said}`,
    // Where the host asks for decisions.
    sections: {
      approvals: {
        exec: {
          enabled: true,
          mode: "targets",
          targets: [{ channel: "gotify", to: String(approver.id), accountId: "default" }],
        },
      },
    },
  });
  await connected(stage, "default", "old", "quiet", "crowd");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
    await old.stop();
    await quiet.stop();
    await crowd.stop();
  };
});

/** The codes that were sent into the agent's application. */
async function codes(of: GotifySide): Promise<string[]> {
  const texts = (await of.replies()).map(({ message }) => message);
  return texts.filter((text) => text.includes("Pairing code"));
}

const wasAsked = (text: string): boolean =>
  stage.model.requests.some(({ said }) => said.includes(text));

test("a second account of the same user stands back, and says why", async () => {
  const [line] = await stage.gateway.waitForLog(/\[twin\] The accounts .*/);
  expect(line).toContain('"default" and "twin" receive the same messages of the same Gotify user');
  await side.say("who answers?");
  await side.replyWith("Re: who answers?");
  expect(stage.gateway.output()).not.toContain("[twin] Connected");
});

test("a command is carried out for who may give them", async () => {
  await side.say("/status");
  // Its first line is a heading, and so the title.
  const status = await waitFor("the status", async () =>
    (await side.replies()).find(({ title, message }) =>
      `${title} ${message}`.includes("OpenClaw 20"),
    ),
  );
  expect(status.message).not.toContain("Not carried out");
});

test("a stranger gets one code, is let in by it, hears of it, and talks", async () => {
  await side.say("let me in", side.stranger);
  const challenge = await side.replyWith("Pairing code");
  expect(challenge.message).toContain(`${side.stranger.id} (Somebody else), account default`);
  expect(challenge.message).toContain("OpenClaw has no owner yet");
  expect(challenge.priority).toBe(5);

  await side.say("hello?", side.stranger);
  await side.say("is it quiet?");
  await side.replyWith("Re: is it quiet?");
  expect(await codes(side)).toHaveLength(1);

  const [, code] = /pairing approve gotify (\S+)/.exec(challenge.message) ?? [];
  const { code: exit } = await stage.gateway.run("pairing", "approve", "gotify", code ?? "");
  expect(exit).toBe(0);
  await side.replyWith("Approved");
  await side.say("now then", side.stranger);
  await side.replyWith("Re: now then");
  expect(wasAsked("let me in")).toBe(false);
});

test("an application that is to be ignored is sent no code, when another one is, and starts no turn", async () => {
  const visitor = side.emulator.createApplication("Visitor");
  await side.say("21 degrees", meter);
  await side.say("good morning", visitor);
  await side.replyWith(`Your Gotify application: ${visitor.id}`);
  await side.say("22 degrees", meter);
  await side.say("anybody there?", visitor);
  // What is still under way for the others is through before an answer of the agent.
  await side.say("quiet again?");
  await side.replyWith("Re: quiet again?");
  const challenged = (await codes(side)).map((text) => /Your Gotify application: (\d+)/.exec(text));
  expect(challenged.map((found) => Number(found?.[1]))).toEqual([side.stranger.id, visitor.id]);
  expect([wasAsked("degrees"), wasAsked("good morning")]).toEqual([false, false]);
});

test("an application is sent one code, however many conversations its messages name at once", async () => {
  const names = ["ada", "bob", "cleo", "dan", "eve"];
  const newcomer = side.emulator.createApplication("Newcomer");
  const said = await Promise.all(
    names.map((peerId) => side.say("hello", newcomer, { extras: { openclaw: { peerId } } })),
  );
  for (const message of said) await untilHandled(stage, "default", message);
  const sent = (await codes(side)).filter((text) =>
    text.includes(`application: ${newcomer.id} (Newcomer)`),
  );
  expect(sent).toHaveLength(1);
});

test("once the host has an owner, whose commands it drops for that is told so", async () => {
  // The approval has changed the configuration, which the Gateway takes up in its own time.
  const answer = await waitFor(
    "the host to know its owner",
    async () => {
      await side.say("/status");
      return (await side.replies()).find(({ message }) => message.startsWith("Not carried out"));
    },
    { intervalMs: 1_000 },
  );
  expect(answer.message).toContain(`"gotify:default/${side.person.id}" to commands.ownerAllowFrom`);
});

describe("an approval", () => {
  test("by the approver counts, also while a turn runs, and by nobody else", async () => {
    const door = gate();
    stage.model.script(async ({ said }) => {
      if (said.includes("think")) await door.opened;
      return `Re: ${said}`;
    });
    await side.say("think", approver);
    await waitFor("the turn", () => wasAsked("think"));

    const decision = stage.gateway.run(
      "gateway",
      "call",
      "exec.approval.request",
      "--timeout",
      "60000",
      "--json",
      "--params",
      JSON.stringify({ id: "test-approval", command: "rm -rf /", timeoutMs: 60_000 }),
    );
    const request = await side.replyWith("test-approval", { timeoutMs: 60_000 });
    expect(request.message).toContain("/approve");

    // Talking gives no right to it: the text goes to the agent. Neither does commanding.
    await side.say("/approve test-approval allow-once", machine);
    await waitFor("the machine's text in a turn", () => wasAsked("/approve test-approval"));
    await side.say("/approve test-approval allow-once");
    await side.replyWith("may not approve");

    await side.say("/approve test-approval deny", approver);
    // The newer hosts say that it was submitted, too.
    await side.replyWith("Exec approval denied").finally(door.open);
    expect((await decision).stdout).toContain("deny");
    await side.replyWith("Re: think");
  });
});

test.each([
  {
    how: "by a new name on Gotify 2, which tells nothing else",
    account: "old",
    server: () => old,
    replace: async () => {
      await old.rename(old.person, "Grafana");
      await old.emulator.goDown();
      await old.emulator.comeBack();
    },
    difference: /it was "Ada's phone", and is now "Grafana"\./,
  },
  {
    how: "under the same name on Gotify 3, which tells when it was created, after a reset",
    account: "quiet",
    server: () => quiet,
    replace: () => quiet.startAnew(),
    difference:
      /it was "Ada's phone" \(created ([^)]+)\), and is now "Ada's phone" \(created (?!\1)[^)]+\)\./,
  },
])(
  "an id that somebody else has got is suspended, until a person confirms it: $how",
  async ({ account, server, replace, difference }) => {
    const gotify = server();
    const { id } = gotify.person;
    await gotify.say(`before in ${account}`);
    await gotify.replyWith(`Re: before in ${account}`);
    await replace();
    const [line] = await stage.gateway.waitForLog(
      new RegExp(`\\[${account}\\] Application ${id} is not the one that was let in.*`),
    );
    expect(line).toMatch(difference);
    const command = `openclaw gotify grants confirm ${id} --account ${account}`;
    expect(line).toContain(command);

    await gotify.say(`in between in ${account}`);
    const [status, list] = await Promise.all([
      stage.gateway.run(STATUS, "status"),
      stage.gateway.run("gotify", "grants", "--json", "--account", account),
    ]);
    expect(status.stdout.split("\n")).toContainEqual(expect.stringContaining(command));
    expect(JSON.parse(list.stdout)).toMatchObject({
      grants: [{ account, application: id, name: "Ada's phone", suspended: true }],
    });
    const right = await stage.gateway.run(...command.split(" ").slice(1));
    expect([right.code, right.stdout]).toEqual([
      0,
      expect.stringContaining(`Confirmed in account ${account}`),
    ]);
    await gotify.say(`after in ${account}`);
    await gotify.replyWith(`Re: after in ${account}`);
    expect(wasAsked(`in between in ${account}`)).toBe(false);
    expect((await stage.gateway.run(STATUS, "status")).stdout).not.toContain(command);
  },
);

test("where everybody may talk, who has got the id of one with rights may not, and everybody else goes on", async () => {
  const { person, stranger } = crowd;
  for (const who of [person, stranger]) {
    await crowd.say(`hello from ${who.id}`, who);
    await crowd.replyWith(`Re: hello from ${who.id}`);
  }
  await crowd.rename(person, "Grafana");
  await crowd.rename(stranger, "Zabbix");
  await crowd.emulator.goDown();
  await crowd.emulator.comeBack();
  const [line] = await stage.gateway.waitForLog(
    /\[crowd\] Application (\d+) is not the one that was let in.*/,
  );
  expect(line).toContain(`Application ${person.id} `);
  await crowd.say("an alert", person);
  await crowd.say("another alert", stranger);
  await crowd.replyWith("Re: another alert");
  const confirm = ["gotify", "grants", "confirm", String(person.id), "--account", "crowd"];
  expect(await stage.gateway.run(...confirm)).toMatchObject({ code: 0 });
  await crowd.say("it is me", person);
  await crowd.replyWith("Re: it is me");
  expect(wasAsked("an alert")).toBe(false);
});

test("an application that is not suspended has nothing to confirm", async () => {
  const wrong = await stage.gateway.run("gotify", "grants", "confirm", "99", "--account", "old");
  expect([wrong.code, wrong.stderr.trim()]).toEqual([
    1,
    "Nothing to confirm: application 99 is not suspended in account old. See openclaw gotify grants.",
  ]);
});

test("where no codes are sent, a stranger is only listed, and is let in without a push", async () => {
  await quiet.say("may I?", quiet.stranger);
  await stage.gateway.waitForLog(/\[quiet\] Application \d+ asks to talk to the agent/);
  const question = ["pairing", "list", "gotify", "--account", "quiet", "--json"];
  const { stdout } = await stage.gateway.run(...question);
  const { requests } = PairingList.parse(JSON.parse(stdout));
  expect(requests.map(({ id }) => id)).toEqual([`quiet/${quiet.stranger.id}`]);

  const approval = ["pairing", "approve", "gotify", requests[0]?.code ?? "", "--account", "quiet"];
  expect(await stage.gateway.run(...approval)).toMatchObject({ code: 0 });
  await stage.gateway.waitForLog(/\[quiet\] Application \d+ was approved/);
  await quiet.say("now then", quiet.stranger);
  await quiet.replyWith("Re: now then");
  const pushes = (await quiet.replies()).filter(({ message }) => !message.startsWith("Re: "));
  expect(pushes).toEqual([]);
  expect(wasAsked("may I?")).toBe(false);
});

test("a message of a server that counts anew is not taken for the one that had its id", async () => {
  // The first of this application was posted before the commands of the tests above, many seconds ago.
  old.emulator.store.resetMessages();
  const { id } = await old.say("after the reset");
  expect(id).toBe(1);
  await old.replyWith("Re: after the reset");
  const asked = stage.model.requests.filter(({ said }) => said.includes("after the reset"));
  expect(asked).toHaveLength(1);
});
