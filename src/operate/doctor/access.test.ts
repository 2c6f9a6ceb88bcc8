import { expect, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import { accountFolder } from "../../config/state-folder.ts";
import { createChallenges } from "../../journal/challenges.ts";
import { openJournal } from "../../journal/journal.ts";

test("who owns, commands, approves and talks is told by name", async () => {
  const { visit, account, emulator } = await openPractice();
  const machine = emulator.createApplication("Backup");
  const { of } = await visit(account({ allowFrom: ["2", `app:${machine.id}`], approvers: ["2"] }));
  expect(of("rights")).toEqual([
    'ok: Owner of OpenClaw: "Ada\'s phone" (2). May command: "Ada\'s phone" (2). May approve, besides owners: "Ada\'s phone" (2). May talk: "Ada\'s phone" (2), "Backup" (3).',
  ]);
  const open = await visit(account({ allowFrom: ["*"], dmPolicy: "open" }));
  expect(open.of("rights")).toEqual([textLike(/May talk: everybody \(\*\)\.$/)]);
  const pairing = await visit(account({ allowFrom: [], dmPolicy: "pairing" }));
  expect(pairing.of("rights")).toEqual([textLike(/May talk: whoever was let in by pairing\.$/)]);
});

test("applications that are named and are not there are told with the place", async () => {
  const { visit, account } = await openPractice();
  const { of } = await visit(
    account({
      allowFrom: ["2", "77", "Ada's phone"],
      commandsFrom: ["2", "78"],
      approvers: ["79"],
      inbound: { applications: [2, 80], ignore: ["81"], peerIdFrom: ["82"] },
      applications: { "83": { priority: 5 } },
    }),
  );
  const found = of("applications").join("\n");
  for (const [path, id] of [
    ["allowFrom", '"77", "Ada\'s phone"'],
    ["commandsFrom", '"78"'],
    ["approvers", '"79"'],
    ["inbound.applications", '"80"'],
    ["inbound.ignore", '"81"'],
    ["inbound.peerIdFrom", '"82"'],
    ["applications", '"83"'],
  ]) {
    expect(found).toContain(
      `warning: channels.gotify.${path} names what is no application of this Gotify user: ${id}. →`,
    );
  }
  expect(of("applications")).toHaveLength(7);
  expect(
    (await visit(account({ allowFrom: ["*", "accessGroup:family", "gotify:app:2"] }))).of(
      "applications",
    ),
  ).toEqual([textLike(/^ok: The user has 2 applications/)]);
});

test("machines that have used up the day's pairing codes are told by name, until they are put in their place", async () => {
  const { visit, account, emulator, stateDir } = await openPractice();
  const machines = ["Backup", "Grafana", "Meter"].map((name) => emulator.createApplication(name));
  const { journal } = openJournal(accountFolder(stateDir, "default"));
  const challenges = createChallenges(journal);
  const [first = 0, second = 0, third = 0] = machines.map(({ id }) => id);
  challenges.noteChallenge(first);
  challenges.noteChallenge(second);
  const pairing = { dmPolicy: "pairing" };
  expect((await visit(account(pairing))).of("pairing")).toEqual([]);
  challenges.noteChallenge(third);
  challenges.noteAnnounced(third);
  journal.close();
  expect((await visit(account(pairing))).of("pairing")).toEqual([
    'warning: The day\'s three pairing codes are used up, so unknown applications that ask now are sent none. "Backup" (3), "Grafana" (4) had one, and were not approved. → ' +
      "Put machines into channels.gotify.inbound.ignore, and a person's application into channels.gotify.allowFrom: it needs no code then.",
  ]);
  const mended = {
    ...pairing,
    allowFrom: ["2", String(first)],
    inbound: { ignore: [`${second}`] },
  };
  expect((await visit(account(mended))).of("pairing")).toEqual([]);
  expect((await visit(account())).of("pairing")).toEqual([]);
});

test("what the security audit finds is found here, once, with its remedy", async () => {
  const { visit, account, emulator } = await openPractice();
  const machine = emulator.createApplication("Backup");
  const { of, ok } = await visit(account({ approvers: [String(machine.id)] }));
  expect(of("security")).toEqual([
    textLike(
      /^warning: channels\.gotify\.approvers holds an application that nobody chats through\. .* → Remove it/,
    ),
  ]);
  // Messages get through.
  expect(ok).toBe(true);
});

test("priorities that phones keep silent about are told with the place", async () => {
  const { visit, account } = await openPractice();
  const { of } = await visit(
    account({
      defaultPriority: 0,
      priorities: { approval: 2 },
      applications: { "2": { priority: "min" } },
    }),
  );
  expect(of("priority")).toEqual([
    textLike(
      /^warning: Answers are posted with priority 0, silent on phones.* → Set channels\.gotify\.defaultPriority to 4/,
    ),
    textLike(
      /^warning: Requests for an approval .* priority 2, phones show it without a sound.* → Set channels\.gotify\.priorities\.approval/,
    ),
    textLike(
      /^warning: Answers to application 2 .*silent.* → Set channels\.gotify\.applications\.2\.priority/,
    ),
  ]);
  expect((await visit(account({ defaultPriority: 4 }))).of("priority")).toEqual([
    textLike(/^ok: /),
  ]);
});

test("an account that cannot work is told by its own problem, and no server is asked", async () => {
  const { visit, account, emulator } = await openPractice();
  const { of, ok } = await visit(account({ appToken: "", clientTokenFile: "/nowhere" }));
  expect(ok).toBe(false);
  expect(of("configuration")).toEqual([textLike(/^error: No application is set to answer with/)]);
  expect(emulator.store.requests()).toEqual([]);
  const replyTo = await visit(account({ clientToken: undefined, replyTo: "origin" }));
  expect(replyTo.of("reply-to")).toEqual([
    textLike(/^warning: .*replyTo "origin", but no client token/),
  ]);
});
