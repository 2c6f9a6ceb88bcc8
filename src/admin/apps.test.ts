import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { startChangingFront } from "../../test/support/changing-front.ts";
import { resolveAccount } from "../config/accounts.ts";
import { GotifyClient } from "../gotify/client.ts";
import { asObject } from "../gotify/parse.ts";
import { setIcon } from "./app-icon.ts";
import { createApp, deleteApps, listApps, updateApp } from "./apps.ts";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const YES = { yes: true, json: true };
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

async function setup(personality: Personality = "v3") {
  const emulator = await startEmulator({ personality });
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
    await run((at) => updateApp("Backup", { sortKey: "zz" }, at));
    const folder = mkdtempSync(join(tmpdir(), "gotify-icon-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const picture = join(folder, "cat.png");
    writeFileSync(picture, PIXEL);
    const { json: pictured } = await run((at) => setIcon("Backup", picture, { json: true }, at));
    const imageUrl = asObject(pictured["application"])?.["imageUrl"];
    expect(imageUrl).toMatch(/image\/.*\.png$/);
    const { json } = await run((at) =>
      updateApp(`${backup.id}`, { name: "Backups", json: true }, at),
    );
    expect(json).toMatchObject({
      ok: true,
      application: {
        name: "Backups",
        description: "nightly",
        defaultPriority: 4,
        sortKey: "zz",
        imageUrl,
      },
    });
    const empty = await run((at) => updateApp("Backups", { sortKey: "", json: true }, at));
    expect([empty.code, empty.json["error"]]).toEqual([1, expect.stringContaining("--sort-key")]);
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
    mkdirSync(join(folder, "folder.png"));
    expect(await bad(join(folder, "folder.png"))).toContain("It is no file");
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
    const answers = personality === "v2" ? ["y"] : ["yes", "admin"];
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
      ...(personality === "v2" ? [] : ["Password of admin: (hidden)"]),
    ]);
    expect(notes).toHaveLength(personality === "v2" ? 0 : 1);
    // The password was for the deletion alone: the account's client may do no more than before.
    const { serverUrl, clientToken } = gotify;
    const clients = await new GotifyClient({ serverUrl, clientToken }).listClients();
    expect(clients.map(({ elevatedUntil }) => elevatedUntil)).toEqual([undefined]);
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

test("a sort key that the server knows nothing of is not told as set", async () => {
  const { emulator, gotify, names } = await setup("v2");
  const before29 = await startChangingFront(emulator.url, (text) =>
    text.replace(/,"sortKey":"[^"]*"/g, ""),
  );
  const { run } = administration({ ...gotify, serverUrl: before29.url });
  const changes = { sortKey: "zz", name: "Half", json: true };
  const updated = await run((at) => updateApp("Backup", changes, at));
  expect([updated.code, updated.json["code"]]).toEqual([1, "GOTIFY_REFUSED"]);
  expect(updated.json["error"]).toMatch(/Nothing was changed.*2\.9/);
  expect(names()).toEqual(["OpenClaw", "Backup"]);
  const made = await run((at) => createApp("Disk", { sortKey: "zz", json: true }, at));
  expect(made.json).toMatchObject({ ok: false, application: { id: 3, name: "Disk" } });
  expect(made.json["error"]).toMatch(/Created application 3 \(Disk\), but without the sort key/);
});

test("an icon that cannot be taken away for another reason is not told as none", async () => {
  const { emulator, gotify } = await setup("v2");
  const front = await startChangingFront(emulator.url, (text) =>
    text.replace("does not have a customized image", "is on fire"),
  );
  const { run } = administration({ ...gotify, serverUrl: front.url });
  const { code, err } = await run((at) => setIcon("Backup", undefined, { remove: true }, at));
  expect([code, err]).toEqual([1, expect.stringContaining("is on fire")]);
  expect(err).not.toContain("Nothing to take away");
});
