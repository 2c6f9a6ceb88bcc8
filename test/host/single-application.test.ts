// Owns the chat in one application on a real Gateway: a person pushes into the application that the agent answers in.
import { beforeAll, expect, test } from "vitest";
import { startGotifySide, type GotifySide, type StoredMessage } from "../support/gotify-side.ts";
import { waitFor } from "../support/wait.ts";
import { connected, FIRST_TURN_TIMEOUT_MS, openStage, untilHandled, type Stage } from "./stage.ts";

let stage: Stage;
/** A Gotify 3, on which the web page and the app push with a client's token. */
let chat: GotifySide;
/** A Gotify 2, on which they push with the application's own. */
let old: GotifySide;
/** Here the agent's application was not let in, and may ask. */
let asking: GotifySide;
/** Here nobody may ask. */
let closed: GotifySide;

beforeAll(async () => {
  [chat, old, asking, closed] = await Promise.all([
    startGotifySide(),
    startGotifySide({ personality: "v2" }),
    startGotifySide(),
    startGotifySide(),
  ]);
  const itself = ({ bot }: GotifySide) => ({ allowFrom: [bot.id], commandsFrom: [bot.id] });
  stage = await openStage({
    gotify: {
      accounts: {
        chat: chat.account(itself(chat)),
        old: old.account(itself(old)),
        asking: asking.account({ dmPolicy: "pairing", allowFrom: [] }),
        closed: closed.account(),
      },
    },
    script: ({ said }) => `Re: ${said}`,
    // Without an owner, the approval below would make one, and the host would drop the others' commands.
    sections: { commands: { ownerAllowFrom: ["gotify:chat/1", "gotify:old/1"] } },
  });
  await connected(stage, "chat", "old", "asking", "closed");
  await say(chat, "warm-up");
  await chat.replyWith("Re: warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  return async () => {
    await stage.stop();
    await Promise.all([chat, old, asking, closed].map((side) => side.stop()));
  };
});

/** "Push message" on Gotify's web page, inside the agent's application: no title of one's own, no extras. */
async function say(side: GotifySide, message: string): Promise<StoredMessage> {
  if (side === old) return side.say(message, side.bot);
  const web = side.emulator.createClient("Web page");
  return side.say(message, { id: side.bot.id, token: web.token }, { appid: side.bot.id });
}

const texts = async (side: GotifySide): Promise<readonly string[]> =>
  (await side.replies()).map(({ message }) => message);

test.each([
  ["Gotify 3", () => chat],
  ["Gotify 2", () => old],
])("question and answer stand in one application, each once, on %s", async (_what, side) => {
  for (const question of ["how are you?", "and now?"]) {
    await say(side(), question);
    // Of the answer, which is in the same application: the question is not "Re:".
    const answer = await side().replyWith(`Re: ${question}`);
    expect(answer.appid).toBe(side().bot.id);
  }
  // An answer that was taken for a question would have been asked before this, in the same conversation.
  await say(side(), "the last");
  await side().replyWith("Re: the last");
  expect((await texts(side())).filter((text) => text !== "warm-up").slice(-6)).toEqual([
    "how are you?",
    "Re: how are you?",
    "and now?",
    "Re: and now?",
    "the last",
    "Re: the last",
  ]);
  expect(stage.model.requests.filter(({ said }) => said.includes("Re: "))).toEqual([]);
});

test("a command is carried out there, and what it answers is no question", async () => {
  await say(chat, "/status");
  await waitFor("the status", async () =>
    (await chat.replies()).find(({ title, message }) =>
      `${title} ${message}`.includes("OpenClaw 20"),
    ),
  );
  await say(chat, "after the status");
  await chat.replyWith("Re: after the status");
  const asked = stage.model.requests.filter(({ said }) => /\/status|OpenClaw 20/.test(said));
  expect(asked).toEqual([]);
});

test("where it was not let in, the agent's own application gets one code, and talks once that is approved", async () => {
  await say(asking, "may I?");
  const challenge = await asking.replyWith("Pairing code");
  expect(challenge.message).toContain(`Your Gotify application: ${asking.bot.id} (OpenClaw)`);
  // Before, it may wait for more of its conversation, and is judged by what holds afterwards.
  await untilHandled(stage, "asking", await say(asking, "hello?"));
  const [, code] = /pairing approve gotify (\S+)/.exec(challenge.message) ?? [];
  const approval = await stage.gateway.run("pairing", "approve", "gotify", code ?? "");
  expect(approval.code).toBe(0);
  await asking.replyWith("Approved");
  await say(asking, "now then");
  await asking.replyWith("Re: now then");
  // Neither the code nor the word of the approval, which stand there as well, was taken for a message.
  expect(await texts(asking)).toEqual([
    "may I?",
    challenge.message,
    "hello?",
    "Approved: you can talk to the agent now.",
    "now then",
    "Re: now then",
  ]);
});

test("where nobody may ask, the agent's own application is ignored like any other", async () => {
  await say(closed, "is anybody there?");
  await stage.gateway.waitForLog(
    new RegExp(`\\[closed\\] Ignoring application ${closed.bot.id}: it is not in allowFrom`),
  );
  await closed.say("I may");
  await closed.replyWith("Re: I may");
  expect(stage.model.requests.some(({ said }) => said.includes("is anybody there?"))).toBe(false);
});
