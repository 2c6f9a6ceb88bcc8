// Owns the facts about extras: what survives the server's decoding and encoding, on all three ways back.
import { expect, test } from "vitest";
import { asList, asObject } from "./call.ts";
import { contract } from "./suite.ts";

/** The extras as written in an answer, before anything parses them. */
function rawExtras(text: string): string | undefined {
  return /"extras":(\{.*\}),"date"/.exec(text)?.[1];
}

contract("extras", (site) => {
  test("nested values come back the same in the answer, in the list and on the stream", async () => {
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const extras = {
      "openclaw::delivery": { stamp: "abc", parts: [1, 2.5, null, true, "x"], deep: { a: {} } },
      "client::display": { contentType: "text/markdown" },
    };
    const reply = await site.post(application, { message: "m", extras });
    const list = await site.call("GET", `/application/${application.id}/message`, {
      as: site.admin,
    });
    const listed = asList(asObject(list.json)["messages"])[0];
    const frame = asObject(JSON.parse(await stream.frameOf(reply.id)));
    expect(asObject(reply.json)["extras"]).toEqual(extras);
    expect(listed?.["extras"]).toEqual(extras);
    expect(frame["extras"]).toEqual(extras);
  });

  test("null and {} are the same as none: the member is absent", async () => {
    const application = await site.application();
    for (const extras of [null, {}, undefined]) {
      const reply = await site.post(application, { message: "m", extras });
      expect(asObject(reply.json)).not.toHaveProperty("extras");
    }
  });

  test("keys come back sorted, at every depth, integer-like ones as text", async () => {
    const as = await site.application();
    const jsonText = '{"message":"m","extras":{"b":1,"a":{"z":1,"y":2},"10":1,"9":1,"B":1}}';
    const reply = await site.call("POST", "/message", { as, jsonText });
    expect(rawExtras(reply.text)).toBe('{"10":1,"9":1,"B":1,"a":{"y":2,"z":1},"b":1}');
  });

  test("numbers pass through doubles: integers beyond 2^53 lose digits, spellings become the shortest", async () => {
    const as = await site.application();
    const numbers = "9007199254740993,1.0,2.50,1e21,1e20,1e-7,0.000001,-0,123456789.125";
    const jsonText = `{"message":"m","extras":{"n":[${numbers}]}}`;
    const reply = await site.call("POST", "/message", { as, jsonText });
    expect(rawExtras(reply.text)).toBe(
      '{"n":[9007199254740992,1,2.5,1e+21,100000000000000000000,1e-7,0.000001,-0,123456789.125]}',
    );
  });

  test("within extras the last of two equal keys wins, whatever is in it", async () => {
    const as = await site.application();
    const jsonText = '{"message":"m","extras":{"k":{"a":1},"k":{"b":2}}}';
    const reply = await site.call("POST", "/message", { as, jsonText });
    expect(rawExtras(reply.text)).toBe('{"k":{"b":2}}');
  });

  test("two extras become one, the later value of a key counts, and a null takes all of it back", async () => {
    const as = await site.application();
    const post = async (members: string): Promise<string | undefined> => {
      const jsonText = `{"message":"m",${members}}`;
      return rawExtras((await site.call("POST", "/message", { as, jsonText })).text);
    };
    const merged = await post('"extras":{"a":1,"b":1},"Extras":{"b":{"x":2},"c":3}');
    expect(merged).toBe('{"a":1,"b":{"x":2},"c":3}');
    expect(await post('"extras":{"a":1},"extras":null')).toBeUndefined();
    expect(await post('"extras":{"a":1},"extras":null,"extras":{"b":2}')).toBe('{"b":2}');
  });

  test("emoji, NUL and HTML in extras are kept on every database", async () => {
    const application = await site.application();
    const extras = { "x::y": { text: "👍 \0 <i>&</i> \u2028" } };
    const reply = await site.post(application, { message: "m", extras });
    expect(asObject(reply.json)["extras"]).toEqual(extras);
  });

  test("extras cannot be sent in a form", async () => {
    const as = await site.application();
    const body = new URLSearchParams({ message: "m", extras: '{"a":1}' });
    const reply = await site.call("POST", "/message", { as, body });
    expect(reply.status).toBe(200);
    expect(asObject(reply.json)).not.toHaveProperty("extras");
  });
});
