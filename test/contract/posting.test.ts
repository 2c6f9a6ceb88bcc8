// Owns the facts about POST /message: what it takes, what it makes of it, and how it says no.
import { describe, expect, test } from "vitest";
import { asObject, badRequest } from "./call.ts";
import { anyInstant } from "./like.ts";
import { contract } from "./suite.ts";

contract("posting", (site) => {
  test("the answer is the stored message, in this order of members, without extras when there are none", async () => {
    const application = await site.application();
    const reply = await site.post(application, { message: "text", title: "title", priority: 3 });
    expect(reply.contentType).toBe("application/json");
    expect(Object.keys(asObject(reply.json))).toEqual([
      "id",
      "appid",
      "message",
      "title",
      "priority",
      "date",
    ]);
    expect(reply.json).toMatchObject({
      appid: application.id,
      message: "text",
      title: "title",
      priority: 3,
      date: anyInstant,
    });
  });

  test("ids are positive and grow with every message", async () => {
    const application = await site.application();
    const first = await site.post(application);
    const second = await site.post(application);
    expect(first.id).toBeGreaterThan(0);
    expect(second.id).toBeGreaterThan(first.id);
  });

  test("a missing, empty, blank or null title becomes the application's name; a padded one stays padded", async () => {
    const application = await site.application();
    for (const title of [undefined, "", " \t\n", null]) {
      const reply = await site.post(application, { message: "m", title });
      expect(reply.json).toMatchObject({ title: application.name });
    }
    const padded = await site.post(application, { message: "m", title: " x " });
    expect(padded.json).toMatchObject({ title: " x " });
  });

  test("a missing or null priority becomes the application's default, 0 stays 0", async () => {
    const application = await site.application({ defaultPriority: 7 });
    const priorities = [undefined, null, 0, -3, 12];
    const stored: unknown[] = [];
    for (const priority of priorities) {
      const reply = await site.post(application, { message: "m", priority });
      stored.push(asObject(reply.json)["priority"]);
    }
    expect(stored).toEqual([7, 7, 0, -3, 12]);
  });

  test("a new application's messages have priority 0", async () => {
    const reply = await site.post(await site.application());
    expect(reply.json).toMatchObject({ priority: 0 });
  });

  test("a priority may be any 64-bit integer, digit for digit", async (context) => {
    context.skip(site.kind === "url", "a 32-bit server takes 32 bits");
    const application = await site.application();
    const reply = await site.call("POST", "/message", {
      as: application,
      jsonText: '{"message":"m","priority":9223372036854775807}',
    });
    expect(reply.text).toContain('"priority":9223372036854775807,');
  });

  test("one blank is message enough, an empty text is not", async () => {
    const application = await site.application();
    const blank = await site.post(application, { message: " " });
    expect(blank.json).toMatchObject({ message: " " });
    const empty = await site.call("POST", "/message", { as: application, json: { message: "" } });
    expect([empty.status, empty.text]).toEqual([400, badRequest("Field 'message' is required")]);
  });

  test("good id and date in the body are ignored, and so are members it does not know", async () => {
    const application = await site.application();
    const reply = await site.post(application, {
      message: "m",
      id: 1,
      date: "2001-02-03T04:05:06Z",
      unknown: { deep: true },
    });
    expect(reply.json).not.toMatchObject({ date: "2001-02-03T04:05:06Z" });
    expect(asObject(reply.json)).not.toHaveProperty("unknown");
  });

  test("member names are taken in any case, and what follows the JSON is not read", async () => {
    const as = await site.application();
    const jsonText = '{"MESSAGE":"caps","Title":"t"} trailing';
    const reply = await site.call("POST", "/message", { as, jsonText });
    expect(reply.json).toMatchObject({ message: "caps", title: "t" });
  });

  test("text comes back as it was sent: newlines, quotes, HTML, emoji, control characters", async (context) => {
    context.skip(site.database === "mysql-utf8mb3", "does not store emoji");
    const application = await site.application();
    const message = 'a\nb\r\n\t"q" \\ <b>&amp;</b> \u2028 👩‍💻 ünï \u0001\u007f';
    const reply = await site.post(application, { message, title: message });
    expect(reply.json).toMatchObject({ message, title: message });
    expect(reply.text).toContain(String.raw`\u003cb\u003e\u0026amp;\u003c/b\u003e \u2028`);
  });

  test("a lone surrogate becomes U+FFFD", async () => {
    const as = await site.application();
    const jsonText = String.raw`{"message":"a \ud800 b"}`;
    const reply = await site.call("POST", "/message", { as, jsonText });
    expect(reply.json).toMatchObject({ message: "a \ufffd b" });
  });

  describe("refusals", () => {
    const type = (): string => site.choose("MessageExternal", "CreateMessage");
    const cases: ReadonlyArray<readonly [body: string, reason: () => string]> = [
      ["", () => "EOF"],
      ["{", () => "unexpected EOF"],
      ['{"message":"a"', () => "unexpected EOF"],
      ["null", () => "Field 'message' is required"],
      ['{"message":null}', () => "Field 'message' is required"],
      ["[]", () => `json: cannot unmarshal array into Go value of type model.${type()}`],
      ['"x"', () => `json: cannot unmarshal string into Go value of type model.${type()}`],
      ["xx", () => "invalid character 'x' looking for beginning of value"],
      ["{message:1}", () => "invalid character 'm' looking for beginning of object key string"],
      [
        '{"message":"a",}',
        () => "invalid character '}' looking for beginning of object key string",
      ],
      ['{"message":"a\nb"}', () => String.raw`invalid character '\n' in string literal`],
      ['{"message":5}', () => misfit("number", "message", "string")],
      ['{"message":"a","priority":1.5}', () => misfit("number 1.5", "priority", "int")],
      ['{"message":"a","priority":1.0}', () => misfit("number 1.0", "priority", "int")],
      ['{"message":"a","priority":1e2}', () => misfit("number 1e2", "priority", "int")],
      ['{"message":"a","priority":"5"}', () => misfit("string", "priority", "int")],
      ['{"message":"a","title":5}', () => misfit("number", "title", "string")],
      ['{"message":"a","appid":-1}', () => misfit("number -1", "appid", "uint")],
      ['{"message":"a","appid":"1"}', () => misfit("string", "appid", "uint")],
      ['{"message":"a","extras":5}', () => misfit("number", "extras", "map[string]interface {}")],
      ['{"message":"a","extras":[]}', () => misfit("array", "extras", "map[string]interface {}")],
      ['{"message":"a","extras":{"n":1E400}}', () => misfit("number 1E400", "extras", "float64")],
      ['{"title":5,"message":true}', () => misfit("number", "title", "string")],
    ];

    function misfit(what: string, field: string, into: string): string {
      return `json: cannot unmarshal ${what} into Go struct field ${type()}.${field} of type ${into}`;
    }

    test.for(cases)("%j is a 400 that says why", async ([jsonText, reason]) => {
      const as = await site.application();
      const reply = await site.call("POST", "/message", { as, jsonText });
      expect(reply.text).toBe(badRequest(reason()));
      expect(reply.status).toBe(400);
    });
  });

  describe("other bodies", () => {
    test("forms are read, urlencoded and multipart, also with an empty priority for 0", async () => {
      const as = await site.application({ defaultPriority: 4 });
      const fields = { message: "from a form", title: "t", priority: "2" };
      const multipart = new FormData();
      for (const [name, value] of Object.entries(fields)) multipart.append(name, value);
      for (const body of [new URLSearchParams(fields), multipart]) {
        const reply = await site.call("POST", "/message", { as, body });
        expect(reply.json).toMatchObject({ message: "from a form", title: "t", priority: 2 });
      }
      const body = new URLSearchParams({ message: "m", priority: "" });
      const reply = await site.call("POST", "/message", { as, body });
      expect(reply.json).toMatchObject({ priority: 0 });
    });

    test("a form with a bad number is a 400 with the parser's words", async () => {
      const as = await site.application();
      const body = new URLSearchParams({ message: "m", priority: "x" });
      const reply = await site.call("POST", "/message", { as, body });
      expect(reply.text).toBe(badRequest('strconv.ParseInt: parsing "x": invalid syntax'));
    });

    test("fields may stand in the query when the body is no JSON", async () => {
      const as = await site.application();
      const reply = await site.call("POST", "/message?message=q&priority=5", { as });
      expect(reply.json).toMatchObject({ message: "q", priority: 5 });
    });

    test("JSON that does not say it is JSON counts as an empty form", async () => {
      const as = await site.application();
      const reply = await site.call("POST", "/message", {
        as,
        body: '{"message":"m"}',
        headers: { "content-type": "text/plain" },
      });
      expect(reply.text).toBe(badRequest("Field 'message' is required"));
    });

    test("a charset beside the JSON type is fine", async () => {
      const as = await site.application();
      const reply = await site.call("POST", "/message", {
        as,
        body: '{"message":"m"}',
        headers: { "content-type": "application/json; charset=utf-8" },
      });
      expect(reply.status).toBe(200);
    });
  });
});
