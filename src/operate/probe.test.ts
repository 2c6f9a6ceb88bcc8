import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { startLocalServer } from "../../test/support/local-server.ts";
import { resolveAccount } from "../config/accounts.ts";
import { probeLines } from "./probe-lines.ts";
import { withholding } from "../vitals/withheld.ts";
import { probeAccount, withheldProbe, type FindOwnApplication } from "./probe.ts";

async function setup(personality: Personality = "v3") {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const app = emulator.createApplication("OpenClaw").token;
  const client = emulator.createClient("bridge").token;
  const probe = (
    gotify: Record<string, unknown> = {},
    findOwn?: FindOwnApplication,
    timeoutMs = 2_000,
  ) => {
    const cfg: OpenClawConfig = {
      channels: {
        gotify: { serverUrl: emulator.url, appToken: app, clientToken: client, ...gotify },
      },
    };
    return probeAccount(resolveAccount(cfg), timeoutMs, findOwn);
  };
  return { emulator, app, client, probe };
}

describe.each<Personality>(["v2", "v3"])("the probe on Gotify %s", (personality) => {
  test("finds a good account good, and leaves no trace", async () => {
    const { emulator, probe } = await setup(personality);
    expect(await probe()).toMatchObject({
      ok: true,
      version: personality === "v2" ? "2.9.1" : "3.0.0",
    });
    expect(emulator.store.messages()).toEqual([]);
  });

  test("tells tokens that were swapped from tokens that are unknown", async () => {
    const { app, client, probe } = await setup(personality);
    expect((await probe({ appToken: client })).error).toMatch(/appToken is the token of a client/);
    expect((await probe({ clientToken: app })).error).toMatch(
      /clientToken is the token of an application/,
    );
    expect((await probe({ appToken: "Awrong" })).error).toMatch(/app token \(401\)/);
    expect((await probe({ clientToken: "Cwrong" })).error).toMatch(/client token \(401\)/);
  });
});

describe("the probe", () => {
  test.each<[string, RegExp, (emulator: Emulator) => void | Promise<void>]>([
    ["an unreachable server", /refused/, (emulator) => emulator.goDown()],
    [
      "a dead database, which says nothing about tokens",
      /database is red/,
      (emulator) => void (emulator.faults.databaseDown = true),
    ],
    ["a login page", /login page/, (emulator) => void (emulator.faults.htmlFront = true)],
    ["a proxy without a server", /proxy/, (emulator) => void (emulator.faults.badGateway = true)],
  ])("names %s", async (_what, text, breakIt) => {
    const { emulator, probe } = await setup();
    await breakIt(emulator);
    const result = await probe();
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(text);
  });

  test("of an account that is not configured says what is missing", async () => {
    const { probe } = await setup();
    const result = await probe({ serverUrl: undefined });
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/serverUrl/);
  });

  test("tells whether the answers go to the user who receives", async () => {
    const { emulator, probe } = await setup("v2");
    expect(await probe()).toMatchObject({ sameUser: true, application: { name: "OpenClaw" } });
    const bob = emulator.createUser("bob");
    const theirs = emulator.createApplication("theirs", { userId: bob.id });
    // Gotify 2 shows a user its own applications, with their tokens: nothing has to be learned.
    const others = { ok: false, sameUser: false, error: textLike(/belongs to another user/) };
    expect(await probe({ appToken: theirs.token })).toMatchObject(others);
    const learned = async (): Promise<number> => theirs.id;
    expect(await probe({ appToken: theirs.token }, learned)).toMatchObject({
      ...others,
      application: { id: theirs.id },
    });
    const lines = probeLines(await probe({ appToken: theirs.token })).map(({ text }) => text);
    expect(lines[0]).toMatch(/another user/);
    expect(lines.at(-1)).toMatch(/ go to somebody else/);
  });

  test("on Gotify 3 knows the application by what was learned from a post", async () => {
    const { emulator, probe } = await setup("v3");
    const unknown = await probe();
    expect(unknown).toMatchObject({ ok: true, user: "admin" });
    expect(unknown).not.toHaveProperty("application");
    const other = emulator.createApplication("Other");
    expect(await probe({ appToken: other.token }, async () => other.id)).toMatchObject({
      sameUser: true,
      application: { id: other.id, name: "Other" },
    });
    const bob = emulator.createUser("bob");
    const theirs = emulator.createApplication("theirs", { userId: bob.id });
    const unlearned = await probe({ appToken: theirs.token });
    expect(unlearned.ok).toBe(true);
    expect(unlearned).not.toHaveProperty("sameUser");
    expect(await probe({ appToken: theirs.token }, async () => theirs.id)).toMatchObject({
      ok: false,
      sameUser: false,
      error: textLike(/another user/),
    });
  });

  test("ends in the time it is given, with a server that does not answer, and says so", async () => {
    const silent = await startLocalServer(() => {});
    onTestFinished(() => silent.close());
    const { probe } = await setup();
    const startedAt = performance.now();
    const result = await probe({ serverUrl: silent.url }, undefined, 500);
    expect(performance.now() - startedAt).toBeLessThan(500 + 400);
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/did not answer|in time|timed? ?out/i);
  });
});

test("what a probe tells to others names no server, and everything else stays", async () => {
  const cfg: OpenClawConfig = {
    channels: { gotify: { serverUrl: "http://127.0.0.1:9/x", appToken: "AgeheimGeheim01" } },
  };
  const probe = await probeAccount(resolveAccount(cfg), 5_000);
  expect(probe.error).toContain("127.0.0.1:9");
  const told = withheldProbe(probe, withholding(cfg));
  expect(told).toEqual({ ...probe, error: textLike(/\(address\)/) });
  expect(JSON.stringify(told)).not.toContain("127.0.0.1");
});
