// Owns which conversation a target means on a real Gateway: for the message tool, the command line, automations and heartbeats alike.
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { hostVersion, type CommandResult } from "../support/openclaw.ts";
import { invokeTool, transcripts } from "../support/session-transcripts.ts";
import { waitFor } from "../support/wait.ts";
import { connected, FIRST_TURN_TIMEOUT_MS, openStage, type Stage } from "./stage.ts";

/** The first supported host answers `openclaw message send` with "Unknown channel" for an installed plugin. */
const COMMAND_KNOWS_PLUGINS = !hostVersion().startsWith("2026.8.");

let sides: { home: GotifySide; cabin: GotifySide };
let stage: Stage;
/** What was started has to end, also when the start of the next thing fails. */
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const [home, cabin] = await Promise.all([
    startGotifySide(),
    startGotifySide({ personality: "v2" }),
  ]);
  ends.push(home.stop, cabin.stop);
  sides = { home, cabin };
  stage = await openStage({
    gotify: {
      defaultAccount: "home",
      accounts: {
        home: home.account({ commandsFrom: [home.person.id] }),
        cabin: cabin.account({ commandsFrom: [cabin.person.id] }),
      },
    },
    sections: {
      agents: {
        defaults: {
          skipBootstrap: true,
          // Never by itself while a test runs; to the owner, as it is by default.
          heartbeat: { every: "24h" },
          model: { primary: "scripted/scripted" },
        },
      },
      commands: { ownerAllowFrom: [`gotify:cabin/${cabin.person.id}`] },
      cron: { enabled: true },
      tools: {
        allow: ["message", "sessions_list", "sessions_history"],
        sessions: { visibility: "all" },
      },
    },
    // Only words of this file: what the host says to the model has hyphens, too.
    script: ({ text }) =>
      `Re: ${text.match(/(?:automation|push|heartbeat)-[a-z]+\./g)?.at(-1) ?? "nothing"}`,
  });
  ends.push(stage.stop);
  await connected(stage, "home", "cabin");
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

test.for([
  ["gotify:2", "home", "2"],
  ["app:2", "home", "2"],
  ["app:ada's phone", "home", "2"],
  ["account:home", "home", "2"],
  ["gotify:home", "home", "2"],
  ["gotify:peer:cabin", "home", "cabin"],
  ["gotify:cabin", "cabin", "2"],
  ["cabin/2", "cabin", "2"],
] as const)("the agent's message tool takes %s", async ([target, account, peer]) => {
  const text = `tool-${target.replace(/\W/g, "")}.`;
  await invokeTool(stage.gateway, "message", {
    action: "send",
    channel: "gotify",
    target,
    message: text,
  });
  await sides[account].replyWith(text);
  expect(await sessionsWith(text)).toEqual([`agent:main:gotify:${account}:direct:${peer}`]);
});

test.runIf(COMMAND_KNOWS_PLUGINS)(
  "the command line takes names and accounts, and says what there is",
  async () => {
    const send = async (target: string, message: string): Promise<CommandResult> =>
      stage.gateway.run(
        "message",
        "send",
        "--channel",
        "gotify",
        "--target",
        target,
        "--message",
        message,
      );
    const byName = await send("app:Ada's Phone", "command-name.");
    const byAccount = await send("gotify:cabin", "command-account.");
    const unknown = await send("app:Doorbell", "command-unknown.");
    expect(
      [byName.code, byAccount.code, unknown.code],
      `${byName.stderr}${byAccount.stderr}`,
    ).toEqual([0, 0, 1]);
    expect(unknown.stderr).toMatch(/no application "Doorbell".*app:2 \(Ada's phone\)/);
    await sides.home.replyWith("command-name.");
    await sides.cabin.replyWith("command-account.");
    expect(await sessionsWith("command-name.")).toEqual(["agent:main:gotify:home:direct:2"]);
    expect(await sessionsWith("command-account.")).toEqual(["agent:main:gotify:cabin:direct:2"]);
  },
);

test("an automation announces to a name, in that conversation", async () => {
  const job = ["--every", "100d", "--session", "isolated", "--message", "automation-run."];
  const delivery = ["--announce", "--channel", "gotify", "--to", "app:Ada's Phone"];
  const added = await stage.gateway.run(
    "cron",
    "add",
    "--name",
    "targets",
    ...job,
    ...delivery,
    "--json",
  );
  expect(added.code, added.stderr).toBe(0);
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(added.stdout));
  const ran = await stage.gateway.run("cron", "run", id);
  expect(ran.code, ran.stderr).toBe(0);
  await sides.home.replyWith("automation-run.", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  expect(await sessionsWith("automation-run.")).toContain("agent:main:gotify:home:direct:2");
});

test("a heartbeat reaches the owner through the account that the owner's id names", async () => {
  const { cabin } = sides;
  // Of a heartbeat the host tells conversations that there are.
  await cabin.say("push-before.");
  await cabin.replyWith("push-before.", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  const event = ["system", "event", "--mode", "now", "--text", "heartbeat-event."];
  const { code, stderr } = await stage.gateway.run(...event);
  expect(code, stderr).toBe(0);
  await cabin.replyWith("heartbeat-event.", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  await cabin.say("push-after.");
  const turn = await waitFor("the turn after it", () =>
    stage.model.requests.find(({ text }) => text.includes("push-after.")),
  );
  expect(turn.text).toMatch(/heartbeat delivered this message.*heartbeat-event\./s);
});

/** The sessions in which a text stands, once it stands somewhere. */
async function sessionsWith(text: string): Promise<string[]> {
  return waitFor(`a session with "${text}"`, async () => {
    const sessions = await transcripts(stage.gateway, "main");
    const found = [...sessions].flatMap(([key, texts]) =>
      texts.some((one) => one.includes(text)) ? [key] : [],
    );
    return found.length > 0 && found;
  });
}
