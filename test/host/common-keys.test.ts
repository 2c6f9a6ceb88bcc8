// Owns the keys that every OpenClaw channel has, where only a running Gateway shows that they do what they say.
import { beforeAll, expect, test } from "vitest";
import type { ModelTurn } from "../support/scripted-model.ts";
import { startGotifySide, type GotifySide, type StoredMessage } from "../support/gotify-side.ts";
import { hostVersion } from "../support/openclaw.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

/** 2026.8.1 joins the paragraphs that come within a second, and the scripted model sends all of them at once. */
const FEWEST_PARTS = hostVersion().startsWith("2026.8.") ? 1 : 2;

/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const TABLE = "Here it is:\n\n| Disk | Free |\n| --- | --- |\n| sda | 7 % |";
/** Longer than a block, shorter than a message. */
const PARAGRAPHS = ["One", "Two", "Three"].map(
  (name) => `${name} ${"is a paragraph of many words. ".repeat(20).trim()}`,
);

let stage: Stage;
/** An account that inherits, and one that says the same keys otherwise. */
let heir: GotifySide;
let own: GotifySide;

beforeAll(async () => {
  [heir, own] = await Promise.all([startGotifySide(), startGotifySide()]);
  const inbound = { applications: [own.stranger.id] };
  const turnedAway = (clientToken: string) => own.account({ clientToken, inbound });
  stage = await openStage({
    gotify: {
      responsePrefix: "[bot]",
      capabilities: ["pushNotifications"],
      dmHistoryLimit: 1,
      markdown: { tables: "code" },
      mediaMaxMb: 0.000_05,
      streaming: { chunkMode: "newline", block: { enabled: true } },
      healthMonitor: { enabled: false },
      accounts: {
        // Without a connection for good, both.
        left: turnedAway("CgeheimRevoked1"),
        watched: { ...turnedAway("CgeheimRevoked2"), healthMonitor: { enabled: true } },
        heir: heir.account({ defaultTo: `app:${heir.person.id}` }),
        own: own.account({
          responsePrefix: "[own]",
          capabilities: ["ownWords"],
          dms: { [String(own.person.id)]: { historyLimit: 0 } },
          markdown: { tables: "off" },
          mediaMaxMb: 1,
          streaming: { block: { enabled: false } },
        }),
      },
    },
    script: answer,
  });
  await connected(stage, "heir", "own");
  await warmUp(heir);
  await warmUp(own);
  return async () => {
    await stage.stop();
    await Promise.all([heir.stop(), own.stop()]);
  };
});

test("responsePrefix stands in front of an answer", async () => {
  expect((await heir.replyWith("warm-up")).message).toMatch(/^\[bot\] Re: warm-up/);
  expect((await own.replyWith("warm-up")).message).toMatch(/^\[own\] Re: warm-up/);
});

test("the agent is told the capabilities", async () => {
  const told = async (side: GotifySide, text: string): Promise<string> => {
    const { system, userTexts } = await said(side, text);
    return /capabilities=\S*/.exec([system, ...userTexts].join("\n"))?.[0] ?? "";
  };
  expect(await told(heir, "heir: what can you do?")).toMatch(/pushNotifications/i);
  expect(await told(own, "own: what can you do?")).toMatch(/ownWords/i);
});

test("markdown.tables decides what becomes of a table", async () => {
  await heir.say("heir: show the table");
  expect((await heir.replyWith("sda")).message).toMatch(/```\nDisk +Free\n/);
  await own.say("own: show the table");
  expect((await own.replyWith("sda")).message).toContain("| sda | 7 % |");
});

test("mediaMaxMb decides which image the agent sees", async () => {
  const image = `![a pixel](data:image/png;base64,${PNG})`;
  expect((await said(heir, "heir: look at this", ` ${image}`)).images).toHaveLength(0);
  expect((await said(own, "own: look at this", ` ${image}`)).images).toHaveLength(1);
});

test("streaming.block pushes an answer paragraph by paragraph, and the other account's in one message", async () => {
  await heir.say("heir: tell me more");
  await own.say("own: tell me more");
  const parts = await waitFor("every paragraph", async () => {
    const about = (await heir.replies()).filter(({ message }) => message.includes("paragraph"));
    return about.some(({ message }) => message.includes("Three is")) ? about : undefined;
  });
  expect(parts.length).toBeGreaterThanOrEqual(FEWEST_PARTS);
  // Each once, in order.
  const all = textOf(parts);
  for (const paragraph of PARAGRAPHS) expect(all.split(paragraph)).toHaveLength(2);
  const whole = await own.replyWith("Three is");
  expect(textOf([whole])).toContain(PARAGRAPHS.join(" "));
});

test("dmHistoryLimit and dms bound what the model sees of the conversation", async () => {
  const turns = ["first", "second", "third", "fourth", "fifth"];
  for (const turn of turns) {
    await said(heir, `heir: ${turn}`);
    await heir.replyWith(`heir: ${turn}`);
    await said(own, `own: ${turn}`);
    await own.replyWith(`own: ${turn}`);
  }
  const seen = ({ userTexts }: ModelTurn, account: string): number =>
    userTexts.filter((text) => text.includes(`${account}: `)).length;
  // The host keeps up to half as many again, rounded up, besides the turn itself.
  expect(seen(await said(heir, "heir: last"), "heir")).toBeLessThanOrEqual(3);
  expect(seen(await said(own, "own: last"), "own")).toBeGreaterThan(turns.length);
});

test("defaultTo is where an answer goes that the host has no target for", async () => {
  const turn = ["agent", "--agent", "main", "--message", "to nobody in particular"];
  const deliver = ["--deliver", "--reply-channel", "gotify", "--reply-account", "heir"];
  const { code, stdout, stderr } = await stage.gateway.run(...turn, ...deliver);
  expect(code, stdout + stderr).toBe(0);
  const { extras } = await heir.replyWith("to nobody in particular");
  expect(extras).toMatchObject({ openclaw: { peerId: String(heir.person.id) } });
});

// Last: the host looks for the first time a minute after its start.
test("healthMonitor.enabled decides which accounts the Gateway's health monitor looks at", async () => {
  const { gateway } = stage;
  // The same is wrong with both, and the host comes to "left" first.
  await gateway.waitForLog(/\[left\] .*Trying again every few minutes/);
  await gateway.waitForLog(/\[watched\] .*Trying again every few minutes/);
  await gateway.waitForLog(/\[gotify:watched\] health-monitor: /, { timeoutMs: 90_000 });
  expect(gateway.output()).not.toMatch(/\[gotify:left\] health-monitor: /);
});

function answer({ said: words }: ModelTurn): string {
  const last = words.trim().split("\n").at(-1) ?? "";
  if (last.includes("show the table")) return TABLE;
  if (last.includes("tell me more")) return PARAGRAPHS.join("\n\n");
  return `Re: ${last.slice(0, 60)}`;
}

/** The turn in which the model is told it. */
async function said(side: GotifySide, text: string, more = ""): Promise<ModelTurn> {
  await side.say(`${text}${more}`);
  return waitFor(`a turn about "${text}"`, () =>
    stage.model.requests.find((turn) => turn.said.includes(text)),
  );
}

function textOf(messages: readonly StoredMessage[]): string {
  return messages
    .map(({ message }) => message)
    .join(" ")
    .replaceAll(/\s+/g, " ");
}
