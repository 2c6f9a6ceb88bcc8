import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { GotifyClient } from "../gotify/client.ts";
import { deleteApps } from "./apps.ts";

const YES = { yes: true, json: true };
const MINUTE_MS = 60_000;

async function setup(personality: Personality = "v3", now: () => Date = () => new Date()) {
  const emulator = await startEmulator({ personality, now });
  onTestFinished(() => emulator.stop());
  const own = emulator.createApplication("OpenClaw");
  const backup = emulator.createApplication("Backup");
  const reader = emulator.createClient("OpenClaw");
  const gotify = { serverUrl: emulator.url, appToken: own.token, clientToken: reader.token };
  const names = (): readonly string[] => emulator.store.applications().map(({ name }) => name);
  return { emulator, own, backup, reader, gotify, names, ...administration(gotify) };
}

describe("deleting on Gotify 3", () => {
  test("is refused for what may be the account's own, as long as it has posted nothing", async () => {
    const { emulator, run, names } = await setup();
    emulator.createApplication("Never used");
    const { json } = await run((at) => deleteApps(["OpenClaw"], YES, at));
    expect(json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
    expect(json["error"]).toMatch(/may answer with application 1 \(OpenClaw\).* send one with/);
    const other = await run((at) => deleteApps(["Never used"], YES, at), {
      environment: { GOTIFY_PASS: "admin" },
    });
    expect([other.code, names()]).toEqual([0, ["OpenClaw", "Backup"]]);
    expect(emulator.store.messages()).toEqual([]);
  });

  test("is not refused for what was used long before", async () => {
    let ms = Date.parse("2026-03-01T12:00:00Z");
    const { emulator, backup, gotify, run, names } = await setup("v3", () => new Date(ms));
    const poster = new GotifyClient({ serverUrl: emulator.url, appToken: backup.token });
    await poster.sendMessage({ message: "used" });
    ms += 3 * MINUTE_MS;
    const early = await run((at) => deleteApps(["Backup"], YES, at));
    expect(early.json).toMatchObject({ code: "GOTIFY_IN_USE" });
    ms += 30 * MINUTE_MS;
    const late = await run((at) => deleteApps(["Backup"], YES, at), {
      environment: { GOTIFY_PASS: "admin" },
    });
    expect([late.code, names()]).toEqual([0, ["OpenClaw"]]);
    // A token that counts no more keeps nothing.
    const { clientToken, serverUrl } = gotify;
    const replaced = administration({ serverUrl, clientToken, appToken: "gtfya.replaced" });
    const { json } = await replaced.run((at) => deleteApps(["OpenClaw"], YES, at));
    expect(json).toMatchObject({ code: "GOTIFY_NOT_ELEVATED" });
  });

  test("takes the password from the environment, from standard input, or says how", async () => {
    const { emulator, run, names } = await setup();
    const doomed = (): void => void emulator.createApplication("Doomed");
    doomed();
    const refused = await run((at) => deleteApps(["Doomed"], YES, at));
    expect([refused.code, refused.json["code"]]).toEqual([1, "GOTIFY_NOT_ELEVATED"]);
    expect(refused.json["error"]).toMatch(/GOTIFY_PASS.*--password-stdin\.$/);
    const wrong = await run((at) => deleteApps(["Doomed"], YES, at), {
      environment: { GOTIFY_PASS: "not-the-password" },
    });
    expect([wrong.code, wrong.json["code"]]).toEqual([1, "GOTIFY_UNAUTHORIZED"]);
    expect(wrong.out).not.toContain("not-the-password");
    expect(names()).toContain("Doomed");
    const fromEnvironment = await run((at) => deleteApps(["Doomed"], YES, at), {
      environment: { GOTIFY_PASS: "admin" },
    });
    expect([fromEnvironment.code, names()]).toEqual([0, ["OpenClaw", "Backup"]]);
    doomed();
    const piped = await run((at) => deleteApps(["Doomed"], { ...YES, passwordStdin: true }, at), {
      readStdin: async () => "admin\n",
    });
    expect([piped.code, names()]).toEqual([0, ["OpenClaw", "Backup"]]);
  });
});

test("only the client token's user has something to delete: no other login counts", async () => {
  const { emulator } = await setup("v3");
  const bob = emulator.createUser("bob");
  const theirs = { userId: bob.id };
  const own = emulator.createApplication("Bob's", theirs);
  emulator.createApplication("Doomed", theirs);
  const reader = emulator.createClient("Bob's", theirs);
  const gotify = { serverUrl: emulator.url, appToken: own.token, clientToken: reader.token };
  const { run } = administration(gotify);
  const force = { ...YES, force: true };
  const foreign = await run((at) => deleteApps(["Doomed"], force, at), {
    environment: { GOTIFY_USER: "admin", GOTIFY_PASS: "admin" },
  });
  expect([foreign.code, foreign.json["code"]]).toEqual([1, "GOTIFY_UNAUTHORIZED"]);
  expect(emulator.store.applications().map(({ name }) => name)).toContain("Doomed");
  const done = await run((at) => deleteApps(["Doomed"], force, at), {
    environment: { GOTIFY_USER: "admin", GOTIFY_PASS: "bob" },
  });
  expect([done.code, emulator.store.applications().map(({ name }) => name)]).toEqual([
    0,
    ["OpenClaw", "Backup", "Bob's"],
  ]);
});

describe("a deletion", () => {
  test("that nobody confirms does nothing", async () => {
    const { run, person, names } = await setup("v2");
    const alone = await run((at) => deleteApps(["Backup"], {}, at));
    expect([alone.code, alone.err.trim().split("\n").length]).toEqual([1, 1]);
    expect(alone.err).toContain("Add --yes");
    const no = await run((at) => deleteApps(["Backup"], {}, at), person(""));
    expect([no.code, no.err]).toEqual([1, "Nothing was deleted.\n"]);
    expect(names()).toContain("Backup");
  });

  test("that fails or is stopped on the way says how far it came", async () => {
    const { emulator, run, names } = await setup("v2");
    for (const name of ["a", "b", "c"]) emulator.createApplication(name);
    const stop = new AbortController();
    const { InterruptedError } = await import("./surroundings.ts");
    const stopped = await run((at) => deleteApps(["a", "b", "c"], YES, at), {
      interruptible: (work) => work(stop.signal),
      progress: () => ({ at: () => stop.abort(new InterruptedError()), end: () => {} }),
    });
    expect([stopped.code, stopped.json]).toEqual([
      1,
      {
        ok: false,
        code: "GOTIFY_INTERRUPTED",
        error: "Deleted 1 of 3 applications, then: it was stopped. Not deleted: 4, 5.",
        deleted: [3],
        unknown: [],
        notDeleted: [4, 5],
      },
    ]);
    const broken = await run((at) => deleteApps(["b", "c"], YES, at), {
      progress: () => ({ at: () => void (emulator.faults.badGateway = true), end: () => {} }),
    });
    emulator.faults.badGateway = false;
    expect(broken.json).toMatchObject({
      code: "GOTIFY_SERVER_ERROR",
      deleted: [4],
      notDeleted: [5],
    });
    expect(names()).toEqual(["OpenClaw", "Backup", "c"]);
  });
});
