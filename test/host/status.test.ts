// Owns the proof that a bridge which looks healthy and is dead says so: through the host's own status commands, the plugin's, and the Gateway method, beside a running Gateway and without one.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { accountFolder } from "../../src/config/state-folder.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { takeLease } from "../../src/journal/lease.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { isOlderHost } from "../support/openclaw.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const TOLD_WITHIN_MS = 60_000;

const Facts = z.looseObject({
  ok: z.boolean(),
  notice: z.string().optional(),
  accounts: z.array(
    z.looseObject({
      account: z.string(),
      ok: z.boolean(),
      running: z.boolean(),
      problems: z.array(z.looseObject({ code: z.string(), message: z.string(), fix: z.string() })),
      hours: z.array(z.looseObject({ in: z.number(), out: z.number() })),
    }),
  ),
});

let stage: Stage;
let side: GotifySide;

beforeAll(async () => {
  side = await startGotifySide();
  // So that there is a newest message on the server from the first reading on.
  await side.say("from before the bridge");
  stage = await openStage({
    gotify: { defaultAccount: "home", accounts: { home: side.account() } },
    script: (turn) => `**Answer** to ${turn.said}`,
  });
  await connected(stage, "home");
  await warmUp(side);
  return async () => {
    await stage.stop();
    await side.stop();
  };
});

/** What a command says; never a secret. */
async function say(...args: string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await stage.gateway.run(...args);
  for (const secret of side.secrets()) expect(stdout + stderr).not.toContain(secret);
  // The host breaks long lines in its tables.
  return { code, text: stdout };
}

async function method(): Promise<z.infer<typeof Facts>> {
  const { text } = await say("gateway", "call", "gotify.status", "--json");
  return Facts.parse(JSON.parse(text));
}

/** What is to be seen where the command knows plugins; elsewhere, that something is. */
function ofPlugin(pattern: RegExp): RegExp {
  return isOlderHost() ? /Gotify/ : pattern;
}

/** One line each, without the frames of the host's tables. */
function flat(text: string): string {
  return text.replaceAll(/[│\s]+/g, " ");
}

test("while all is well, every way to ask says so", async () => {
  const [channels, capabilities] = await Promise.all([
    say("channels", "status", "--probe"),
    say("channels", "capabilities", "--channel", "gotify"),
  ]);
  expect(channels.text).toMatch(/Gotify home: enabled, configured, running, connected.*works/);
  expect(channels.text).not.toMatch(/Warnings:/);
  expect(capabilities.text).toMatch(/Server: Gotify 3\.0\.0 answers in \d+ ms/);
  expect(capabilities.text).toContain(
    `The app token is valid, of application ${side.bot.id} "OpenClaw"`,
  );
  expect(capabilities.text).toContain('The client token is valid, of user "admin"');
  expect(capabilities.text).toContain("Both tokens are of one user");
  expect(capabilities.text).toContain("Queue: 0 waiting, 0 in turns");

  const [overview, hostHealth] = await Promise.all([say("status", "--deep"), say("health")]);
  expect(flat(overview.text)).toMatch(/ Gotify ON OK /);
  expect(hostHealth.text).toMatch(/^Gotify: (configured|ok)/m);

  const [status, health, facts] = await Promise.all([
    say("gotify", "status", "--deep"),
    say("gotify", "health"),
    method(),
  ]);
  expect(status.code).toBe(0);
  expect(status.text).toMatch(/^home: works$/m);
  expect(status.text).toMatch(/^ {2}stream +open since .*round trip \d+ ms, Gotify 3\.0\.0$/m);
  expect(status.text).toMatch(/^ {2}messages +last in: .* ago, last out: .* ago$/m);
  expect(status.text).toMatch(
    /^ {2}lag +newest on the server \d+, newest taken \d+, 0 unanswered$/m,
  );
  expect(status.text).toMatch(/^ {2}counted +in 1, out 1,/m);
  expect(status.text).toContain("Both tokens are of one user");
  for (const line of status.text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(health).toEqual({ code: 0, text: "home: ok\n" });
  expect(facts).toMatchObject({ ok: true, accounts: [{ account: "home", running: true }] });
  expect(facts.accounts[0]?.hours).toHaveLength(24);
  expect(JSON.stringify(facts)).not.toContain(new URL(side.url).host);
});

test("when the own application is deleted, every way to ask says so within a minute", async () => {
  const since = stage.gateway.mark();
  side.emulator.deleteApplication(side.bot.id);
  await stage.gateway.waitForLog(/No answer can be posted/, { since, timeoutMs: TOLD_WITHIN_MS });

  const [facts, status, health] = await Promise.all([
    method(),
    say("gotify", "status"),
    say("gotify", "health", "--json"),
  ]);
  expect(facts).toMatchObject({ ok: false, accounts: [{ ok: false }] });
  const [problem] = facts.accounts[0]?.problems ?? [];
  expect(problem?.code).toBe("cannot-post");
  expect(problem?.message).toMatch(/No answer can be posted: .*app token \(401\)/);
  expect(problem?.fix).toContain("openclaw channels login --channel gotify --account home");
  expect(status.text).toMatch(/^home: does not work$/m);
  expect(flat(status.text)).toMatch(/ERROR cannot-post: No answer can be posted: .*\(401\)/);
  expect(flat(status.text)).toMatch(/last error +\d+ .* ago: No answer can be posted/);
  expect(health.code).toBe(1);
  expect(JSON.parse(health.text)).toMatchObject({
    ok: false,
    accounts: [{ account: "home", ok: false, problems: ["cannot-post"] }],
  });

  const [channels, capabilities] = await Promise.all([
    say("channels", "status", "--probe"),
    say("channels", "capabilities", "--channel", "gotify"),
  ]);
  expect(channels.text).toMatch(/- Gotify home: .*error:No answer can be posted: .*\(401\)/);
  expect(channels.text).toMatch(
    ofPlugin(
      /Warnings:\n- gotify home: No answer can be posted: .*channels login --channel gotify --account home/,
    ),
  );
  expect(capabilities.text).toContain("The app token is not known to the server");

  const [overview, hostHealth] = await Promise.all([say("status", "--deep"), say("health")]);
  expect(flat(overview.text)).toMatch(/ Gotify WARN cannot-post/);
  expect(hostHealth.text).toMatch(/^Gotify: cannot-post/m);
  expect(flat(overview.text)).toMatch(ofPlugin(/ Gotify ON WARN .*No answer can be posted/));
  expect(hostHealth.text).toMatch(ofPlugin(/^Gotify: cannot-post \(No answer can be posted: /m));
});

test("without a Gateway it is said that none runs, and what the journal tells", async () => {
  await stage.gateway.stop();
  const [status, json, health] = await Promise.all([
    say("gotify", "status"),
    say("gotify", "status", "--json"),
    say("gotify", "health", "--json"),
  ]);
  expect(status.code).toBe(0);
  expect(status.text).toMatch(/^No Gateway runs\. What follows is what the journals tell\.$/m);
  expect(status.text).toMatch(/^home: does not work$/m);
  expect(flat(status.text)).toMatch(/ERROR not-running: No Gateway runs the account/);
  expect(status.text).toMatch(/^ {2}lag +newest taken \d+, 0 unanswered$/m);
  expect(health.code).toBe(1);
  expect(JSON.parse(health.text)).toMatchObject({ ok: false, accounts: [{ ok: false }] });
  const facts = Facts.parse(JSON.parse(json.text));
  expect(facts).toMatchObject({
    ok: false,
    accounts: [{ running: false, problems: [{ code: "not-running" }] }],
  });
  expect(facts.notice).toMatch(/^No Gateway runs/);
});

test("a Gateway that lives and does not answer is not taken for one that works", async () => {
  // Whoever holds the lease runs the account; this process does, and answers nobody.
  const { journal } = openJournal(accountFolder(stage.home.stateDir, "home"));
  const lease = takeLease(journal);
  try {
    const { code, text } = await say("gotify", "health");
    expect(code).toBe(1);
    expect(text).toMatch(/^The Gateway does not answer \(.+\)\. What follows is what the journals/);
  } finally {
    lease.release();
    journal.close();
  }
});

test("an account that is removed takes its journal with it", async () => {
  const folder = join(stage.home.stateDir, "gotify", "home");
  expect(existsSync(folder)).toBe(true);
  const removal = await say(
    "channels",
    "remove",
    "--channel",
    "gotify",
    "--account",
    "home",
    "--delete",
  );
  expect(removal.code).toBe(0);
  expect(existsSync(folder)).toBe(false);
});
