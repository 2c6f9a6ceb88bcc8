// Owns the two guides for the phone, followed to the letter: a chat with an agent, and approvals of what it wants to run.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { lastLines } from "../support/captured-process.ts";
import { startGotifySide, type GotifySide, type StoredMessage } from "../support/gotify-side.ts";
import { openGuide, type Reader } from "../support/guide.ts";
import { noteSecret } from "../support/leaks.ts";
import { isOlderHost, readConfig } from "../support/openclaw.ts";
import type { ModelAnswer, ModelTurn } from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const TEST_TIMEOUT_MS = 300_000;
/** A turn takes well under a second, on an idle machine. */
const POST_TIMEOUT_MS = 60_000;
/** Gotify 3 asks for it before an application is deleted. */
const PASSWORD = "typed-by-the-reader";
/** These hosts deny what a chat is asked to approve as soon as the agent's turn has ended. */
const WITHDRAWS_REQUESTS = isOlderHost();

let stage: Stage;
let side: GotifySide;
/** Where the agent's shell makes a file each time that it is allowed to. */
let workspace: string;

beforeAll(async () => {
  noteSecret(PASSWORD);
  side = await startGotifySide({ user: "ada", password: PASSWORD });
  stage = await openStage({
    // As `channels login` leaves it: the person's application may talk and command.
    gotify: side.account({ dmPolicy: "pairing", commandsFrom: [String(side.person.id)] }),
    script: answer,
  });
  workspace = join(stage.home.stateDir, "workspace");
  await connected(stage, "default");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
  };
});

test(
  "who writes from the phone is answered with a sound, remembered, obeyed, and answered quietly and in place if wished",
  async () => {
    const { reader, own } = open("phone-chat.md", "PHONE_ID=5", "AtokenOfPhone");
    const phone = await create(reader, own, "Phone", "PHONE_ID=5", "AtokenOfPhone");
    await reader.follow({ containing: "export PHONE_TOKEN" });
    await configure(reader, "channels add");
    const ids = [String(side.person.id), String(phone)];
    expect(gotifyConfig()).toMatchObject({ allowFrom: ids, commandsFrom: ids });

    await reader.follow({ containing: "last night's backup" });
    const answered = await postWith(side.bot.id, "31 GB");
    expect(answered).toMatchObject({ title: "Yes, it finished", priority: 5 });
    expect(turnAbout("backup finish").said).toBe("Did last night's backup finish?");
    // The question itself does not ring on the phone that it comes from.
    expect(messagesOf(phone)).toMatchObject([{ priority: 0 }]);

    await reader.follow({ containing: "What does this mean" });
    await postWith(side.bot.id, "Re: What does this mean");
    expect(turnAbout("187 Reported").answers.join()).toContain("31 GB");

    await reader.follow({ containing: "message=/status" });
    await postWith(side.bot.id, "Session status");
    await reader.follow({ containing: "message=/new" });
    await postWith(side.bot.id, "New session started");
    await reader.follow({ containing: "What did we talk about?" });
    await postWith(side.bot.id, "Re: What did we talk about?");
    const anew = turnAbout("What did we talk about?");
    expect([...anew.userTexts, ...anew.answers].join()).not.toMatch(/backup|187 Reported/);
    expect(stage.model.requests.filter(({ said }) => /\/(status|new)/.test(said))).toEqual([]);

    await configure(reader, "config patch");
    await reader.follow({ containing: "Where are you now?" });
    expect(await postWith(phone, "Re: Where are you now?")).toMatchObject({ priority: 2 });

    expect(await reader.follow({ containing: "doctor" })).toContain("Where are you now?");
    await undo(reader);
    expect(JSON.stringify(gotifyConfig())).not.toMatch(/origin|"low"/);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a command that the agent wants to run is allowed or denied by the approver alone, and runs once at most",
  async () => {
    const { reader, own, phone, backups } = await openApprovals();
    await reader.follow({ containing: "mktemp approved.XXXXXX" });
    const request = await requestFor("mktemp approved.XXXXXX", 1);
    expect(request.priority).toBe(8);
    if (WITHDRAWS_REQUESTS) return expectWithdrawal(reader, backups);

    const first = idIn(request);
    expect(await reader.follow({ containing: "export ID" })).toBe(`${first}\n`);
    await reader.follow({ containing: "$BACKUPS_TOKEN" });
    // The agent has it as text, in the machine's own conversation.
    await postWith(side.bot.id, `Re: /approve ${first} allow-once`);
    expect([messagesOf(backups).length, approved()]).toEqual([1, []]);
    await reader.follow({ containing: "$PHONE_TOKEN" });
    await postWith(side.bot.id, "Exec approval allowed once");
    await postWith(side.bot.id, "The shell said");
    const listed = await reader.follow({ containing: "approved.*" });
    expect(listed).toBe(`${join(workspace, approved()[0] ?? "")}\n`);

    const approver = await create(reader, own, "Approver", "APPROVER_ID=7", "AtokenOfApprover");
    await reader.follow({ containing: "export APPROVER_ID" });
    await configure(reader, "config patch");
    expect(gotifyConfig()).toMatchObject({ approvers: [String(approver)] });
    await reader.follow({ containing: "Once more" });
    const second = idIn(await requestFor("mktemp approved.XXXXXX", 2));
    await reader.follow({ containing: "export ID" });
    await reader.follow({ containing: "allow-once" });
    await postWith(side.bot.id, `Application ${phone} may not approve`);
    await reader.follow({ containing: "deny" });
    await postWith(side.bot.id, "Exec approval denied");
    await postWith(side.bot.id, "user-denied");
    const decided = messagesOf(side.bot.id).filter(({ message }) => message.includes("✅ Exec"));
    expect(decided.map(idIn)).toEqual([first, second]);
    expect(approved()).toHaveLength(1);

    expect(await reader.follow({ containing: "doctor" })).toContain(`app:${approver}`);
    await undo(reader);
    expect(readConfig(stage.home)["approvals"] ?? {}).toEqual({});
  },
  TEST_TIMEOUT_MS,
);

/** What the guide says of the older hosts: a request that nobody can answer any more, and nothing that runs. */
async function expectWithdrawal(reader: Reader, backups: number): Promise<void> {
  await postWith(side.bot.id, "Exec approval denied");
  await reader.follow({ containing: "export ID" });
  await reader.follow({ containing: "$BACKUPS_TOKEN" });
  await postWith(side.bot.id, "Re: /approve");
  await reader.follow({ containing: "$PHONE_TOKEN" });
  // The host's answer to it: nothing waits any more.
  await postWith(side.bot.id, "already resolved");
  expect([messagesOf(backups).length, approved()]).toEqual([1, []]);
}

function answer({ said, toolResults }: ModelTurn): ModelAnswer {
  if (said.includes("backup finish")) return "# Yes, it finished\n\n**31 GB** at 03:12.";
  const [, command] = /in the shell: (.+)$/m.exec(said) ?? [];
  if (command === undefined) return `Re: ${said}`;
  if (toolResults.length === 0) return { tool: "exec", input: { command } };
  return `The shell said: ${toolResults.join("\n")}`;
}

/** Opens a guide; what stands for an id and a token there is put in when the reader has made the application. */
function open(
  guide: string,
  ...written: string[]
): { reader: Reader; own: Record<string, string> } {
  const own: Record<string, string> = {
    "https://push.example.com": side.url,
    '["2"': `["${side.person.id}"`,
    ...Object.fromEntries(written.map((text) => [text, text])),
  };
  const home = { ...stage.home, env: { ...stage.home.env, GOTIFY_PASS: PASSWORD } };
  return { reader: openGuide({ guide: `docs/guides/${guide}`, home, own }), own };
}

/** The first blocks of the guide to approvals, until the Gateway asks before it runs anything. */
async function openApprovals(): Promise<
  ReturnType<typeof open> & Record<"phone" | "backups", number>
> {
  const values = ["PHONE_ID=5", "AtokenOfPhone", "BACKUPS_ID=6", "AtokenOfBackups"];
  const { reader, own } = open("approvals.md", ...values, "APPROVER_ID=7", "AtokenOfApprover");
  own["~/.openclaw/workspace"] = workspace;
  const said = await reader.follow({ containing: "apps create Backups", showsToken: true });
  const phone = putIn(own, said, "Phone", "PHONE_ID=5", "AtokenOfPhone");
  const backups = putIn(own, said, "Backups", "BACKUPS_ID=6", "AtokenOfBackups");
  await reader.follow({ containing: "export BACKUPS_ID" });
  await configure(reader, "config patch");
  return { reader, own, phone, backups };
}

async function create(
  reader: Reader,
  own: Record<string, string>,
  name: string,
  id: string,
  token: string,
): Promise<number> {
  const said = await reader.follow({ containing: `apps create ${name}`, showsToken: true });
  return putIn(own, said, name, id, token);
}

/** What was printed of a new application takes the place of the guide's id and token. */
function putIn(
  own: Record<string, string>,
  said: string,
  name: string,
  id: string,
  token: string,
): number {
  const printed = new RegExp(`^Created application (\\d+) \\(${name}\\)\\.\\nToken: (\\S+)$`, "m");
  const [, made, secret] = printed.exec(said) ?? [];
  if (made === undefined || secret === undefined) throw new Error(`No ${name}: ${said.length}`);
  own[id] = id.replace(/\d+$/, made);
  own[token] = secret;
  return Number(made);
}

/**
 * A block that changes the configuration, until all of it is in force in the running Gateway. Each such block also
 * changes something that is not read live: only that is announced once it is in force.
 */
async function configure(reader: Reader, containing: string): Promise<void> {
  const mark = stage.gateway.mark();
  await reader.follow({ containing });
  await stage.gateway.waitForLog(/config hot reload applied/, { since: mark });
}

/** The last block: the applications are gone, and the lists are what they were. */
async function undo(reader: Reader): Promise<void> {
  await configure(reader, "apps delete");
  expect(reader.left()).toBe(0);
  const lists = [String(side.person.id)];
  expect(gotifyConfig()).toMatchObject({ allowFrom: lists, commandsFrom: lists });
  expect(gotifyConfig()).not.toHaveProperty("approvers");
  expect(side.emulator.store.applications()).toHaveLength(3);
}

function gotifyConfig(): unknown {
  const { channels } = readConfig(stage.home);
  return channels !== null && typeof channels === "object" && "gotify" in channels
    ? channels.gotify
    : undefined;
}

/** The request for an approval; the older hosts push it a second time in other words. */
function requestFor(command: string, number: number): Promise<StoredMessage> {
  return waitFor(
    `request ${number} for ${command}`,
    () =>
      messagesOf(side.bot.id).filter(
        ({ message }) =>
          message.includes("Exec approval required") && message.includes(`\`${command}\``),
      )[number - 1],
    { timeoutMs: POST_TIMEOUT_MS, explain },
  );
}

function idIn({ message }: StoredMessage): string {
  return /\bID: ([0-9a-f]{8})-/.exec(message)?.[1] ?? message;
}

/** The files that the agent's shell has made. */
function approved(): string[] {
  const files = existsSync(workspace) ? readdirSync(workspace) : [];
  return files.filter((name) => name.startsWith("approved."));
}

function messagesOf(application: number): StoredMessage[] {
  return side.emulator.store.messages().filter(({ appid }) => appid === application);
}

/** Waits for a message of the agent or its host in this application. */
function postWith(application: number, text: string): Promise<StoredMessage> {
  return waitFor(
    `a post with "${text}"`,
    () =>
      messagesOf(application).find(
        ({ message, extras }) => message.includes(text) && extras?.["openclaw"] !== undefined,
      ),
    { timeoutMs: POST_TIMEOUT_MS, explain },
  );
}

/** What has been posted so far, and the Gateway's last lines. */
function explain(): string {
  const posts = side.emulator.store.messages().map(({ appid, message }) => `${appid}: ${message}`);
  return [...posts, lastLines(stage.gateway.output())].join("\n");
}

function turnAbout(text: string): ModelTurn {
  const turns = stage.model.requests.filter(({ said }) => said.includes(text));
  const [turn] = turns;
  if (turn === undefined || turns.length > 1) throw new Error(`${turns.length} turns: ${text}`);
  return turn;
}
