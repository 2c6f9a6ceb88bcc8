// Owns the administration on the real command line: each verb of `openclaw gotify` that manages a server once, over one state folder.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Emulator, Personality } from "../emulator/index.ts";
import {
  readConfig,
  runOpenClaw,
  startOpenClaw,
  writeConfig,
  type OpenClawHome,
} from "../support/openclaw.ts";
import { CTRL_C, ENTER, noTerminal, openTerminal } from "../support/terminal.ts";
import { blank, PASSWORD } from "./blank.ts";

const TEST_TIMEOUT_MS = 300_000;
const COLUMNS = 80;
/** Enough that somebody can stop it on the way. */
const MANY = 400;
const PERSONALITIES: readonly Personality[] =
  process.env["OPENCLAW_GOTIFY_FULL"] === "1" ? ["v2", "v3"] : ["v3"];
/** The smallest PNG there is: one transparent pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

const Answer = z
  .object({
    ok: z.boolean(),
    error: z.string().optional(),
    code: z.string().optional(),
    deleted: z.array(z.number()).optional(),
    notDeleted: z.array(z.number()).optional(),
  })
  .loose();

/** An account that is set up, and a way to run our commands for programs. */
async function setup(personality: Personality) {
  const { home, emulator } = await blank(personality);
  const own = emulator.createApplication("OpenClaw");
  const reader = emulator.createClient("OpenClaw");
  writeConfig(home, {
    channels: {
      gotify: { serverUrl: emulator.url, appToken: own.token, clientToken: reader.token },
    },
  });
  const json = async (args: readonly string[], env: Record<string, string> = {}) => {
    const command = ["gotify", ...args, "--json"];
    const { code, stdout, stderr } = await runOpenClaw(home, command, { env });
    expect(stdout.trim().split("\n"), stdout + stderr).toHaveLength(1);
    return { exit: code, ...Answer.parse(JSON.parse(stdout)), stdout };
  };
  return { home, emulator, own, reader, json };
}

test.each(PERSONALITIES)(
  "every verb works on Gotify %s, and what OpenClaw needs is not deleted",
  async (personality) => {
    const { home, emulator, own, reader, json } = await setup(personality);
    const password = { GOTIFY_PASS: PASSWORD };
    const icon = join(home.dir, "icon.png");
    writeFileSync(icon, PIXEL);

    const created = await json(["apps", "create", "Backup", "--default-priority", "low"]);
    expect(created).toMatchObject({
      exit: 0,
      ok: true,
      application: { id: 2, defaultPriority: 2 },
    });
    // Its token would be one that shows in an output, which no test may.
    expect(created).not.toHaveProperty("token");
    expect(await json(["apps", "update", "Backup", "--description", "nightly"])).toMatchObject({
      application: { name: "Backup", description: "nightly", defaultPriority: 2 },
    });
    expect((await json(["apps", "icon", "Backup", icon])).exit).toBe(0);
    const apps = await json(["apps"]);
    expect(apps).toMatchObject({ applications: [{ id: own.id }, { id: 2, name: "Backup" }] });
    for (const { token } of [own, reader]) expect(apps.stdout).not.toContain(token);

    expect((await json(["clients", "create", "Phone"])).exit).toBe(0);
    expect(await json(["clients", "update", "Phone", "--name", "Pixel"])).toMatchObject({
      client: { id: 2, name: "Pixel" },
    });
    expect(await json(["clients", "list"])).toMatchObject({
      clients: [{ id: reader.id, accounts: ["default"] }, { name: "Pixel" }],
    });
    expect(await json(["clients", "delete", "OpenClaw", "--yes"], password)).toMatchObject({
      exit: 1,
      ok: false,
      code: "GOTIFY_IN_USE",
    });
    expect(await json(["clients", "delete", "Pixel", "--yes"], password)).toMatchObject({
      exit: 0,
      deleted: [2],
    });

    for (const text of ["all is well", "disk is full", "all is well"]) {
      emulator.push({ appid: 2, message: text });
    }
    expect(
      await json(["messages", "list", "--app", "Backup", "--grep", "disk", "--since", "1h"]),
    ).toMatchObject({ messages: [{ id: 2, message: "disk is full" }], next: null });
    const alone = await json(["messages", "delete", "2"]);
    expect([alone.exit, alone.error]).toEqual([1, expect.stringContaining("Add --yes")]);
    expect(await json(["messages", "delete", "2", "--yes"])).toMatchObject({ deleted: [2] });
    expect((await json(["messages", "clear", "--app", "Backup", "--yes"])).exit).toBe(0);
    expect(emulator.store.messages()).toEqual([]);

    // Both the application and its account are known by their use alone on Gotify 3.
    const mine = await json(["apps", "delete", "OpenClaw", "--yes"], password);
    expect([mine.exit, mine.code, emulator.store.applications().length]).toEqual([
      1,
      "GOTIFY_IN_USE",
      2,
    ]);
    expect((await json(["apps", "delete", "Backup", "--yes"], password)).exit).toBe(0);
    expect(emulator.store.applications()).toEqual([{ id: own.id, name: "OpenClaw" }]);
    expect(JSON.stringify(readConfig(home))).not.toContain(PASSWORD);
  },
  TEST_TIMEOUT_MS,
);

test.skipIf(noTerminal !== undefined)(
  "in a terminal, tables fit, a deletion asks for consent and password, and Ctrl-C ends a tail well",
  async () => {
    const { home, emulator } = await setup("v3");
    const doomed = emulator.createApplication("Doomed");
    emulator.push({ appid: doomed.id, message: `备份完成 ${"x".repeat(100)}`, title: "A title" });

    const list = await tableOf(home, ["gotify", "messages", "list"]);
    expect(list).toMatch(/^ID +WHEN +APP +PRIO +MESSAGE\n/);
    expect(list).toMatch(
      /^ 1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}Doomed +0 {2}A title: 备份完成 x+…$/m,
    );

    const deletion = openTerminal(home, ["gotify", "apps", "delete", "Doomed"]);
    onTestFinished(() => deletion.stop());
    await deletion.at(/Delete application 2 \(Doomed\)/, `y${ENTER}`);
    await deletion.at(/asks for the password once more/);
    await deletion.at(/Password of ada: /, `${PASSWORD}${ENTER}`);
    await deletion.at(/Deleted application 2/);
    expect(await deletion.ended, deletion.screen()).toBe(0);
    expect(deletion.screen()).not.toContain(PASSWORD);
    expect(emulator.store.applications()).toHaveLength(1);

    const tail = openTerminal(home, ["gotify", "tail", "--min-priority", "5"]);
    onTestFinished(() => tail.stop());
    await tail.at(/Waiting for messages/);
    emulator.push({ appid: 1, message: "quiet", priority: 1 });
    emulator.push({ appid: 1, message: "loud", priority: 8 });
    await tail.at(/OpenClaw \[8\] {2}loud/, CTRL_C);
    expect(await tail.ended, tail.screen()).toBe(0);
    expect(tail.screen()).not.toContain("quiet");
    expect(emulator.store.streamCount()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a deletion that is stopped says how far it came, and so it is",
  async () => {
    const { home, emulator } = await setup("v3");
    const ids = Array.from({ length: MANY }, (_, n) =>
      String(emulator.push({ appid: 1, message: `${n}` }).id),
    );
    const command = startOpenClaw(home, [
      "gotify",
      "messages",
      "delete",
      ...ids,
      "--yes",
      "--json",
    ]);
    onTestFinished(async () => void (await command.kill()));
    await emulator.until(() => isDeleting(emulator), 60_000);
    process.kill(command.pid, "SIGINT");
    const { code } = await command.exited;
    const { deleted = [], notDeleted = [], ...answer } = Answer.parse(JSON.parse(command.stdout()));
    expect([code, answer.ok, answer.code]).toEqual([1, false, "GOTIFY_INTERRUPTED"]);
    expect(deleted.length + notDeleted.length).toBe(MANY);
    expect(deleted.length).toBeGreaterThan(0);
    expect(emulator.store.messages().map(({ id }) => id)).toEqual(notDeleted);
  },
  TEST_TIMEOUT_MS,
);

function isDeleting(emulator: Emulator): boolean {
  return emulator.store.requests().some(({ method }) => method === "DELETE");
}

/** The table that a command shows in a terminal of the usual width, none of whose lines is wrapped. */
async function tableOf(home: OpenClawHome, args: readonly string[]): Promise<string> {
  const terminal = openTerminal(home, args);
  onTestFinished(() => terminal.stop());
  expect(await terminal.ended, terminal.screen()).toBe(0);
  const lines = terminal.screen().trimEnd().split("\n");
  // What stands above is the host's, which draws over it while it loads.
  const table = lines.slice(lines.findIndex((line) => /^ *ID /.test(line)));
  expect(table.filter((line) => columnsOf(line) > COLUMNS)).toEqual([]);
  return table.join("\n");
}

/** Counted in another way than the table counts: the ideographs of this test take two columns each. */
function columnsOf(line: string): number {
  return line.length + Array.from(line).filter((letter) => letter >= "一" && letter <= "龥").length;
}
