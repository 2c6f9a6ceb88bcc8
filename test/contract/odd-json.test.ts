// Owns the facts about JSON that no sane client sends: very deep, the same name twice, what only the server sets.
import { describe, expect, test } from "vitest";
import { asObject, badRequest, type Reply } from "./call.ts";
import { contract, type OwnedToken } from "./suite.ts";

contract("odd JSON", (site) => {
  const post = (as: OwnedToken, jsonText: string): Promise<Reply> =>
    site.call("POST", "/message", { as, jsonText });
  const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

  test("10,000 levels are read, also where they mean nothing; one more is a 400", async () => {
    const as = await site.application();
    // The object around them is a level, too.
    const ignored = await post(as, `{"message":"m","x":${lists(9999)}}`);
    expect([ignored.status, asObject(ignored.json)["message"]]).toEqual([200, "m"]);
    for (const depth of [10_000, 60_000]) {
      const refused = await post(as, `{"message":"m","x":${lists(depth)}}`);
      expect(refused.text).toBe(badRequest("invalid character '[' exceeded max depth"));
    }
    const objects = `${'{"a":'.repeat(10_001)}1${"}".repeat(10_001)}`;
    const reason = "invalid character '{' exceeded max depth";
    expect((await post(as, objects)).text).toBe(badRequest(reason));
  });

  test("extras of such a depth come back", async () => {
    const as = await site.application();
    const reply = await post(as, `{"message":"m","extras":{"a":${lists(9990)}}}`);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain(`"extras":{"a":${lists(9990)}}`);
    const path = `/application/${as.id}/message`;
    const page = await site.call("GET", path, { as: site.admin });
    expect(page.text).toContain(lists(9990));
  });

  test("a null after a priority takes it back; after a text it is nothing", async () => {
    const as = await site.application({ defaultPriority: 3 });
    const priority = await post(as, '{"message":"m","priority":5,"priority":null}');
    expect(priority.json).toMatchObject({ priority: 3 });
    const text = await post(as, '{"message":"m","message":null,"title":"t","title":null}');
    expect(text.json).toMatchObject({ message: "m", title: "t" });
    const twice = await post(as, '{"message":"m","MESSAGE":"n"}');
    expect(twice.json).toMatchObject({ message: "n" });
  });

  test("a long s counts as an s in a name", async () => {
    const reply = await post(await site.application(), '{"me\u017f\u017fage":"m"}');
    expect(reply.json).toMatchObject({ message: "m" });
  });

  test("a title is blank when Go says so: with U+0085, without U+FEFF", async () => {
    const as = await site.application();
    for (const blank of ["\u0085", "\u00a0\u2003\u3000\v", "\u1680\u2028\u202f\u205f"]) {
      const reply = await post(as, JSON.stringify({ message: "m", title: blank }));
      expect(reply.json).toMatchObject({ title: as.name });
    }
    for (const title of ["\ufeff", "\u200b", "\u180e"]) {
      const reply = await post(as, JSON.stringify({ message: "m", title }));
      expect(reply.json).toMatchObject({ title });
    }
  });

  describe("id and date, which the server sets itself", () => {
    const parsing = (shown: string): string =>
      `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse`;
    const struct = "Go struct field MessageExternal.id of type uint";
    const cases: ReadonlyArray<readonly [member: string, reason: string]> = [
      ['"id":"x"', `json: cannot unmarshal string into ${struct}`],
      ['"id":-1', `json: cannot unmarshal number -1 into ${struct}`],
      ['"ID":1.5', `json: cannot unmarshal number 1.5 into ${struct}`],
      ['"date":"x"', String.raw`${parsing('"x"')} "x" as "2006"`],
      ['"date":""', String.raw`${parsing('""')} "" as "2006"`],
      ['"date":"2001-02-03"', String.raw`${parsing('"2001-02-03"')} "" as "T"`],
      ['"date":"2001-13-03T04:05:06Z"', 'parsing time "2001-13-03T04:05:06Z": month out of range'],
      ['"date":"2001-02-29T04:05:06Z"', 'parsing time "2001-02-29T04:05:06Z": day out of range'],
      ['"date":5', "Time.UnmarshalJSON: input is not a JSON string"],
      ['"id":"x","date":{}', "Time.UnmarshalJSON: input is not a JSON string"],
    ];

    test.for(cases)("%s is a 400 on v2, and nothing to v3", async ([member, reason]) => {
      const reply = await post(await site.application(), `{${member},"message":"m"}`);
      expect(reply.status).toBe(site.choose(400, 200));
      expect(site.choose(reply.text, "")).toBe(site.choose(badRequest(reason), ""));
    });

    test("good ones and nulls are fine", async () => {
      const as = await site.application();
      for (const members of [
        '"id":7,"date":"2001-02-03T04:05:06.789+01:00"',
        '"id":null,"date":null',
      ]) {
        expect((await post(as, `{"message":"m",${members}}`)).status).toBe(200);
      }
    });
  });
});
