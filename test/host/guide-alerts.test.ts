// Owns the two guides for machines, followed to the letter: an alert of Uptime Kuma, and a failed CI job that somebody asks about.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { lastLines } from "../support/captured-process.ts";
import { startGotifySide, type GotifySide, type StoredMessage } from "../support/gotify-side.ts";
import { openGuide, type Reader } from "../support/guide.ts";
import { noteSecret } from "../support/leaks.ts";
import { PROJECT_DIR, readConfig } from "../support/openclaw.ts";
import type { ModelTurn } from "../support/scripted-model.ts";
import { transcripts } from "../support/session-transcripts.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const TEST_TIMEOUT_MS = 300_000;
/** Gotify 3 asks for it before an application is deleted. */
const PASSWORD = "typed-by-the-reader";
const ALERTS = "docs/guides/alert-analysis.md";
const CI = "docs/guides/ci-failure.md";

let stage: Stage;
let side: GotifySide;

beforeAll(async () => {
  noteSecret(PASSWORD);
  side = await startGotifySide({ user: "ada", password: PASSWORD });
  stage = await openStage({
    // As `channels login` leaves it: the person's application may talk, and whoever else speaks gets a pairing code.
    gotify: side.account({ dmPolicy: "pairing", commandsFrom: [String(side.person.id)] }),
    script: answer,
    // Without the scope that the stage gives everybody else: the guides have to set it.
    sections: { session: {} },
  });
  await connected(stage, "default");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
  };
});

test(
  "an alert is analysed in its own session, quietly, as one turn with its like, and never as a command",
  async () => {
    const { reader, made: kuma } = await begin(ALERTS, "KUMA_ID=5", "AtokenOfUptimeKuma");
    await reader.follow({ containing: "export KUMA_TOKEN" });
    await configure(reader);
    await reader.follow({ containing: "AGENTS.md" });

    await reader.follow({ containing: "status code 502" });
    const answered = await answerIn(side.bot.id, "the machine behind it does not");
    expect(answered).toMatchObject({ title: "shop: 502 from the proxy", priority: 2 });
    // The heading has become the title.
    expect(answered.message).toMatch(/^The proxy answers/);
    expect(messagesOf(kuma)).toMatchObject([{ title: "Uptime-Kuma", priority: 8 }]);
    const turn = turnAbout("status code 502");
    // Uptime Kuma's title says nothing that the application's name does not.
    expect(turn.said).toBe("[shop] [🔴 Down] Request failed with status code 502");
    expect(turn.system).toContain("Messages of the Gotify application Uptime-Kuma are written by");
    expect(await sessionsWith("status code 502")).toEqual([sessionOf(kuma)]);

    await reader.follow({ containing: "for monitor in" });
    await answerIn(side.bot.id, "3 messages from Uptime-Kuma");
    const burst = stage.model.requests.filter(({ said }) => said.includes("EHOSTUNREACH"));
    expect(burst).toHaveLength(1);
    for (const name of ["nas", "printer", "camera"]) expect(burst[0]?.said).toContain(`[${name}]`);

    await reader.follow({ containing: '"/stop"' });
    await answerIn(side.bot.id, "Re: /stop");
    expect(turnAbout("/stop").said).toBe("/stop");

    const looked = await reader.follow({ containing: "doctor" });
    expect(looked).toContain("/stop");
    expect(looked).toMatch(/May command: "[^"]+" \(2\)\./);
    expect(looked).toContain(`"Uptime-Kuma" (${kuma})`);

    await undo(reader);
    expect(reader.left()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a failed job's log is answered where it stands, and a question there finds the same session",
  async () => {
    const { reader, made: ci } = await begin(CI, "CI_APP=6", "AtokenOfCi");
    await reader.follow({ containing: "export GOTIFY_TOKEN" });
    await configure(reader);
    await reader.follow({ containing: "AGENTS.md" });

    const [tried, ...inJobs] = postsOfLogs();
    expect(inJobs).toHaveLength(2);
    expect(new Set([...inJobs, tried]).size, inJobs.join("\n")).toBe(1);
    await reader.follow({ containing: "cat > test.log" });
    const answered = await answerIn(ci, "118.99");
    expect(answered).toMatchObject({ title: "The price's tax is not rounded", priority: 5 });
    const log = messagesOf(ci)[0];
    expect(log).toMatchObject({ title: "Failed: ada/shop", priority: 1 });
    expect(log?.message).toMatch(/^https:\/\/ci\.invalid\/ada\/shop\/42\n × src\/price/);
    expect(log?.message).toContain("1 failed | 12 passed");

    await reader.follow({ containing: "Is the test wrong" });
    await answerIn(ci, "Re: Is the test wrong");
    const question = turnAbout("Is the test wrong");
    expect(question.system).toContain("is the log of a failed job, posted by CI");
    expect(question.userTexts.join()).toContain("expected 118.99 to be 119");
    expect(question.answers.join()).toContain("is not rounded");
    expect(await sessionsWith("Is the test wrong")).toEqual([sessionOf(ci)]);
    expect(await sessionsWith("118.99")).toEqual([sessionOf(ci)]);
    expect((await side.replies()).filter(({ message }) => message.includes("118.99"))).toEqual([]);

    expect(await reader.follow({ containing: "doctor" })).toContain("Is the test wrong");
    await undo(reader);
    expect(reader.left()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

function answer({ said }: ModelTurn): string {
  if (said.includes("status code 502")) {
    return "# shop: 502 from the proxy\n\nThe proxy answers, **the machine behind it does not**.\n\n- `systemctl status shop`";
  }
  if (said.includes("1 failed")) {
    return "# The price's tax is not rounded\n\n`src/price.test.ts` wants 119 and gets 118.99.";
  }
  return `Re: ${said}`;
}

/** Opens a guide, and makes the application that it begins with: its id and token take the place of the guide's. */
async function begin(
  guide: string,
  id: string,
  token: string,
): Promise<{ reader: Reader; made: number }> {
  const own: Record<string, string> = {
    "https://push.example.com": side.url,
    "~/.openclaw/workspace": join(stage.home.stateDir, "workspace"),
    '["2"': `["${side.person.id}"`,
    [id]: id,
    [token]: token,
  };
  const home = { ...stage.home, env: { ...stage.home.env, GOTIFY_PASS: PASSWORD } };
  const reader = openGuide({ guide, home, own });
  const said = await reader.follow({ containing: "apps create", showsToken: true });
  const [, made, secret] = /^Created application (\d+) \(.+\)\.\nToken: (\S+)$/m.exec(said) ?? [];
  if (made === undefined || secret === undefined) throw new Error(`No application: ${said.length}`);
  own[id] = id.replace(/\d+$/, made);
  own[token] = secret;
  return { reader, made: Number(made) };
}

/** The block that changes the configuration, until the running Gateway has taken it over. */
async function configure(reader: Reader): Promise<void> {
  const mark = stage.gateway.mark();
  await reader.follow({ containing: "config patch" });
  await stage.gateway.waitForLog(/\[default\] Connected/, { since: mark });
}

/** The last block: the application is gone, and the configuration is what it was, but for the scope. */
async function undo(reader: Reader): Promise<void> {
  const mark = stage.gateway.mark();
  await reader.follow({ containing: "apps delete" });
  // Otherwise the next guide could take this reload for its own.
  await stage.gateway.waitForLog(/\[default\] Connected/, { since: mark });
  const { channels, session } = readConfig(stage.home);
  expect({ channels, session }).toMatchObject({
    channels: { gotify: { allowFrom: [String(side.person.id)] } },
    session: { dmScope: "per-account-channel-peer" },
  });
  expect(JSON.stringify(channels)).not.toMatch(/origin|"applications":\{"/);
  expect(side.emulator.store.applications()).toHaveLength(3);
}

/** The command that posts a log, without its indentation: as the guide tries it, and as its jobs run it. */
function postsOfLogs(): string[] {
  const page = readFileSync(join(PROJECT_DIR, CI), "utf8");
  const inBlocks = (language: string): string[] =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].flatMap((block) =>
      [...(block[1] ?? "").matchAll(/^( *)\{ echo[^]*?message@-$/gm)].map(([text, indent = ""]) =>
        text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      ),
    );
  return [...inBlocks("sh"), ...inBlocks("yaml")];
}

function messagesOf(application: number): StoredMessage[] {
  return side.emulator.store.messages().filter(({ appid }) => appid === application);
}

function answerIn(application: number, text: string): Promise<StoredMessage> {
  return waitFor(
    `an answer with "${text}"`,
    () =>
      messagesOf(application).find(
        ({ message, extras }) => message.includes(text) && extras?.["openclaw"] !== undefined,
      ),
    { timeoutMs: 60_000, explain: () => lastLines(stage.gateway.output()) },
  );
}

function turnAbout(text: string): ModelTurn {
  const turns = stage.model.requests.filter(({ said }) => said.includes(text));
  expect(turns.map(({ said }) => said)).toHaveLength(1);
  const [turn] = turns;
  if (turn === undefined) throw new Error(`No turn about ${text}.`);
  return turn;
}

async function sessionsWith(text: string): Promise<string[]> {
  const sessions = await transcripts(stage.gateway, "main");
  return [...sessions].flatMap(([key, texts]) =>
    texts.some((one) => one.includes(text)) ? [key] : [],
  );
}

function sessionOf(application: number): string {
  return `agent:main:gotify:default:direct:${application}`;
}
