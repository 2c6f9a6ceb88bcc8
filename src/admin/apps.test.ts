import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { resolveAccount } from "../config/accounts.ts";
import { GotifyClient } from "../gotify/client.ts";
import { setIcon } from "./app-icon.ts";
import { createApp, deleteApps, listApps, updateApp } from "./apps.ts";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const YES = { yes: true, json: true };
const MINUTE_MS = 60_000;
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

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

describe.each<Personality>(["v2", "v3"])("applications on Gotify %s", (personality) => {
  test("are listed with what uses them, in 80 columns and as JSON, without tokens", async () => {
    const { emulator, own, backup, ownApplications, gotify, run } = await setup(personality);
    ownApplications.learn(resolveAccount({ channels: { gotify } }), own.id);
    emulator.createApplication("A name that is longer than anybody would ever want to read");
    const { code, out } = await run((at) => listApps({}, at), { columns: 80 });
    expect(code).toBe(0);
    expect(out).toMatch(/ID +NAME +PRIO/);
    expect(out).toMatch(new RegExp(`${own.id} +OpenClaw .*account default`));
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
    const { json, out: text } = await run((at) => listApps({ json: true }, at));
    expect(json).toMatchObject({
      ok: true,
      account: "default",
      applications: [
        { id: own.id, name: "OpenClaw", accounts: ["default"] },
        { id: backup.id, name: "Backup", description: "", accounts: [] },
        {},
      ],
    });
    expect(text).not.toContain(own.token);
  });

  test("are created with their settings, and the token is shown when it is asked for", async () => {
    const { run } = await setup(personality);
    const options = { description: "nightly", defaultPriority: "high" };
    const quiet = await run((at) => createApp("Disk", options, at));
    expect(quiet.out).toMatch(
      /^Created application 3 \(Disk\)\. Its token is shown with --show-token/,
    );
    const { json } = await run((at) => createApp("Door", { ...options, json: true }, at));
    expect(json).toMatchObject({ application: { description: "nightly", defaultPriority: 8 } });
    expect(json).not.toHaveProperty("token");
    const shown = await run((at) => createApp("Door", { json: true, showToken: true }, at));
    expect(shown.json["token"]).toMatch(personality === "v2" ? /^A/ : /^gtfya\./);
  });

  test("are changed in what is named only, by id or exact name", async () => {
    const { backup, run } = await setup(personality);
    await run((at) => updateApp("Backup", { description: "nightly", defaultPriority: "4" }, at));
    const { json } = await run((at) =>
      updateApp(`${backup.id}`, { name: "Backups", json: true }, at),
    );
    expect(json).toMatchObject({
      ok: true,
      application: { name: "Backups", description: "nightly", defaultPriority: 4 },
    });
    const { code, json: nothing } = await run((at) => updateApp("Backups", { json: true }, at));
    expect([code, nothing["error"]]).toEqual([1, expect.stringContaining("Nothing to change")]);
  });

  test("have their icon set and taken away", async () => {
    const { run, emulator } = await setup(personality);
    const folder = mkdtempSync(join(tmpdir(), "gotify-icon-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string, data: string | Uint8Array): string => {
      writeFileSync(join(folder, name), data);
      return join(folder, name);
    };
    const pixel = file("cat.png", PIXEL);
    const { json } = await run((at) => setIcon("Backup", pixel, { json: true }, at));
    expect(json).toMatchObject({
      application: { imageUrl: matching(/image\/.*\.png$/) },
    });
    const { code } = await run((at) => setIcon("Backup", undefined, { remove: true }, at));
    expect(code).toBe(0);
    const before = emulator.store.requests().length;
    const bad = async (path: string | undefined, remove = false): Promise<string> => {
      const { code: failed, err } = await run((at) => setIcon("Backup", path, { remove }, at));
      expect([failed, err.trim().split("\n").length]).toEqual([1, 1]);
      return err;
    };
    expect(await bad(join(folder, "none.png"))).toContain("ENOENT");
    expect(await bad(file("cat.txt", PIXEL))).toContain("Gotify takes .png");
    expect(await bad(file("big.png", new Uint8Array(6 * 1024 * 1024)))).toContain(
      "larger than 5 MiB",
    );
    expect(await bad(undefined)).toContain("Name a picture");
    expect(await bad(pixel, true)).toContain("Name a picture");
    expect(emulator.store.requests()).toHaveLength(before);
    expect(await bad(file("text.png", "no picture"))).toMatch(
      /does not take .*text\.png for a picture/,
    );
    expect(await bad(undefined, true)).toContain("Nothing to take away");
  });

  test("are deleted, several with one password, and the password shows nowhere", async () => {
    const { emulator, run, person, asked, notes, names, ownApplications, gotify, own } =
      await setup(personality);
    ownApplications.learn(resolveAccount({ channels: { gotify } }), own.id);
    emulator.createApplication("Disk");
    const answers = personality === "v2" ? ["y"] : ["yes", "", "admin"];
    const { code, out, err } = await run(
      (at) => deleteApps(["Backup", "Disk"], {}, at),
      person(...answers),
    );
    expect([code, out, err]).toEqual([
      0,
      "Deleted application 2 (Backup), application 3 (Disk).\n",
      "",
    ]);
    expect(names()).toEqual(["OpenClaw"]);
    expect(asked).toEqual([
      "Delete application 2 (Backup), application 3 (Disk) with all messages? [y/N] ",
      ...(personality === "v2" ? [] : ["User [admin]: ", "Password of admin: (hidden)"]),
    ]);
    expect(notes).toHaveLength(personality === "v2" ? 0 : 1);
  });

  test("that an account answers with stay, unless it is forced", async () => {
    const { emulator, own, ownApplications, gotify, run, names } = await setup(personality);
    ownApplications.learn(resolveAccount({ channels: { gotify } }), own.id);
    const refused = await run((at) => deleteApps(["Backup", "OpenClaw"], YES, at));
    expect([refused.code, refused.json["code"]]).toEqual([1, "GOTIFY_IN_USE"]);
    expect(refused.json["error"]).toMatch(
      /answers with application 1 \(OpenClaw\), in account default/,
    );
    expect(names()).toEqual(["OpenClaw", "Backup"]);
    const environment = { GOTIFY_PASS: "admin" };
    const forced = await run((at) => deleteApps(["OpenClaw"], { ...YES, force: true }, at), {
      environment,
    });
    expect([forced.code, forced.json["deleted"], names()]).toEqual([0, [own.id], ["Backup"]]);
    expect(emulator.store.messages()).toEqual([]);
  });
});

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
    expect(refused.json["error"]).toMatch(/GOTIFY_PASS.*--password-stdin/);
    const wrong = await run((at) => deleteApps(["Doomed"], YES, at), {
      environment: { GOTIFY_PASS: "not-the-password" },
    });
    expect([wrong.code, wrong.json["code"]]).toEqual([1, "GOTIFY_UNAUTHORIZED"]);
    expect(wrong.out).not.toContain("not-the-password");
    expect(names()).toContain("Doomed");
    const fromEnvironment = await run((at) => deleteApps(["Doomed"], YES, at), {
      environment: { GOTIFY_USER: "admin", GOTIFY_PASS: "admin" },
    });
    expect([fromEnvironment.code, names()]).toEqual([0, ["OpenClaw", "Backup"]]);
    doomed();
    const piped = await run(
      (at) => deleteApps(["Doomed"], { ...YES, passwordStdin: true, user: "admin" }, at),
      { readStdin: async () => "admin\n" },
    );
    expect([piped.code, names()]).toEqual([0, ["OpenClaw", "Backup"]]);
  });
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

describe("bad input is told in one line", () => {
  test("a name that nobody has, or several have", async () => {
    const { emulator, run } = await setup();
    emulator.createApplication("Backup");
    const unknown = await run((at) => updateApp("backup", { name: "x", json: true }, at));
    expect(unknown.json).toEqual({
      ok: false,
      code: "GOTIFY_NOT_FOUND",
      error:
        'There is no application "backup" for this user. There are: 1 (OpenClaw), 2 (Backup), 3 (Backup).',
    });
    const ambiguous = await run((at) => updateApp("Backup", { name: "x", json: true }, at));
    expect(ambiguous.json).toMatchObject({
      code: "GOTIFY_AMBIGUOUS",
      error: 'Several applications are called "Backup". Name the one by its id: 2, 3.',
    });
  });

  test("another user's application", async () => {
    const { emulator, run, names } = await setup("v2");
    const other = emulator.createUser("bob");
    const foreign = emulator.createApplication("Bob's", { userId: other.id });
    const { code, json } = await run((at) => deleteApps([`${foreign.id}`], YES, at));
    expect([code, json["code"]]).toEqual([1, "GOTIFY_NOT_FOUND"]);
    expect(names()).toContain("Bob's");
  });

  test("an account that is not there, or has no client token; a server that is not there", async () => {
    const { emulator, run, gotify } = await setup();
    const missing = await run((at) => listApps({ account: "work", json: true }, at));
    expect(missing.json["error"]).toMatch(/no Gotify account "work". Configured: default/);
    const { appToken, serverUrl } = gotify;
    const sender = administration({ appToken, serverUrl });
    const sends = await sender.run((at) => listApps({ json: true }, at));
    expect(sends.json["error"]).toMatch(/only sends: it has no client token/);
    await emulator.goDown();
    const down = await run((at) => listApps({}, at));
    expect([down.code, down.out, down.err.trim().split("\n").length]).toEqual([1, "", 1]);
    expect(down.err).toContain("refused");
  });

  test("a priority that is none", async () => {
    const { run, names } = await setup();
    const { code, err } = await run((at) => createApp("x", { defaultPriority: "loud" }, at));
    expect([code, names()]).toEqual([1, ["OpenClaw", "Backup"]]);
    expect(err).toContain('not "loud"');
  });
});
