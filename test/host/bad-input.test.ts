// Owns what a real Gateway does with servers that are away, wrong or broken, and with frames that are no messages.
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import type { JsonObject } from "../support/openclaw.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

/** Larger than the largest frame the plugin looks at (4 MiB). */
const OVERSIZED_BYTES = 5 * 1024 * 1024;
/** Wrong, but of the form a real one has. */
const WRONG_APP_TOKEN = "AwrongWrong0001";
const WRONG_CLIENT_TOKEN = "CwrongWrong0001";
/** Short waits between connection attempts, so that a server that comes back is found within the test. */
const IMPATIENT = { inbound: { reconnectDelayMs: 200, maxReconnectDelayMs: 500 } };

let stage: Stage;
/** A server and account without a fault: whatever happens to the others must not reach it. */
let good: GotifySide;
let sleeping: GotifySide;
let login: GotifySide;
let subpath: GotifySide;
let wrongClient: GotifySide;
let wrongApp: GotifySide;
let revoked: GotifySide;

beforeAll(async () => {
  const sides = await Promise.all([
    startGotifySide({ personality: "v3" }),
    startGotifySide({ personality: "v2" }),
    startGotifySide(),
    startGotifySide({ basePath: "/gotify" }),
    startGotifySide(),
    startGotifySide(),
    startGotifySide(),
  ]);
  [good, sleeping, login, subpath, wrongClient, wrongApp, revoked] = sides;
  await sleeping.emulator.goDown();
  login.emulator.faults.htmlFront = true;
  stage = await openStage({
    gotify: {
      accounts: {
        good: good.account(),
        sleeping: sleeping.account(IMPATIENT),
        login: login.account(),
        subpath: subpath.account({ serverUrl: new URL(subpath.url).origin }),
        wrongclient: wrongClient.account({ clientToken: WRONG_CLIENT_TOKEN }),
        wrongapp: wrongApp.account({ appToken: WRONG_APP_TOKEN }),
        revoked: revoked.account(),
      },
    },
    script: (turn) => `Re: ${turn.said}`,
  });
  await connected(stage, "good", "wrongapp", "revoked");
  await warmUp(good);
  return async () => {
    await stage.stop();
    await Promise.all(sides.map((side) => side.stop()));
  };
});

describe("an account that cannot connect says so once, in one line that tells what to do", () => {
  test.for([
    ["sleeping", /is not reachable: the connection was refused\. Check that Gotify runs/],
    ["login", /is not Gotify\. Check the server URL.* whether a login page stands in front/],
    ["subpath", /\(404\)\. Check the server URL, above all a sub-path/],
    ["wrongclient", /does not accept the client token \(401\).*Create a client/],
  ] as const)("%s", async ([account, remedy]) => {
    await stage.gateway.waitForLog(new RegExp(`\\[${account}\\] .*${remedy.source}`));
    expect(linesAbout(account)).toHaveLength(1);
    const status = await accountStatus(account);
    expect(status).toMatchObject({ running: true, connected: false });
    expect(status["lastError"]).toMatch(remedy);
  });

  test("and the probe says the same", async () => {
    const { stdout } = await stage.gateway.run("channels", "status", "--probe");
    expect(stdout).toMatch(/Gotify good: .*connected.*, works/);
    for (const account of ["sleeping", "login", "subpath", "wrongclient", "wrongapp"]) {
      expect(stdout).toMatch(new RegExp(`Gotify ${account}: .*probe failed`));
    }
  });
});

test("a server that was down when the Gateway started is found when it comes up", async () => {
  await sleeping.emulator.comeBack();
  await stage.gateway.waitForLog(/\[sleeping\] Connected/);
  await sleeping.say("good morning");
  expect((await sleeping.replyWith("good morning")).appid).toBe(sleeping.bot.id);
});

test("a wrong app token costs the answer, says so in one line, and the account goes on listening", async () => {
  await wrongApp.say("can you hear me?");
  await stage.gateway.waitForLog(/\[wrongapp\] .*does not accept the app token \(401\)/);
  expect(linesAbout("wrongapp").filter((line) => line.includes("401"))).toHaveLength(1);
  expect(await wrongApp.replies()).toHaveLength(0);
  expect(await accountStatus("wrongapp")).toMatchObject({ running: true, connected: true });
});

test("a client token revoked while running stops that account and says so", async () => {
  await stage.gateway.waitForLog(/\[revoked\] Connected/);
  revoked.emulator.deleteClient(revoked.reader.id);
  await stage.gateway.waitForLog(/\[revoked\] .*does not accept the client token \(401\)/);
  const status = await waitFor("the account to be blocked", async () => {
    const now = await accountStatus("revoked");
    return now["lifecycle"] === "blocked" ? now : undefined;
  });
  expect(status).toMatchObject({ connected: false });
});

describe("a frame that is no message is dropped, and the next good one is answered", () => {
  const message = { appid: 2, message: "from a broken frame", title: "", priority: 5 };
  const date = "2026-01-02T03:04:05Z";
  test.for([
    ["text that is not JSON", "<html>login</html>", /Dropped a frame of \d+ bytes \(malformed\)/],
    ["JSON that is no message", '["a", "list"]', /Dropped a frame of \d+ bytes \(malformed\)/],
    [
      "a message without an id",
      JSON.stringify({ ...message, date }),
      /Dropped a frame of \d+ bytes \(no-id\)/,
    ],
    [
      "a message with the id 0",
      JSON.stringify({ ...message, date, id: 0 }),
      /Dropped a frame of \d+ bytes \(no-id\)/,
    ],
    [
      "a message that is too large",
      JSON.stringify({ ...message, date, id: 999_999, message: "x".repeat(OVERSIZED_BYTES) }),
      /Dropped a frame of \d+ bytes \(oversized\)/,
    ],
  ] as const)("%s", async ([what, frame, log]) => {
    const since = stage.gateway.mark();
    good.emulator.faults.rawFrame(frame);
    await stage.gateway.waitForLog(log, { since });
    await good.say(`after ${what}`);
    await good.replyWith(`after ${what}`);
    expect(stage.model.requests.some((turn) => turn.said.includes("broken frame"))).toBe(false);
  });
});

test("through all of this the Gateway and the good account were never disturbed", async () => {
  expect(linesAbout("good").filter((line) => /Connected/.test(line))).toHaveLength(1);
  expect(await accountStatus("good")).toMatchObject({ connected: true, reconnectAttempts: 0 });
  expect(stage.gateway.output()).not.toMatch(/uncaught|unhandled|auto-restart/i);
});

test("no token appears in what the Gateway writes", () => {
  const output = stage.gateway.output();
  const sides = [good, sleeping, login, subpath, wrongClient, wrongApp, revoked];
  const secrets = [WRONG_APP_TOKEN, WRONG_CLIENT_TOKEN, ...sides.flatMap((side) => side.secrets())];
  for (const secret of secrets) expect(output).not.toContain(secret);
});

/** What the Gateway wrote on behalf of one account. */
function linesAbout(account: string): string[] {
  const lines = stage.gateway.output().split("\n");
  return lines.filter((line) => line.includes(`[gotify] [${account}]`));
}

const Status = z.object({
  channelAccounts: z.object({ gotify: z.array(z.record(z.string(), z.unknown())) }),
});

async function accountStatus(account: string): Promise<JsonObject> {
  const { stdout } = await stage.gateway.run("channels", "status", "--json");
  const accounts = Status.parse(JSON.parse(stdout)).channelAccounts.gotify;
  const found = accounts.find((entry) => entry["accountId"] === account);
  if (found === undefined) throw new Error(`The host knows no account ${account}.`);
  return found;
}
