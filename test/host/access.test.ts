// Owns who is let in on a real Gateway: pairing from the first push to the approval, the three rights, and ids that somebody else got.
import { beforeAll, describe, expect, test } from "vitest";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { gate, waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

let stage: Stage;
let side: GotifySide;
/** A Gotify 2, which knows applications by their names only. */
let old: GotifySide;
/** May talk, and nothing else. */
let machine: Credential;
/** May talk and approve. */
let approver: Credential;

beforeAll(async () => {
  [side, old] = await Promise.all([startGotifySide(), startGotifySide({ personality: "v2" })]);
  machine = side.emulator.createApplication("Backup");
  approver = side.emulator.createApplication("Watch");
  stage = await openStage({
    gotify: {
      ...side.account({
        dmPolicy: "pairing",
        allowFrom: [side.person.id, machine.id, approver.id],
        commandsFrom: [side.person.id],
        approvers: [approver.id],
      }),
      accounts: {
        old: old.account({ allowFrom: [old.person.id] }),
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
  await connected(stage, "default", "old");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
    await old.stop();
  };
});

test("a second account of the same user stands back, and says why", async () => {
  const [line] = await stage.gateway.waitForLog(/\[twin\] The accounts .*/);
  expect(line).toContain('"default" and "twin" receive the same messages of the same Gotify user');
  await side.say("who answers?");
  await side.replyWith("Re: who answers?");
  expect(stage.gateway.output()).not.toContain("[twin] Connected");
});

test("a command is carried out for who may give them", async () => {
  await side.say("/status");
  expect((await side.replyWith("OpenClaw 20")).message).not.toContain("Not carried out");
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
  const codes = (await side.replies()).filter(({ message }) => message.includes("Pairing code"));
  expect(codes).toHaveLength(1);

  const [, code] = /pairing approve gotify (\S+)/.exec(challenge.message) ?? [];
  const { code: exit } = await stage.gateway.run("pairing", "approve", "gotify", code ?? "");
  expect(exit).toBe(0);
  await side.replyWith("Approved");
  await side.say("now then", side.stranger);
  await side.replyWith("Re: now then");
  expect(stage.model.requests.some(({ said }) => said.includes("let me in"))).toBe(false);
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
    await waitFor("the turn", () =>
      stage.model.requests.some(({ said }) => said.includes("think")),
    );

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
    await waitFor("the machine's text in a turn", () =>
      stage.model.requests.some(({ said }) => said.includes("/approve test-approval")),
    );
    await side.say("/approve test-approval allow-once");
    await side.replyWith("may not approve");

    await side.say("/approve test-approval deny", approver);
    // The newer hosts say that it was submitted, too.
    await side.replyWith("Exec approval denied").finally(door.open);
    expect((await decision).stdout).toContain("deny");
    await side.replyWith("Re: think");
  });
});

test("an id that somebody else has got is suspended, until a person confirms it", async () => {
  await old.say("before");
  await old.replyWith("Re: before");
  const renamed = await fetch(`${old.url}/application/${old.person.id}`, {
    method: "PUT",
    headers: { "x-gotify-key": old.reader.token, "content-type": "application/json" },
    body: JSON.stringify({ name: "Grafana" }),
  });
  expect(renamed.status).toBe(200);
  await old.emulator.goDown();
  await old.emulator.comeBack();
  const [line] = await stage.gateway.waitForLog(
    /\[old\] Application \d+ is not the one that was let in.*/,
  );
  expect(line).toContain('it was "Ada\'s phone", and is now "Grafana"');
  const command = `openclaw gotify grants confirm ${old.person.id} --account old`;
  expect(line).toContain(command);

  await old.say("in between");
  const list = await stage.gateway.run("gotify", "grants", "--json", "--account", "old");
  expect(JSON.parse(list.stdout)).toMatchObject({
    grants: [{ account: "old", application: old.person.id, name: "Ada's phone", suspended: true }],
  });
  const wrong = await stage.gateway.run("gotify", "grants", "confirm", "99", "--account", "old");
  expect([wrong.code, wrong.stderr.trim()]).toEqual([
    1,
    "Nothing to confirm: application 99 is not suspended in account old. See openclaw gotify grants.",
  ]);
  const right = await stage.gateway.run(...command.split(" ").slice(1));
  expect([right.code, right.stdout]).toEqual([
    0,
    expect.stringContaining("Confirmed in account old"),
  ]);
  await old.say("after");
  await old.replyWith("Re: after");
  expect(stage.model.requests.some(({ said }) => said.includes("in between"))).toBe(false);
});

test("a message of a server that counts anew is not taken for the one that had its id", async () => {
  // The first of this application was posted before the commands of the test above, many seconds ago.
  old.emulator.store.resetMessages();
  const { id } = await old.say("after the reset");
  expect(id).toBe(1);
  await old.replyWith("Re: after the reset");
  const asked = stage.model.requests.filter(({ said }) => said.includes("after the reset"));
  expect(asked).toHaveLength(1);
});
