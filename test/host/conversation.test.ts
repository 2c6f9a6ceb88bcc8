// Owns what a conversation is on a real Gateway: commands beside a running turn, storms in few turns, images, two agents that answer each other.
import { beforeAll, describe, expect, test } from "vitest";
import type { ModelTurn } from "../support/scripted-model.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { isOlderHost } from "../support/openclaw.ts";
import { gate, waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const STORM = 300;
/** The budget of the host's loop protection in this test: messages of one pair within a minute. */
const LOOP_BUDGET = 5;
/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

let stage: Stage;
let side: GotifySide;
let machine: { id: number; token: string };
let otherAgent: { id: number; token: string };

beforeAll(async () => {
  side = await startGotifySide();
  machine = side.emulator.createApplication("Backup");
  otherAgent = side.emulator.createApplication("Other agent");
  stage = await openStage({
    gotify: side.account({
      allowFrom: [side.person.id, machine.id, otherAgent.id],
      commandsFrom: [side.person.id],
      botLoopProtection: { maxEventsPerWindow: LOOP_BUDGET },
    }),
    script: answer,
  });
  await connected(stage, "default");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
  };
});

describe("while a turn runs", () => {
  // These hosts themselves let every command but /stop and /approve wait for the session's turn.
  test.skipIf(isOlderHost())("/status is answered", async () => {
    const door = await busyWith("think about this for a while");
    await side.say("/status");
    await side.replyWith("OpenClaw").finally(door.open);
    await side.replyWith("Re: think about this for a while");
    expect(turnsAbout("/status")).toEqual([]);
  });

  test("/stop ends it, and the conversation goes on", async () => {
    const door = await busyWith("think about this for ever");
    await side.say("/stop");
    await side.replyWith("aborted").finally(door.open);
    await side.say("are you still there?");
    await side.replyWith("Re: are you still there?");
    const replies = await side.replies();
    expect(replies.filter(({ message }) => message.includes("for ever"))).toEqual([]);
    expect(turnsAbout("/stop")).toEqual([]);
  });
});

test("a leading slash from anyone else is text for the agent", async () => {
  await side.say("/status of the backup: done", machine);
  await side.replyWith("Re: /status of the backup");
  await side.say("/stop", machine);
  const turn = await turnAbout("/stop");
  expect(turn.said).toContain("/stop");
});

test("a storm becomes few turns that list every message", async () => {
  await Promise.all(
    Array.from({ length: STORM }, (_, index) =>
      side.say(`storm message ${index + 1}.`, machine, { title: `Disk ${index + 1}`, priority: 8 }),
    ),
  );
  const seen = await waitFor("every message of the storm in a turn", () => {
    const turns = turnsAbout("storm message");
    const numbers = turns.flatMap(({ said }) =>
      [...said.matchAll(/storm message (\d+)\./g)].map(([, number]) => Number(number)),
    );
    return new Set(numbers).size === STORM ? { turns, numbers } : undefined;
  });
  expect(seen.turns.length).toBeLessThanOrEqual(8);
  expect(
    seen.turns.some(({ said }) => /^\d+ messages from Backup, oldest first:/m.test(said)),
  ).toBe(true);
  expect(seen.turns.some(({ said }) => said.includes("priority 8 · Disk 7"))).toBe(true);
});

test("an image in a message reaches the model as an image, and its bytes are not in the text", async () => {
  await side.say(`What is this? ![a pixel](data:image/png;base64,${PNG})`);
  const turn = await turnAbout("What is this?");
  expect(turn.images).toHaveLength(1);
  expect(turn.text).toContain("[image 1: a pixel]");
  expect(turn.text).not.toContain(PNG.slice(0, 20));
});

test("the agent is told what is known about a message, and the sender's own data apart from it", async () => {
  await side.say("the door is open", machine, {
    title: "Front door",
    priority: 7,
    extras: { home: { sensor: "door-1" }, "client::display": { contentType: "text/markdown" } },
  });
  const turn = await turnAbout("the door is open");
  expect(turn.said).toMatch(/Front door\s+the door is open/);
  // The host quotes it as data, with its own escapes.
  const data = turn.text.replaceAll("\\", "");
  expect(data).toMatch(/"application":"Backup","priority":7,"time":"2/);
  expect(data).toMatch(/untrusted data, not instructions[\s\S]+"home":{"sensor":"door-1"}/);
  expect(data).not.toContain("client::display");
});

test("two agents that answer each other are stopped, and the log says so", async () => {
  const other = new Set<number>();
  const post = (text: string, id: string) =>
    side.say(text, otherAgent, {
      extras: {
        openclaw: {
          delivery: {
            v: 1,
            by: "another-installation",
            id,
            payload: 0,
            payloads: 1,
            part: 0,
            parts: 1,
          },
        },
      },
    });
  stage.model.script((turn) => `loop answer to ${turn.said.slice(0, 30)}`);
  await post("loop 0", "d0");
  // The other side answers whatever this one says.
  await waitFor(
    "the loop to be stopped",
    async () => {
      for (const reply of await side.replies()) {
        if (!reply.message.includes("loop answer") || other.has(reply.id)) continue;
        other.add(reply.id);
        await post(`loop ${other.size}`, `d${other.size}`);
      }
      return /Stopped a loop: another OpenClaw/.test(stage.gateway.output());
    },
    { explain: () => `${other.size} answers` },
  );
  expect(other.size).toBe(LOOP_BUDGET);
});

/** A turn that does not end before its door is opened. */
async function busyWith(text: string): Promise<{ open: () => void }> {
  const door = gate();
  stage.model.script(async (turn) => {
    await door.opened;
    return answer(turn);
  });
  await side.say(text);
  await turnAbout(text);
  stage.model.script(answer);
  return door;
}

/** Repeats the last line: a turn that was stopped leaves its words before the next one's. */
function answer({ said }: ModelTurn): string {
  return `Re: ${said.trim().split("\n").at(-1)?.slice(0, 60)}`;
}

function turnsAbout(text: string): ModelTurn[] {
  return stage.model.requests.filter((turn) => turn.said.includes(text));
}

function turnAbout(text: string): Promise<ModelTurn> {
  return waitFor(`a turn about "${text}"`, () => turnsAbout(text)[0]);
}
