// Owns the guide for two people on one server, followed to the letter: each has an agent, and nothing crosses.
import { beforeAll, expect, test } from "vitest";
import { startEmulator, type Emulator } from "../emulator/index.ts";
import type { Credential } from "../support/gotify-side.ts";
import { openGuide } from "../support/guide.ts";
import { noteSecret } from "../support/leaks.ts";
import { readConfig } from "../support/openclaw.ts";
import type { ModelAnswer, ModelTurn } from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";
import { connected, FIRST_TURN_TIMEOUT_MS, openStage, type Stage } from "./stage.ts";

const TEST_TIMEOUT_MS = 480_000;
const DENTIST = "When is my dentist?";
const DINNER = "What do we cook tonight?";
const PRY = "Read what Bob wrote, and write to him.";

type Person = { name: string; answers: Credential; phone: Credential; hears: Credential };

let emulator: Emulator;
let stage: Stage;
let ada: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  emulator = await startEmulator();
  [ada, bob, cleo] = [addPerson("Ada"), addPerson("Bob"), addPerson("Cleo")];
  // A Gateway with its one agent, and with a channel that nobody has set up.
  stage = await openStage({
    gotify: {},
    script: answer,
    sections: {
      session: {},
      // Offered as they are, so that a model without wits can call them.
      tools: { toolSearch: false, allow: ["message", "sessions_list", "sessions_history"] },
    },
  });
  return async () => {
    await stage.stop();
    await emulator.stop();
  };
});

test(
  "each person's words reach their own agent, each answer its person, and no agent sees the other's",
  async () => {
    const reader = openGuide({
      guide: "docs/guides/two-people.md",
      home: stage.home,
      own: {
        "https://push.example.com": emulator.url,
        ...ownValues(ada),
        [`PhoneTokenOf${ada.name}`]: ada.phone.token,
        ...ownValues(bob),
        [`PhoneTokenOf${bob.name}`]: bob.phone.token,
        ...ownValues(cleo),
      },
    });
    await reader.follow({ containing: "export ADA_ANSWERS" });
    await reader.follow({ containing: "bindings: [" });
    await reader.follow({ containing: "workspace-ada/AGENTS.md" });
    await reader.follow({ containing: "--account bob" });
    await connected(stage, "ada", "bob");

    await reader.follow({ containing: "$ADA_PHONE_TOKEN" });
    await reader.follow({ containing: "$BOB_PHONE_TOKEN" });
    await stored(4);
    expect(storedWithAppid().toSorted()).toEqual(
      [
        `${ada.phone.id}: ${DENTIST}`,
        `${ada.answers.id}: ada heard ${DENTIST}`,
        `${bob.phone.id}: ${DINNER}`,
        `${bob.answers.id}: bob heard ${DINNER}`,
      ].toSorted(),
    );
    expect(whoSawWhat()).toEqual(new Set([`ada: ${DENTIST}`, `bob: ${DINNER}`]));
    expect(ofAgent("ada").map(({ system }) => system)).toEqual([
      expect.stringContaining("You are the assistant of Ada."),
    ]);
    expect(ofAgent("bob").map(({ system }) => system)).toEqual([
      expect.stringContaining("You are the assistant of Bob."),
    ]);

    emulator.push({ appid: ada.phone.id, message: PRY });
    await stored(6);
    const [listed, history, sent] = ofAgent("ada").at(-1)?.toolResults ?? [];
    expect(listed).toContain("agent:ada:gotify:ada:direct:");
    expect(listed).not.toContain("agent:bob:");
    expect(history).toMatch(/"status": "forbidden"/);
    expect(sent).toContain("does not match the trusted current account");
    expect(whoSawWhat()).toEqual(new Set([`ada: ${DENTIST}`, `bob: ${DINNER}`]));

    await reader.follow({ containing: "agents add cleo" });
    await connected(stage, "cleo");
    emulator.push({ appid: cleo.phone.id, message: "And me?" });
    await stored(8);
    // Nothing has come into anybody's application besides these.
    expect(storedWithAppid().slice(4)).toEqual([
      `${ada.phone.id}: ${PRY}`,
      `${ada.answers.id}: ada heard ${PRY}`,
      `${cleo.phone.id}: And me?`,
      `${cleo.answers.id}: cleo heard And me?`,
    ]);

    const looked = await reader.follow({ containing: "openclaw gotify doctor" });
    for (const { name } of [ada, bob, cleo]) {
      const id = name.toLowerCase();
      expect(looked).toContain(`it reads for the user "${id}"`);
      expect(looked).toContain(`${id} <- gotify accountId=${id}`);
    }
    // As the guide says: what was there before keeps whatever no binding names.
    expect(looked).toContain("main <- gotify accountId=*");

    await reader.follow({ containing: "accounts: { ada: null", timeoutMs: 240_000 });
    expect(reader.left()).toBe(0);
    const { channels, agents, bindings } = readConfig(stage.home);
    expect(agents).toMatchObject({ entries: { main: {} } });
    expect(JSON.stringify({ channels, agents, bindings })).not.toMatch(/"(?:ada|bob|cleo)"/);
  },
  TEST_TIMEOUT_MS,
);

/** Says whose agent it is. What Ada asks it to do for her, it tries. */
function answer(turn: ModelTurn): ModelAnswer {
  const attempts: readonly ModelAnswer[] = [
    { tool: "sessions_list", input: { limit: 50 } },
    {
      tool: "sessions_history",
      input: { sessionKey: `agent:bob:gotify:bob:direct:${bob.phone.id}` },
    },
    {
      tool: "message",
      input: {
        action: "send",
        channel: "gotify",
        accountId: "bob",
        target: `app:${bob.phone.id}`,
        message: "Ada's agent was here.",
      },
    },
  ];
  const attempt = turn.said.includes(PRY) ? attempts[turn.toolResults.length] : undefined;
  return attempt ?? `${agentOf(turn)} heard ${turn.said}`;
}

/** The host says it once, at the beginning of a conversation or in its instructions. */
function agentOf({ system, userTexts }: ModelTurn): string {
  return /\bagent=(\w+)/.exec([system, ...userTexts].join("\n"))?.[1] ?? "nobody";
}

function ofAgent(id: string): ModelTurn[] {
  return stage.model.requests.filter((turn) => agentOf(turn) === id);
}

/** Everything that a request to the model held of the two conversations, by agent. */
function whoSawWhat(): Set<string> {
  return new Set(
    stage.model.requests.flatMap((turn) => {
      const { system, userTexts, answers, toolResults } = turn;
      const all = [system, ...userTexts, ...answers, ...toolResults].join("\n");
      return [DENTIST, DINNER]
        .filter((words) => all.includes(words))
        .map((words) => `${agentOf(turn)}: ${words}`);
    }),
  );
}

async function stored(count: number): Promise<void> {
  const isStored = (): boolean => emulator.store.messages().length >= count;
  await waitFor(`${count} messages on the server`, isStored, {
    timeoutMs: FIRST_TURN_TIMEOUT_MS,
    explain: () => stage.gateway.output(),
  });
}

function storedWithAppid(): string[] {
  return emulator.store.messages().map(({ appid, message }) => `${appid}: ${message}`);
}

function addPerson(name: string): Person {
  const { id: userId } = emulator.createUser(name.toLowerCase());
  const person = {
    name,
    answers: emulator.createApplication("OpenClaw", { userId }),
    phone: emulator.createApplication("Phone", { userId }),
    hears: emulator.createClient("OpenClaw", { userId }),
  };
  for (const { token } of [person.answers, person.phone, person.hears]) noteSecret(token);
  return person;
}

/** What the guide writes for a person's values, and what they are. */
function ownValues({ name, answers, phone, hears }: Person): Record<string, string> {
  return {
    [`AppTokenOf${name}`]: answers.token,
    [`ClientTokenOf${name}`]: hears.token,
    [`IdOf${name}sPhone`]: String(phone.id),
  };
}
