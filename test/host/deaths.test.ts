// Owns the proof on a real Gateway that no account is dead and looks healthy: a dozen of them are killed at once, each in its own way, and within a minute each says what is wrong with it.
//
// Not here, because a real host offers no way to do it from outside: a monitor that stopped (src/inbound/deaths.test.ts).
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { accountFolder } from "../../src/config/state-folder.ts";
import { startEmulator, type Emulator } from "../emulator/index.ts";
import { lastLines } from "../support/captured-process.ts";
import { robLease, rotateAppToken } from "../support/deaths.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { isOlderHost, writeConfig, type JsonObject } from "../support/openclaw.ts";
import { bind, startSeveralAgents, type SeveralAgents } from "../support/several-agents.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { gate, waitFor } from "../support/wait.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";
import { Facts, of, TOLD, untold, type AccountFacts } from "./told-deaths.ts";

const TEST_TIMEOUT_MS = 420_000;
const WITHIN_MS = 60_000;
const POLL_MS = 500;
const DISK_MB = 8;

/** The older hosts take what comes meanwhile into the running turn, whose one answer is then to the last of it. */
const STEERS = isOlderHost();

/** These never have a problem: one has nothing wrong, and what the other one's stream loses is found again. */
const WELL = ["well", "frames-lost"];
const ACCOUNTS = [...WELL, "turn-stuck", ...Object.keys(TOLD)];
/** In Gotify 2, the token of an application goes only with the application. */
const ONLY_V3 = "app-token-revoked";

const sides = new Map<string, GotifySide>();
const turnsHeld = gate();
let stage: SeveralAgents;
let disk: SmallDisk | { reason: string } = { reason: "no Gateway was started" };
/** Those that are killed: without the one that needs a disk of its own, where there is none. */
let victims: readonly string[] = Object.keys(TOLD);

function side(account: string): GotifySide {
  const found = sides.get(account);
  if (found === undefined) throw new Error(`no server for ${account}`);
  return found;
}

function bindings(...accounts: string[]): JsonObject[] {
  return accounts.map((account) => bind("butler", account));
}

function gotifySection(changes: Readonly<Record<string, JsonObject>> = {}): JsonObject {
  const accounts = [...sides].map(([account, own]) => [account, own.account(changes[account])]);
  return { defaultAccount: "well", accounts: Object.fromEntries(accounts) };
}

beforeAll(async () => {
  for (const [index, account] of ACCOUNTS.entries()) {
    const personality = index % 2 === 1 && account !== ONLY_V3 ? "v2" : "v3";
    sides.set(account, await startGotifySide({ personality }));
  }
  stage = await startSeveralAgents({
    template: inject("installedState"),
    parent: inject("homesFolder"),
    agents: ["butler", "clerk"],
    hasOwner: false,
    bindings: bindings(...ACCOUNTS.filter((account) => account !== "all-given-up")),
    session: { dmScope: "per-account-channel-peer" },
    gotify: gotifySection(),
    prepare(home) {
      disk = mountSmallDisk(accountFolder(home.stateDir, "disk-full"), { sizeMb: DISK_MB });
    },
    async script({ said }) {
      if (said.includes("take your time")) await turnsHeld.opened;
      return `Re: ${said.trim()}`;
    },
  });
  if ("reason" in disk) {
    console.warn(`No account runs on a full disk, because there is no small one: ${disk.reason}`);
    victims = victims.filter((account) => account !== "disk-full");
  }
  for (const account of ACCOUNTS) {
    await stage.gateway.waitForLog(new RegExp(`\\[${account}\\] Connected`));
  }
  await side("well").say("warm-up");
  await side("well").replyWith("Re: warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
  // The server that takes its place counts messages from one again.
  await side("server-replaced").say("before");
  await side("server-replaced").replyWith("Re: before");
  return async () => {
    turnsHeld.open();
    await stage.gateway.stop();
    if ("unmount" in disk) disk.unmount();
    await stage.stop();
    for (const own of sides.values()) await own.stop();
  };
}, TEST_TIMEOUT_MS);

/** As the tab of the Control UI gets it. */
async function ask(): Promise<Facts> {
  const response = await fetch(`${stage.gateway.url}/gotify/status`, {
    headers: { Authorization: `Bearer ${stage.gateway.token}` },
    signal: AbortSignal.timeout(10_000),
  });
  return Facts.parse(await response.json());
}

async function health(): Promise<number> {
  const response = await fetch(`${stage.gateway.url}/gotify/health`);
  await response.body?.cancel();
  return response.status;
}

/** What a command says; never a secret. */
async function say(...args: string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await stage.gateway.run(...args);
  const secrets = [...sides.values()].flatMap((own) => own.secrets());
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
  return { code, text: stdout };
}

async function answered({ store }: Emulator, text: string, timeoutMs = WITHIN_MS): Promise<void> {
  await waitFor(
    `"${text}" to be answered`,
    () => store.messages().some(({ message }) => message.includes(`Re: ${text}`)),
    { timeoutMs, explain: () => lastLines(stage.gateway.output()) },
  );
}

/** Returns what brings the dead to life again. */
async function kill() {
  side("half-open").emulator.faults.freezeStreams = true;
  side("client-token-revoked").emulator.deleteClient(side("client-token-revoked").reader.id);
  const appToken = await rotateAppToken(side("app-token-revoked"));
  side("application-deleted").emulator.deleteApplication(side("application-deleted").bot.id);
  side("database-down").emulator.faults.databaseDown = true;
  const giveLeaseBack = robLease(accountFolder(stage.home.stateDir, "lease-lost"));
  onTestFinished(giveLeaseBack);
  if ("fill" in disk) disk.fill();
  const { port } = new URL(side("server-replaced").url);
  await side("server-replaced").stop();
  const fresh = await startEmulator({ port: Number(port) });
  onTestFinished(() => fresh.stop());
  for (const text of ["one", "two", "three"]) await side("all-given-up").say(text);
  side("frames-lost").emulator.faults.dropNextFrames(1);
  await side("frames-lost").say("did you hear me");
  await side("turn-stuck").say("take your time");
  return { appToken, giveLeaseBack, fresh };
}

test(
  "whatever an account dies of is told within a minute, and so is that it lives again",
  async () => {
    expect((await ask()).accounts.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(await health()).toBe(200);
    const killedAt = performance.now();
    const leftMs = (): number => WITHIN_MS - (performance.now() - killedAt);
    const { appToken, giveLeaseBack, fresh } = await kill();

    // A turn is told of while it runs, with what came behind it; that it is stuck, after ten minutes.
    await waitFor("the turn to run", () =>
      stage.model.requests.some(({ said }) => /your time/.test(said)),
    );
    const running = of(await ask(), "turn-stuck");
    expect(running).toMatchObject({ ok: true, queue: { inTurns: 1 }, lag: { unanswered: 1 } });
    await side("turn-stuck").say("and this?");

    const toldAfterMs = new Map<string, number>();
    const alarms: AccountFacts[] = [];
    const told = await waitFor(
      "every death to be told",
      async () => {
        const facts = await ask();
        const missing = untold(facts, victims);
        for (const account of victims) {
          const wasTold = toldAfterMs.has(account);
          // Told once is told for good, or a monitor that looks now and then sees nothing.
          if (missing.includes(account) && wasTold) alarms.push(of(facts, account));
          if (missing.includes(account) || wasTold) continue;
          toldAfterMs.set(account, Math.round(performance.now() - killedAt));
        }
        alarms.push(...WELL.map((account) => of(facts, account)).filter(({ ok }) => !ok));
        return missing.length === 0 ? facts : undefined;
      },
      {
        timeoutMs: leftMs(),
        intervalMs: POLL_MS,
        explain: () => `Told so far, after ms: ${JSON.stringify([...toldAfterMs])}`,
      },
    );
    await answered(side("frames-lost").emulator, "did you hear me", leftMs());
    console.log(`Told after ms: ${JSON.stringify(Object.fromEntries(toldAfterMs))}`);
    expect(alarms).toEqual([]);
    expect(of(told, "turn-stuck")).toMatchObject({
      queue: { inTurns: 2, oldestTurnAt: running.queue?.oldestTurnAt },
      lag: { unanswered: 2 },
    });

    // The same, whoever asks.
    const [status, method, verdict, channels, monitor] = await Promise.all([
      say("gotify", "status", "--json"),
      say("gateway", "call", "gotify.status", "--json"),
      say("gotify", "health"),
      say("channels", "status"),
      health(),
    ]);
    for (const { text } of [status, method]) {
      const facts = Facts.parse(JSON.parse(text));
      expect(untold(facts, victims)).toEqual([]);
      for (const account of WELL) expect(of(facts, account)).toMatchObject({ ok: true });
    }
    const facts = Facts.parse(JSON.parse(status.text));
    for (const [account, { code, message, fix }] of Object.entries(TOLD)) {
      if (!victims.includes(account)) continue;
      const problem = of(facts, account).problems.find((one) => one.code === code);
      expect([account, problem?.message, problem?.fix]).toEqual([
        account,
        expect.stringMatching(message),
        expect.stringMatching(fix),
      ]);
      expect(verdict.text).toMatch(new RegExp(`^${account}: (?!ok$)`, "m"));
      // What the older host's command leaves out, it cannot get wrong.
      const inChannels = isOlderHost()
        ? account
        : `gotify ${account}: ${problem?.message.slice(0, 12)}`;
      expect(channels.text).toContain(inChannels);
    }
    for (const account of WELL) expect(verdict.text).toContain(`${account}: ok\n`);
    expect([verdict.code, monitor]).toEqual([1, 503]);

    // What is posted meanwhile is answered once the account lives again, which takes nobody's help.
    const reviving = ["half-open", "lease-lost", "disk-full"].filter((account) =>
      victims.includes(account),
    );
    for (const account of reviving) await side(account).say("still there?");
    side("half-open").emulator.faults.freezeStreams = false;
    side("database-down").emulator.faults.databaseDown = false;
    giveLeaseBack();
    if ("empty" in disk) disk.empty();
    turnsHeld.open();
    await waitFor(
      "them to be well again",
      async () => {
        const now = await ask();
        return [...reviving, "database-down", "turn-stuck"].every((account) => {
          const { problems, lag } = of(now, account);
          return problems.length === 0 && lag?.unanswered === 0;
        });
      },
      { timeoutMs: WITHIN_MS, intervalMs: POLL_MS },
    );
    await answered(side("turn-stuck").emulator, STEERS ? "and this?" : "take your time");
    for (const account of reviving) await answered(side(account).emulator, "still there?");

    // The rest takes what the fixes say: new tokens, and an agent for what was given up.
    const bot = fresh.createApplication("OpenClaw");
    const person = fresh.createApplication("Ada's phone");
    const changes: Readonly<Record<string, JsonObject>> = {
      "client-token-revoked": {
        clientToken: side("client-token-revoked").emulator.createClient("OpenClaw").token,
      },
      "app-token-revoked": { appToken },
      "application-deleted": {
        appToken: side("application-deleted").emulator.createApplication("OpenClaw").token,
      },
      "server-replaced": {
        appToken: bot.token,
        clientToken: fresh.createClient("OpenClaw").token,
        allowFrom: [String(person.id)],
      },
    };
    writeConfig(stage.home, {
      bindings: bindings(...ACCOUNTS),
      channels: { gotify: gotifySection(changes) },
    });
    await waitFor(
      "the new tokens to be good",
      async () => {
        const now = await ask();
        return now.accounts.every(({ account, ok }) => ok || account === "all-given-up");
      },
      { timeoutMs: WITHIN_MS, intervalMs: POLL_MS },
    );
    const again = ["dead-letters", "resubmit", "--all", "--account", "all-given-up"];
    expect(await say("gotify", ...again)).toMatchObject({ code: 0 });
    await side("all-given-up").replyWith("three");
    for (const account of ["client-token-revoked", "app-token-revoked", "application-deleted"]) {
      await side(account).say("and you?");
      await answered(side(account).emulator, "and you?");
    }
    // It has the id of one that was let in, and is another one.
    const [stranger] = of(await ask(), "server-replaced").problems;
    expect(stranger).toMatchObject({ code: "suspended", level: "warning" });
    const [, ...confirm] = (stranger?.fix ?? "").split(" ");
    expect(await say(...confirm)).toMatchObject({ code: 0 });
    fresh.push({ appid: person.id, message: "and you?" });
    await answered(fresh, "and you?");
    await waitFor(
      "all to be well",
      async () => (await ask()).accounts.every(({ problems }) => problems.length === 0),
      { timeoutMs: WITHIN_MS, intervalMs: POLL_MS },
    );
    expect((await say("gotify", "health")).code).toBe(0);
    await waitFor("the monitor to be told", async () => (await health()) === 200);
  },
  TEST_TIMEOUT_MS,
);
