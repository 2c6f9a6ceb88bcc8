import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { asObject } from "../gotify/parse.ts";
import { clearMessages, deleteMessages } from "./message-delete.ts";
import { listMessages, type MessageListOptions } from "./message-list.ts";
import { InterruptedError } from "./surroundings.ts";
import { widthOf } from "./text.ts";

const HOUR_MS = 3_600_000;
const YES = { yes: true, json: true };

async function setup(personality: Personality = "v3") {
  let now = Date.now() - 100 * HOUR_MS;
  const emulator = await startEmulator({ personality, now: () => new Date(now) });
  onTestFinished(() => emulator.stop());
  const own = emulator.createApplication("OpenClaw");
  const backup = emulator.createApplication("Backup");
  const reader = emulator.createClient("OpenClaw");
  const gotify = { serverUrl: emulator.url, appToken: own.token, clientToken: reader.token };
  const admin = administration(gotify);
  return {
    emulator,
    own,
    backup,
    ...admin,
    hourLater: () => void (now += HOUR_MS),
    push: (appid: number, message: string, more: object = {}) =>
      emulator.push({ appid, message, ...more }).id,
    ids: () => emulator.store.messages().map(({ id }) => id),
    list: async (options: MessageListOptions) => {
      const { json } = await admin.run((at) => listMessages({ ...options, json: true }, at));
      const messages: readonly unknown[] = Array.isArray(json["messages"]) ? json["messages"] : [];
      return { ...json, ids: messages.map((one) => asObject(one)?.["id"]) };
    },
  };
}

describe.each<Personality>(["v2", "v3"])("messages on Gotify %s", (personality) => {
  test("are listed newest first, page by page, for a person and for a program", async () => {
    const { emulator, own, backup, push, list, run } = await setup(personality);
    for (let n = 1; n <= 450; n += 1) push(n % 2 === 0 ? own.id : backup.id, `text ${n}`);
    expect(await list({ limit: "3" })).toMatchObject({ ok: true, ids: [450, 449, 448], next: 448 });
    const pages = emulator.store.requests().filter(({ url }) => url.startsWith("/message"));
    expect(pages.map(({ url }) => url)).toEqual(["/message?limit=3"]);
    expect(await list({ limit: "2", before: "448" })).toMatchObject({ ids: [447, 446], next: 446 });
    expect(await list({ limit: "2", before: "3" })).toMatchObject({ ids: [2, 1], next: null });
    expect((await list({})).ids).toHaveLength(20);
    expect(await list({ all: true, app: "Backup" })).toMatchObject({ next: null });
    expect((await list({ all: true, app: `${backup.id}` })).ids).toHaveLength(225);
    const { out } = await run((at) => listMessages({ limit: "2" }, at), { columns: 80 });
    expect(out).toMatch(/^ ID {2}WHEN {14}APP/);
    expect(out).toMatch(/\n450 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}OpenClaw +0 {2}text 450\n/);
    expect(out).toContain("There are more: add --before 449, --limit or --all.");
  });

  test("are filtered by a beginning and an expression, however far back", async () => {
    const { own, push, list, hourLater } = await setup(personality);
    push(own.id, "disk is FULL");
    hourLater();
    for (let n = 2; n <= 300; n += 1) push(own.id, "nothing new");
    hourLater();
    push(own.id, "all is well", { title: "Disk" });
    expect((await list({ grep: "^disk" })).ids).toEqual([301, 1]);
    expect(await list({ grep: "^disk", limit: "1" })).toMatchObject({ ids: [301], next: 102 });
    expect((await list({ grep: "full$" })).ids).toEqual([1]);
    expect(await list({ grep: "^disk", limit: "1", before: "102" })).toMatchObject({ ids: [1] });
    expect((await list({ since: "299" })).ids).toEqual([301, 300]);
    // The first was posted 100 hours ago, the last two hours later.
    expect((await list({ since: `${98.5 * 60}m` })).ids).toEqual([301]);
    expect((await list({ since: "97h" })).ids).toEqual([]);
    expect((await list({ since: `${99.5 * 60}m`, all: true })).ids).toHaveLength(300);
    expect((await list({ since: "200h", all: true })).ids).toHaveLength(301);
  });

  test("say whether more match, and are read no further than the beginning", async () => {
    const { emulator, own, push, run, list, hourLater } = await setup(personality);
    for (let n = 1; n <= 650; n += 1) {
      if (n === 445) hourLater();
      push(own.id, n % 2 === 0 ? "even" : "odd");
    }
    const more = async (options: MessageListOptions): Promise<string | undefined> => {
      const { out } = await run((at) => listMessages(options, at));
      return /There.*/.exec(out)?.[0];
    };
    const pagesOf = async (options: MessageListOptions): Promise<number> => {
      const before = emulator.store.requests().length;
      await list(options);
      return emulator.store
        .requests()
        .slice(before)
        .filter(({ url }) => url.startsWith("/message?")).length;
    };
    const are = (id: number): string => `There are more: add --before ${id}, --limit or --all.`;
    // The 206 newest, of which 200 are on the first page; they were posted 99 hours ago.
    const since = `${99.5 * 60}m`;
    expect(await more({ since, limit: "206" })).toBeUndefined();
    expect(await more({ since, limit: "205" })).toBe(are(446));
    expect(await more({ since, limit: "200" })).toBe(are(451));
    expect(await more({ since: "id:630", limit: "20" })).toBeUndefined();
    expect(await more({ since: "id:630", limit: "19" })).toBe(are(632));
    expect(await more({ limit: "650" })).toBeUndefined();
    expect(await more({ limit: "649" })).toBe(are(2));
    expect(await more({ grep: "odd", limit: "99" })).toBe(are(453));
    expect(await more({ grep: "odd", limit: "100" })).toBe(are(451).replace("are", "may be"));
    expect(await more({ grep: "odd", since: "id:640", limit: "5" })).toBeUndefined();
    // One page past the beginning, as dates need not be in the order of the ids; ids are.
    expect(await pagesOf({ since, all: true })).toBe(3);
    expect(await pagesOf({ since: "id:450", all: true })).toBe(1);
    expect(await pagesOf({ since: "id:449", all: true })).toBe(2);
  });

  test("are deleted by their ids, after a look at what they are", async () => {
    const { own, push, run, ids, person, asked } = await setup(personality);
    for (const text of ["a", "b", "c"]) push(own.id, text, { title: "Door" });
    const one = await run((at) => deleteMessages(["2"], {}, at), person("y"));
    expect([one.code, one.out, ids()]).toEqual([0, "Deleted message 2.\n", [1, 3]]);
    expect(asked).toEqual(["Delete message 2 of OpenClaw (Door: b)? [y/N] "]);
    const many = await run((at) => deleteMessages(["1", "3", "1"], YES, at));
    expect([many.code, many.json["deleted"], ids()]).toEqual([0, [1, 3], []]);
  });

  test("are cleared for one application, or for all of them", async () => {
    const { own, backup, push, run, ids, person, asked } = await setup(personality);
    for (let n = 0; n < 201; n += 1) push(own.id, "x");
    push(backup.id, "y");
    const app = await run((at) => clearMessages({ app: "OpenClaw" }, at), person("y"));
    expect([app.code, ids()]).toEqual([0, [202]]);
    expect(asked[0]).toBe(
      "Delete all messages of application 1 (OpenClaw) (more than 200)? [y/N] ",
    );
    const refused = await run((at) => clearMessages({ allApps: true }, at));
    expect([refused.code, ids()]).toEqual([1, [202]]);
    expect(refused.err).toContain("Add --yes");
    const all = await run((at) => clearMessages({ ...YES, allApps: true }, at));
    expect([all.code, ids()]).toEqual([0, []]);
    const again = await run((at) => clearMessages({ allApps: true }, at));
    expect(again.out).toBe("There are no messages in every application.\n");
    for (const options of [{}, { app: "1", allApps: true }]) {
      const { code, err } = await run((at) => clearMessages(options, at));
      expect([code, err]).toEqual([1, expect.stringContaining("or --all-apps")]);
    }
  });
});

describe("a deletion of many messages", () => {
  test("does nothing when one of them is not there, or somebody else's", async () => {
    const { emulator, own, push, run, ids } = await setup();
    const bob = emulator.createUser("bob");
    const foreign = push(emulator.createApplication("Bob's", { userId: bob.id }).id, "secret");
    const mine = push(own.id, "a");
    const { code, json } = await run((at) =>
      deleteMessages([`${mine}`, `${foreign}`, "77"], YES, at),
    );
    expect([code, json["code"], json["missing"]]).toEqual([1, "GOTIFY_NOT_FOUND", [foreign, 77]]);
    expect(ids()).toEqual([foreign, mine]);
    const word = await run((at) => deleteMessages(["all"], YES, at));
    expect(word.json["error"]).toContain('"all" is no message\'s id');
  });

  test("tells how far it came when it is stopped, or the server goes away", async () => {
    const { emulator, own, push, run, ids } = await setup();
    for (const text of ["a", "b", "c", "d", "e"]) push(own.id, text);
    const stop = new AbortController();
    const after = (count: number, what: () => void) => ({
      progress: (label: string) => ({
        at: (done: number) => {
          if (label.startsWith("Deleting") && done === count) what();
        },
        end: () => {},
      }),
    });
    const stopped = await run(
      (at) => deleteMessages(["1", "2", "3", "4", "5"], { yes: true }, at),
      {
        interruptible: (work) => work(stop.signal),
        ...after(2, () => stop.abort(new InterruptedError())),
      },
    );
    expect([stopped.code, stopped.out, stopped.err]).toEqual([
      1,
      "",
      "Deleted 2 of 5 messages, then: it was stopped. Not deleted: 3, 4, 5.\n",
    ]);
    expect(ids()).toEqual([3, 4, 5]);
    const gone = await run(
      (at) => deleteMessages(["3", "4", "5"], YES, at),
      after(1, () => void (emulator.faults.badGateway = true)),
    );
    expect(gone.json).toMatchObject({ ok: false, deleted: [3], notDeleted: [4, 5] });
    expect(ids()).toEqual([4, 5]);
  });

  test("counts what somebody else has deleted meanwhile as done", async () => {
    const { emulator, own, push, run, ids, person } = await setup();
    for (const text of ["a", "b"]) push(own.id, text);
    const { person: asked } = person("y");
    const { code } = await run((at) => deleteMessages(["1", "2"], {}, at), {
      person: {
        ask: async (question) => {
          emulator.deleteMessage(1);
          return asked?.ask(question) ?? "";
        },
        askHidden: async () => "",
      },
    });
    expect([code, ids()]).toEqual([0, []]);
  });
});

describe("a list", () => {
  test("keeps to the terminal's width, and to one line for each message", async () => {
    const { own, push, run } = await setup();
    push(own.id, `备份 👍\n${"完成".repeat(60)}\u001b[2J`, { title: "A title\u202e of its own" });
    const { out } = await run((at) => listMessages({}, at), { columns: 80 });
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(widthOf(lines[1] ?? "")).toBeLessThanOrEqual(80);
    for (const steering of ["\u001b", "\u202e"]) expect(out).not.toContain(steering);
  });

  test.each<[MessageListOptions, RegExp]>([
    [{ limit: "0" }, /--limit is a whole number above 0/],
    [{ limit: "5", all: true }, /not both/],
    [{ before: "x" }, /--before is a whole number/],
    [{ since: "yesterday" }, /--since is a message's id/],
    [{ since: "2026" }, /write 2026-01-01 or id:2026/],
    [{ grep: "(\u001b[2J\n" }, /--grep is a regular expression, and "\( \[2J " is none/],
    [{ app: "Nobody" }, /There is no application "Nobody"/],
  ])("refuses %j in one line", async (options, words) => {
    const { run } = await setup();
    const { code, out, err } = await run((at) => listMessages(options, at));
    expect([code, out, err.trim().split("\n").length]).toEqual([1, "", 1]);
    expect(err).toMatch(words);
  });

  test("says that nothing matches, and of how many", async () => {
    const { own, push, run } = await setup();
    expect((await run((at) => listMessages({}, at))).out).toBe("There are no messages.\n");
    push(own.id, "a");
    const { code, out } = await run((at) => listMessages({ grep: "z" }, at));
    expect([code, out]).toEqual([0, "None of 1 messages matches.\n"]);
  });
});
