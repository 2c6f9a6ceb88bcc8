// Owns what becomes of messages when one account takes over from another of the same Gotify user: each is answered once, whoever receives it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { writeConfig, type JsonObject } from "../support/openclaw.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const TEST_TIMEOUT_MS = 240_000;

let stage: Stage;
let side: GotifySide;
const ends: (() => Promise<void>)[] = [];
let home: JsonObject;
/** Stands behind `home`, with another token of the same user. */
let twin: JsonObject;

beforeAll(async () => {
  side = await startGotifySide();
  ends.push(side.stop);
  const { person, stranger } = side;
  home = side.account({
    allowFrom: [person.id, stranger.id],
    inbound: { applications: [person.id] },
  });
  twin = side.account({
    clientToken: side.emulator.createClient("Twin").token,
    allowFrom: [stranger.id],
    inbound: { applications: [stranger.id] },
  });
  stage = await openStage({
    gotify: { accounts: { home, twin } },
    script: ({ said }) => `Re: ${said}`,
  });
  ends.push(stage.stop);
  await connected(stage, "home", "twin");
  await warmUp(side);
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Changes `home`, and waits until the log says this. */
async function changeHome(changed: JsonObject, until: RegExp): Promise<void> {
  const mark = stage.gateway.mark();
  home = { ...home, ...changed };
  writeConfig(stage.home, { channels: { gotify: { accounts: { home, twin } } } });
  await stage.gateway.waitForLog(until, { since: mark, timeoutMs: 90_000 });
}

async function ask(text: string): Promise<void> {
  await side.say(text, side.stranger);
  await side.replyWith(`Re: ${text}`);
}

test(
  "is answered by one of them, in whichever order they come and go",
  async () => {
    const both = { inbound: { applications: [side.person.id, side.stranger.id] } };
    const apart = { inbound: { applications: [side.person.id] } };
    const texts = ["alpha", "beta", "gamma", "delta", "epsilon"];
    const [first = "", second = "", third = "", fourth = "", fifth = ""] = texts;
    await ask(first);
    await changeHome(both, /\[twin\] The accounts "home" and "twin"/);
    await ask(second);
    await changeHome(apart, /\[twin\] (?:Connected|Caught up)/);
    // What had been answered before comes first, in the same conversation.
    await ask(third);
    await changeHome(both, /\[twin\] The accounts "home" and "twin"/);
    await ask(fourth);
    await changeHome({ enabled: false }, /\[twin\] (?:Connected|Caught up)/);
    await ask(fifth);
    await changeHome({ enabled: true }, /\[home\] (?:Connected|Caught up)/);
    await ask("the end");
    const asked = stage.model.requests.map(({ said }) => said);
    for (const text of [...texts, "the end"]) {
      expect(asked.filter((said) => said.includes(text))).toHaveLength(1);
    }
  },
  TEST_TIMEOUT_MS,
);

test(
  "stands back as soon as the server tells it to, also where it could not say so at first",
  async () => {
    await changeHome({ enabled: false }, /\[twin\] (?:Connected|Caught up)/);
    const mark = stage.gateway.mark();
    side.emulator.faults.tooManyRequests(1);
    await changeHome({ enabled: true }, /\[home\] .*(?:429|too many)/i);
    side.emulator.faults.tooManyRequests(undefined);
    await stage.gateway.waitForLog(/\[twin\] The accounts "home" and "twin"/, {
      since: mark,
      timeoutMs: 60_000,
    });
    await ask("after the refusal");
    await ask("after that");
    const asked = stage.model.requests.map(({ said }) => said);
    expect(asked.filter((said) => said.includes("after the refusal"))).toHaveLength(1);
  },
  TEST_TIMEOUT_MS,
);
