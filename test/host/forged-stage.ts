// Owns the stage of the forgeries: a host that is as open as it can be, and senders that its lists name without their account.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { createHome, readConfig, type JsonObject } from "../support/openclaw.ts";
import { startScriptedModel, type ModelTurn } from "../support/scripted-model.ts";
import { bind } from "../support/several-agents.ts";
import { gate, waitFor } from "../support/wait.ts";
import { connected, warmUp, type Stage } from "./stage.ts";

export type ForgedStage = Stage & {
  /** Its person may command, and is the owner, by account and application. */
  side: GotifySide;
  /** May talk, and nothing else. */
  machine: Credential;
  /** May talk and command, and is no owner. */
  commander: Credential;
  /** Posts it, and returns the turn that it has become, once that is answered: with nothing else. */
  becomesText: (text: string, from: Credential, more?: JsonObject) => Promise<ModelTurn>;
  /** Posts it, and returns what it was answered with: not by the model. */
  isAnswered: (text: string, from: Credential, more?: JsonObject) => Promise<string>;
  /** What has been answered since then. */
  repliesSince: (count: number) => Promise<string[]>;
  /** From now on every turn waits for its door. */
  closeDoor: () => { open: () => void };
  /** Whether a forged command has left something behind. */
  hasTrace: () => boolean;
};

export async function openForgedStage(): Promise<ForgedStage> {
  /** What was started has to end, also when the start of the next thing fails. */
  const ends: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    return await open(ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  ends: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<ForgedStage> {
  const side = await startGotifySide();
  ends.push(side.stop);
  const machine = side.emulator.createApplication("Backup");
  const commander = side.emulator.createApplication("Watch");
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  ends.push(home.remove);
  const model = await startScriptedModel(answer);
  ends.push(model.stop);
  const gateway = await startGateway(home, {
    model,
    gotify: side.account({
      allowFrom: [side.person, machine, commander].map(({ id }) => id),
      commandsFrom: [side.person.id, commander.id],
      // For an owner only: who is offered them has been taken for one.
      tools: { enabled: true },
    }),
    sections: {
      ...openSections(side, [machine, commander]),
      ...agentSections(model.url, join(home.stateDir, "workspace")),
      // Every test posts one message after the other.
      messages: { inbound: { byChannel: { gotify: 200 } } },
    },
  });
  ends.push(gateway.stop);
  const stage = { home, model, gateway, stop };
  await connected(stage, "default");
  await warmUp(side);

  const repliesSince = async (count: number): Promise<string[]> =>
    (await side.replies()).slice(count).map(({ title, message }) => `${title}\n${message}`);
  /** Posts it; the turns and the answers that came of it. */
  async function post(text: string, from: Credential, more: JsonObject) {
    const mark = model.requests.length;
    const before = (await side.replies()).length;
    await side.say(text, from, more);
    await waitFor(
      `an answer to ${JSON.stringify(text)}`,
      async () => (await repliesSince(before))[0],
    );
    return { turns: model.requests.slice(mark), answers: await repliesSince(before) };
  }
  return {
    ...stage,
    side,
    machine,
    commander,
    repliesSince,
    async becomesText(text, from, more = {}) {
      const { turns, answers } = await post(text, from, more);
      expect(answers).toEqual(turns.map(pushed));
      expect(turns.map(({ said }) => plain(said))).toEqual([expect.stringContaining(plain(text))]);
      const [turn] = turns;
      if (turn === undefined) throw new Error("The line above has seen one.");
      return turn;
    },
    async isAnswered(text, from, more = {}) {
      const { turns, answers } = await post(text, from, more);
      expect(turns.map(({ said }) => said)).toEqual([]);
      return answers.join("\n");
    },
    closeDoor() {
      const door = gate();
      model.script(async (turn) => {
        await door.opened;
        return answer(turn);
      });
      return {
        open() {
          model.script(answer);
          door.open();
        },
      };
    },
    hasTrace: () =>
      existsSync(join(home.stateDir, "workspace", "forged")) ||
      JSON.stringify(readConfig(home)).includes("FORGED"),
  };
}

/** Everything is switched on and open, and the two are named in every way that leaves their account out. */
function openSections({ person }: GotifySide, both: readonly Credential[]): JsonObject {
  const bare = both.flatMap(({ id }) => [String(id), `app:${id}`, `gotify:${id}`]);
  const target = { channel: "gotify", to: String(person.id), accountId: "default" };
  const forwarded = { enabled: true, mode: "targets", targets: [target] };
  return {
    commands: {
      bash: true,
      config: true,
      debug: true,
      restart: true,
      useAccessGroups: false,
      allowFrom: { "*": ["*"] },
      ownerAllowFrom: ["*", "gotify:*", ...bare, `gotify:default/${person.id}`],
    },
    tools: {
      // Otherwise the model would have to look for the tools first.
      toolSearch: false,
      sessions: { visibility: "all" },
      agentToAgent: { enabled: true },
      elevated: {
        enabled: true,
        allowFrom: { gotify: [...bare, "gotify:peer:garden", `default/${person.id}`] },
      },
    },
    approvals: { exec: forwarded, plugin: forwarded },
  };
}

/** Two agents, of which the second has a conversation by its name only, and a person with two other identities. */
function agentSections(modelUrl: string, workspace: string): JsonObject {
  const kitchen = { kind: "direct", id: "kitchen" };
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const common = { reasoning: true, input: ["text"], cost, contextWindow: 128_000 };
  const models = ["main", "ops"].map((id) => ({ id, name: id, ...common, maxTokens: 4096 }));
  return {
    agents: {
      ownership: "explicit",
      defaults: {
        workspace,
        skipBootstrap: true,
        heartbeat: { every: "0m" },
        model: { primary: "scripted/main" },
        systemAgent: { agentId: "main" },
      },
      entries: { main: { workspace }, ops: { model: { primary: "scripted/ops" } } },
    },
    models: {
      catalogRefresh: { enabled: false },
      mode: "replace",
      providers: {
        scripted: { baseUrl: modelUrl, apiKey: "none", api: "openai-completions", models },
      },
    },
    bindings: [
      { agentId: "ops", match: { channel: "gotify", accountId: "default", peer: kitchen } },
      bind("main", "*"),
    ],
    session: {
      dmScope: "per-account-channel-peer",
      identityLinks: { ada: ["telegram:123", "gotify:pal"] },
      resetTriggers: ["/new", "/reset", "begin anew"],
    },
  };
}

/** What the model says: nothing of what it was told, so that an answer of the host's cannot look like it. */
export function answer({ number, said }: ModelTurn): string {
  return `${said.includes("warm-up") ? "warm-up " : ""}answer ${number}.`;
}

/** The push that brings it, below its application's name. */
export function pushed(turn: ModelTurn): string {
  return `OpenClaw\n${answer(turn)}`;
}

/** The host may set blanks otherwise. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
