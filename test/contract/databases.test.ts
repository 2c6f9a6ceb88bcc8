// Owns the facts about the database behind a server as far as they show: what it refuses for good, and its dates.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { asList, asNumber, asObject, asString, errorText, type Reply } from "./call.ts";
import { contract, type OwnedToken, type Site } from "./suite.ts";
import { planDatabases } from "./target.ts";

const TEXT_BYTES = 65_535;
const STORED = "stored";
const STORED_LIKE = /^stored$/;

async function storedIn(site: Site, application: OwnedToken): Promise<readonly number[]> {
  const path = `/application/${application.id}/message`;
  const reply = await site.call("GET", path, { as: site.admin });
  return asList(asObject(reply.json)["messages"]).map(({ id }) => asNumber(id));
}

function storedAs(draft: object, { json }: Reply): boolean {
  const stored = asObject(json);
  return Object.entries(draft).every(([key, value]) => isDeepStrictEqual(stored[key], value));
}

function factsOf(site: Site): void {
  const post = (as: OwnedToken, json: unknown): Promise<Reply> =>
    site.call("POST", "/message", { as, json });

  /** "stored", or the words of a refusal that left nothing behind, also when it was tried again. */
  async function outcome(json: object): Promise<string> {
    const application = await site.application();
    const reply = await post(application, json);
    if (reply.status === 200) return storedAs(json, reply) ? STORED : "changed";
    const said = asString(asObject(reply.json)["errorDescription"]);
    expect(reply.text).toBe(errorText(500, "Internal Server Error", said));
    expect((await post(application, json)).status).toBe(500);
    expect(await storedIn(site, application)).toEqual([]);
    return said;
  }

  const isMysql = (): boolean => site.database.startsWith("mysql");
  const tooLong = (column: string): RegExp =>
    isMysql()
      ? new RegExp(`^Error 1406 \\(22001\\): Data too long for column '${column}' at row 1$`)
      : STORED_LIKE;
  const wrong = (bytes: string, column: string): RegExp =>
    new RegExp(
      `^Error 1366 \\(22007\\): Incorrect string value: '${bytes}' for column \`\\w+\`\\.\`messages\`\\.\`${column}\` at row 1$`,
    );
  const incorrect = (bytes: string, column: string): RegExp =>
    site.database === "mysql-utf8mb3" ? wrong(bytes, column) : STORED_LIKE;
  const withNul = (): RegExp =>
    site.database === "postgres"
      ? /^ERROR: invalid byte sequence for encoding "UTF8": 0x00 \(SQLSTATE 22021\)$/
      : STORED_LIKE;

  describe("sizes", () => {
    test("65,535 bytes of text are no problem", async () => {
      expect(await outcome({ message: "x".repeat(TEXT_BYTES), title: "t" })).toBe(STORED);
    });

    test("one more is one too many for MySQL, and bytes count, not characters", async () => {
      const one = { message: "x".repeat(TEXT_BYTES + 1), title: "t" };
      expect(await outcome(one)).toMatch(tooLong("message"));
      const two = { message: `${"ä".repeat((TEXT_BYTES - 1) / 2)}xx` };
      expect(await outcome(two)).toMatch(tooLong("message"));
    });

    test("when the limit is within a character, MySQL speaks of that character instead", async () => {
      const bytes = (count: number): string => String.raw`\\xC3\\xA4`.repeat(count);
      const one = { message: "ä".repeat((TEXT_BYTES + 1) / 2) };
      expect(await outcome(one)).toMatch(isMysql() ? wrong(bytes(1), "message") : STORED_LIKE);
      const more = { message: "m", title: "ä".repeat(TEXT_BYTES) };
      const cut = String.raw`${bytes(3)}\.\.\.`;
      expect(await outcome(more)).toMatch(isMysql() ? wrong(cut, "title") : STORED_LIKE);
    });

    test("the same goes for titles; the text is looked at first", async () => {
      const long = "x".repeat(TEXT_BYTES + 1);
      expect(await outcome({ message: "m", title: long })).toMatch(tooLong("title"));
      expect(await outcome({ message: long, title: long })).toMatch(tooLong("message"));
    });

    test("a megabyte is no problem to the others", async () => {
      expect(await outcome({ message: "x".repeat(1024 * 1024) })).toMatch(tooLong("message"));
    });
  });

  describe("characters", () => {
    test("emoji need utf8mb4 on MySQL", async () => {
      const emoji = String.raw`\\xF0\\x9F\\x91\\x8D`;
      expect(await outcome({ message: "a👍b" })).toMatch(incorrect(`${emoji}b`, "message"));
      const titled = { message: "m", title: "t👍 and more" };
      expect(await outcome(titled)).toMatch(incorrect(String.raw`${emoji} a\.\.\.`, "title"));
    });

    test("emoji in extras and letters in texts are fine everywhere", async () => {
      const json = { message: "äß€字", extras: { "x::y": { text: "👍" } } };
      expect(await outcome(json)).toBe(STORED);
    });

    test("PostgreSQL refuses NUL in text and title, and takes it in extras", async () => {
      expect(await outcome({ message: "a\0b" })).toMatch(withNul());
      expect(await outcome({ message: "m", title: "a\0b" })).toMatch(withNul());
      const json = { message: "m", extras: { "x::y": { text: "a\0b" } } };
      expect(await outcome(json)).toBe(STORED);
    });
  });

  test("a refused post costs no id", async (context) => {
    context.skip(!isMysql() && site.database !== "postgres", "nothing is refused");
    const application = await site.application();
    const json = { message: `a\0${"x".repeat(TEXT_BYTES)}` };
    const first = await site.post(application);
    expect((await post(application, json)).status).toBe(500);
    const second = await site.post(application);
    // Tests in other files may post to the same real database meanwhile.
    const most = site.kind === "emulator" ? 1 : 1000;
    expect(second.id - first.id).toBeGreaterThan(0);
    expect(second.id - first.id).toBeLessThanOrEqual(most);
  });

  test("a date that is read back has lost digits, cut off and not rounded", async () => {
    const application = await site.application();
    const digits = isMysql() ? 3 : site.database === "postgres" ? 6 : 9;
    for (let round = 0; round < 5; round += 1) {
      const posted = await site.post(application);
      const path = `/application/${application.id}/message?limit=1`;
      const page = asObject((await site.call("GET", path, { as: site.admin })).json);
      const [shown] = asList(page["messages"]);
      const dates = [asObject(posted.json)["date"], shown?.["date"]].map(asString);
      const [told, stored] = dates.map((date) => /\.(\d+)/.exec(date)?.[1] ?? "");
      expect(stored).toBe(told?.slice(0, digits).replace(/0+$/, ""));
      const [tellTime, storeTime] = dates.map((date) => Math.floor(Date.parse(date) / 1000));
      expect(storeTime).toBe(tellTime);
    }
  });
}

contract(
  "the database",
  (site) => {
    describe.skipIf(site.kind === "url")("of a server of our own", () => {
      factsOf(site);
    });
  },
  planDatabases(),
);
