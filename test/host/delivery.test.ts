// Owns the promise on the way out: an answer that is cut short anywhere is stored once, by a real Gateway and its own queue.
import { expect, inject, onTestFinished, test } from "vitest";
import { startFaultyFront, type FaultyFront, type Spoiling } from "../support/faulty-front.ts";
import { startGateway, type Gateway } from "../support/gateway.ts";
import { startGotifySide, type GotifySide, type StoredMessage } from "../support/gotify-side.ts";
import { createHome, type OpenClawHome } from "../support/openclaw.ts";
import { startScriptedModel, type ScriptedModel } from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

/** The host looks at what a dead Gateway left after 35 s, and its next tries are up to two minutes apart. */
const RECOVERY_TIMEOUT_MS = 240_000;
const TEST_TIMEOUT_MS = 480_000;
const PART_BYTES = 600;

/** Where the answer of each account is cut short, and what its posts meet. */
const CUTS: Readonly<Record<string, readonly Spoiling[]>> = {
  before: ["hang"],
  between: ["pass", "hang"],
  after: ["stored-hang"],
};

interface Cut {
  readonly side: GotifySide;
  readonly front: FaultyFront;
}

test(
  "an answer that is cut short by a kill before its post, after it or between its parts is stored once",
  async () => {
    const cuts = new Map<string, Cut>();
    for (const name of Object.keys(CUTS)) {
      const side = await startGotifySide();
      onTestFinished(() => side.stop());
      cuts.set(name, { side, front: await startFaultyFront(side.url) });
    }
    const stage = await openTwice(
      {
        accounts: Object.fromEntries(
          [...cuts].map(([name, { side, front }]) => [
            name,
            side.account({ serverUrl: front.url, partBytes: PART_BYTES }),
          ]),
        ),
      },
      (said) => {
        const name = /cut (\w+)/.exec(said)?.[1];
        if (name === undefined) return `Re: ${said}`;
        cuts.get(name)?.front.spoil(...(CUTS[name] ?? []));
        return answerOf(name);
      },
    );
    let gateway = await stage.boot([...cuts.keys()]);
    for (const [name, { side, front }] of cuts) {
      await side.say("warm-up");
      await side.replyWith("warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
      await side.say(`cut ${name}`);
      await waitFor(
        `the answer of ${name} to be on its way`,
        () => front.spoiled.filter((fault) => fault !== "pass").length === 1,
      );
    }
    await gateway.kill();

    gateway = await stage.boot([...cuts.keys()]);
    // What is stored later shows that the server takes posts: what is not there by then was never taken.
    for (const { side } of cuts.values()) await side.say("are you back?");
    for (const [name, { side }] of cuts) {
      const whole = answerOf(name).split("\n\n");
      await waitFor(
        `the whole answer of ${name}`,
        async () =>
          whole.every((part) => texts(side, part).length > 0) || (await side.replies(), false),
        { timeoutMs: RECOVERY_TIMEOUT_MS, explain: () => gateway.output().slice(-6_000) },
      );
    }
    // Nothing is left in the host's queue that could still be posted.
    await waitFor(
      "the host to be done with all three",
      () => settledDeliveries(gateway.output()).size >= cuts.size,
      { timeoutMs: RECOVERY_TIMEOUT_MS, explain: () => gateway.output().slice(-6_000) },
    );
    for (const [name, { side }] of cuts) {
      for (const part of answerOf(name).split("\n\n")) {
        expect([name, texts(side, part).length]).toEqual([name, 1]);
      }
    }
  },
  TEST_TIMEOUT_MS,
);

test(
  "an answer that is given while Gotify is down arrives once when it is back",
  async () => {
    const side = await startGotifySide();
    onTestFinished(() => side.stop());
    const stage = await openTwice(side.account(), async (said) => {
      if (said.includes("outage")) await side.emulator.goDown();
      return `Re: ${said}`;
    });
    const gateway = await stage.boot(["default"]);
    await side.say("warm-up");
    await side.replyWith("warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
    await side.say("outage");
    await gateway.waitForLog(/Could not deliver .*|not reachable/, { timeoutMs: 60_000 });
    await side.emulator.comeBack();
    const reply = await side.replyWith("Re: outage", { timeoutMs: RECOVERY_TIMEOUT_MS });
    await side.say("next");
    await side.replyWith("Re: next", { timeoutMs: 60_000 });
    expect(await copies(side, reply)).toHaveLength(1);
  },
  TEST_TIMEOUT_MS,
);

test(
  "an answer whose post failed is not lost when its conversation goes on, nor with the process",
  async () => {
    const side = await startGotifySide();
    onTestFinished(() => side.stop());
    const front = await startFaultyFront(side.url);
    const stage = await openTwice(side.account({ serverUrl: front.url }), (said) => {
      if (said === "once") front.spoil(429);
      // The second refusal is for whoever tries it right after the first.
      if (said === "twice") front.spoil(429, 429);
      return `Re: ${said}`;
    });
    let gateway = await stage.boot(["default"]);
    const refusals = (): number => front.spoiled.filter((fault) => fault === 429).length;
    const ask = async (text: string): Promise<void> => {
      await side.say(text);
      await side.replyWith(`Re: ${text}`, { timeoutMs: FIRST_TURN_TIMEOUT_MS });
    };
    await ask("warm-up");

    await side.say("once");
    await waitFor("the answer to be refused", () => refusals() === 1);
    // The host would try it again after five seconds, were it still the newest of its conversation.
    await ask("the conversation goes on");
    await side.replyWith("Re: once", { timeoutMs: 60_000 });

    await side.say("twice");
    await waitFor("the answer to be refused twice", () => refusals() === 3, { timeoutMs: 60_000 });
    await gateway.kill();
    gateway = await stage.boot(["default"]);
    await ask("and on");
    await side.replyWith("Re: twice", { timeoutMs: 60_000 });
    // Longer than the host's own pause: nobody comes back with a second copy.
    await ask("and on again");
    expect(["once", "twice"].map((said) => texts(side, `Re: ${said}`).length)).toEqual([1, 1]);
  },
  TEST_TIMEOUT_MS,
);

/** Ids of the deliveries that the host is done with, however it says so. */
function settledDeliveries(output: string): Set<string> {
  const lines = output.matchAll(
    /(?:drained delivery|Delivery entry) ([0-9a-f-]{36})(?: .*already sent| on gotify)/g,
  );
  return new Set([...lines].map(([, id]) => id ?? ""));
}

/** Two paragraphs, of which each fills a message of the account. */
function answerOf(name: string): string {
  return ["one", "two"]
    .map((part) => `${name} ${part}: ${"tick tock ".repeat(50).trim()}`)
    .join("\n\n");
}

function texts(side: GotifySide, part: string): readonly string[] {
  return side.emulator.store
    .messages()
    .filter(({ appid, message }) => appid === side.bot.id && message.includes(part))
    .map(({ message }) => message);
}

async function copies(side: GotifySide, { message }: StoredMessage): Promise<StoredMessage[]> {
  return (await side.replies()).filter((reply) => reply.message === message);
}

/** A home in which one Gateway can be started after the other. */
async function openTwice(
  gotify: Record<string, unknown>,
  answer: (said: string) => string | Promise<string>,
): Promise<{ boot: (accounts: readonly string[]) => Promise<Gateway> }> {
  const home: OpenClawHome = createHome({
    template: inject("installedState"),
    parent: inject("homesFolder"),
  });
  onTestFinished(() => home.remove());
  const model: ScriptedModel = await startScriptedModel(({ said }) => answer(said));
  onTestFinished(() => model.stop());
  return {
    async boot(accounts) {
      const gateway = await startGateway(home, {
        model,
        gotify,
        sections: { session: { dmScope: "per-account-channel-peer" } },
      });
      onTestFinished(() => gateway.stop());
      for (const account of accounts) {
        await gateway.waitForLog(new RegExp(`\\[${account}\\] Connected`), { timeoutMs: 60_000 });
      }
      return gateway;
    },
  };
}
