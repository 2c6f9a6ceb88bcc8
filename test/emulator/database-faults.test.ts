// Owns the proof that the database behind the emulator refuses, freezes and slows down as ordered.
import { describe, expect, test } from "vitest";
import { asList, asObject, call, credentials } from "../contract/call.ts";
import { Listener } from "../contract/listener.ts";
import type { Database } from "./index.ts";
import { setup } from "./start.ts";

describe("permanent refusals", () => {
  const long = "x".repeat(65_536);
  const incorrect = (bytes: string, column: string): string =>
    `Error 1366 (22007): Incorrect string value: '${bytes}' for column \`gotify\`.\`messages\`.\`${column}\` at row 1`;
  const cases: ReadonlyArray<
    readonly [name: string, Database, draft: { message: string; title?: string }, text: string]
  > = [
    [
      "a text of 65,536 bytes",
      "mysql",
      { message: long, title: long },
      "Error 1406 (22001): Data too long for column 'message' at row 1",
    ],
    [
      "a title of 65,536 bytes",
      "mysql",
      { message: "m", title: `${"ä".repeat(32_767)}xx` },
      "Error 1406 (22001): Data too long for column 'title' at row 1",
    ],
    [
      "a character across byte 65,535",
      "mysql",
      { message: "ä".repeat(33_000) },
      incorrect(String.raw`\xC3\xA4\xC3\xA4\xC3\xA4...`, "message"),
    ],
    [
      "an emoji without utf8mb4",
      "mysql-utf8mb3",
      { message: "a👍b" },
      incorrect(String.raw`\xF0\x9F\x91\x8Db`, "message"),
    ],
    [
      "an emoji in the title without utf8mb4",
      "mysql-utf8mb3",
      { message: "m", title: "t👍 and more" },
      incorrect(String.raw`\xF0\x9F\x91\x8D a...`, "title"),
    ],
    [
      "NUL",
      "postgres",
      { message: "a\0b" },
      'ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)',
    ],
  ];

  test.for(cases)("%s on %s is a 500 with the database's words", async (refused) => {
    const [, database, draft, text] = refused;
    const { emulator, application, post } = await setup();
    emulator.faults.database = database;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const reply = await call(`${emulator.url}/message`, "POST", { as: application, json: draft });
      expect(reply.status).toBe(500);
      expect(asObject(reply.json)["errorDescription"]).toBe(text);
    }
    // No id is lost by it.
    expect((await post("fine")).json).toMatchObject({ id: 1 });
    emulator.faults.clear();
    const reply = await call(`${emulator.url}/message`, "POST", { as: application, json: draft });
    expect(reply.status).toBe(200);
  });

  test.for([
    ["mysql", { message: "a\0👍".repeat(9000) }],
    ["mysql-utf8mb3", { message: "x".repeat(65_535), extras: { "x::y": { z: "👍" } } }],
    ["postgres", { message: `${long}👍` }],
  ] as const)("%s stores what another one refuses", async ([database, json]) => {
    const { emulator, application } = await setup();
    emulator.faults.database = database;
    const reply = await call(`${emulator.url}/message`, "POST", { as: application, json });
    expect(reply.status).toBe(200);
  });

  test.for([
    ["sqlite3", "123456789"],
    ["postgres", "123456"],
    ["mysql", "123"],
  ] as const)("on %s a page shows a date with the digits %s", async ([database, digits]) => {
    const { emulator, application, client, connect } = await setup();
    const stream = await connect();
    emulator.faults.database = database;
    // The clock of a test has its own digits below the milliseconds.
    const pushed = emulator.push({ appid: application.id, message: "m" });
    const shown = await call(`${emulator.url}/message`, "GET", { as: client });
    const [stored] = asList(asObject(shown.json)["messages"]);
    const date = String(stored?.["date"]);
    expect(pushed.date.slice(0, -1)).toMatch(
      new RegExp(`^${date.slice(0, -1).replace(".", "\\.")}`),
    );
    expect((/\.(\d+)Z$/.exec(date)?.[1] ?? "").length).toBeLessThanOrEqual(digits.length);
    expect(await stream.frameOf(1)).toContain(pushed.date);
  });
});

describe("databaseFrozen", () => {
  test("everything that asks the database hangs, and is answered well when it thaws; streams live on", async () => {
    const { emulator, client, connect, post } = await setup();
    const stream = await connect();
    emulator.faults.databaseFrozen = true;
    const get = (path: string): ReturnType<typeof call> =>
      call(`${emulator.url}${path}`, "GET", { as: client });
    let settled = 0;
    const hanging = [get("/health"), get("/message"), get("/current/user"), post("m")].map(
      async (reply) => {
        const { status } = await reply;
        settled += 1;
        return status;
      },
    );
    const opening = Listener.open(`${emulator.url}/stream`, { headers: credentials(client) });
    let isOpen = false;
    void opening.then(() => (isOpen = true));
    await emulator.until(() => emulator.store.requests().length === 6);
    // Neither needs the database.
    expect((await call(`${emulator.url}/version`, "GET")).status).toBe(200);
    for (const as of [undefined, { token: "gtfya.malformed" }]) {
      expect((await call(`${emulator.url}/message`, "GET", { as })).status).toBe(401);
    }
    await stream.roundTrip();
    expect([settled, emulator.store.messages().length, isOpen]).toEqual([0, 0, false]);

    emulator.faults.databaseFrozen = false;
    expect(await Promise.all(hanging)).toEqual([200, 200, 200, 200]);
    await stream.frameOf(1);
    await (await opening)[Symbol.asyncDispose]();
  });
});

test("pageCostMs is what a page costs, whatever its limit, and other calls do not pay it", async () => {
  const { emulator, client } = await setup();
  emulator.faults.pageCostMs = 120;
  const timed = async (path: string): Promise<number> => {
    const startedAt = performance.now();
    await call(`${emulator.url}${path}`, "GET", { as: client });
    return performance.now() - startedAt;
  };
  expect(await timed("/message?limit=1")).toBeGreaterThan(115);
  expect(await timed("/application/1/message")).toBeGreaterThan(115);
  expect(await timed("/current/user")).toBeLessThan(115);
});

test.for([
  ["postgres", "(SQLSTATE 40001)"],
  ["mysql", "Error 1213 (40001)"],
] as const)("refuseNextApplications on %s is a 500 with %s, and no application", async (words) => {
  const [database, text] = words;
  const { emulator, client } = await setup();
  emulator.faults.database = database;
  emulator.faults.refuseNextApplications(1);
  const make = (): ReturnType<typeof call> =>
    call(`${emulator.url}/application`, "POST", { as: client, json: { name: "new" } });
  const refused = await make();
  expect([refused.status, refused.text.includes(text)]).toEqual([500, true]);
  expect(emulator.store.applications()).toHaveLength(1);
  expect((await make()).status).toBe(200);
});
